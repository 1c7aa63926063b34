// SPDX-License-Identifier: Apache-2.0
// One whole birth as an invented hospital system writes it, and how tests change and read it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "clients/connect/hl7/birth_message.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

constexpr char kBirth[] =
    "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1|||||CHN|UNICODE UTF-8\r"
    "EVN|A01|20260305145900\r"
    "PID|1||B100^^^H1^MR||云^宝宝||202603051408|F|||||||||||||M200^^^H1^MR||"
    "云岭省^青禾市^南溪县^990101|N|1\r"
    "NK1|1|云^朵|MTH^Mother^HL70063||||||||||||||||||||||||||||||11010519491231002X^^^^NI\r"
    "OBX|1|NM|8339-4^Birth weight^LN||3250|g\r"
    "OBX|2|NM|11884-4^Gestation^LN||269|d\r"
    "OBX|3|NM|89269-5^Length^LN||50.5|cm\r"
    "DG1|1||Z38.000\r";

inline connect::hl7::SenderSettings Sender() {
  connect::hl7::SenderSettings sender;
  sender.facility_code = "91350100M000100Y43";
  return sender;
}

// The birth with one text in place of another, which must be there.
inline std::string With(const std::string& from, const std::string& to,
                        const std::string& birth = kBirth) {
  std::string changed = absl::StrReplaceAll(birth, {{from, to}});
  EXPECT_NE(changed, birth) << "nothing replaced: " << from;
  return changed;
}

// What a message of one newborn gives.
inline v1::PushDeliveriesRequest ReadOne(const std::string& text,
                                         const connect::hl7::SenderSettings& sender = Sender()) {
  absl::StatusOr<connect::hl7::Message> message = connect::hl7::Message::Parse(text);
  EXPECT_OK(message);
  connect::hl7::BirthReading reading = connect::hl7::ReadBirths(*message, sender);
  EXPECT_EQ(reading.refusal.code, 0) << reading.refusal.text;
  EXPECT_EQ(reading.pushes.size(), 1u);
  return reading.pushes.empty() ? v1::PushDeliveriesRequest() : reading.pushes[0];
}

inline std::vector<std::string> Codes(const v1::PushDeliveriesRequest& push, bool fatal) {
  std::vector<std::string> codes;
  for (const v1::FeedDefect& d : push.defects()) {
    if (d.fatal() == fatal) codes.push_back(d.code());
  }
  return codes;
}

}  // namespace birthseal::tests
