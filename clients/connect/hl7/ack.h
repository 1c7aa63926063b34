// SPDX-License-Identifier: Apache-2.0
// The answer to an HL7 v2 message: a pure function of message, verdict and time of acceptance, so
// that a repeat gets the same bytes as the first time.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/connect/hl7/birth_message.h"
#include "clients/connect/hl7/message.h"

namespace birthseal::connect::hl7 {

enum class AckCode { kAccept, kError, kReject };

struct AckContent {
  AckCode code = AckCode::kAccept;
  absl::Time accepted_time;
  Refusal refusal;                      // kReject
  std::vector<v1::FeedDefect> defects;  // warnings of an AA, reasons of an AE
};

// What the verdicts of a message's newborns add up to.
AckContent AckFor(const std::vector<v1::PushDeliveriesResponse>& verdicts);

// Empty when the sender asked for no answer (MSH-15 and MSH-16). Original mode when both are
// empty: AA, AE, AR; else enhanced: CA, CE, CR. UTF-8; ASCII apart from what MSH-3 to 6 hold.
std::string ComposeAck(const Message& message, const AckContent& content);
// For bytes that are no HL7 message at all.
std::string ComposeReject(absl::Time time, absl::string_view text);

}  // namespace birthseal::connect::hl7
