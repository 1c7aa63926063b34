// SPDX-License-Identifier: Apache-2.0
// What an HL7 v2 message says about births: the field map. ARCHITECTURE.md, "Hospital feeds".
//
// Reads what is there and names what is doubtful; it never guesses, pads or divides. A defect
// either makes the record unusable (fatal: AE) or sends it to a person (review: AA with warning).
// Thread-safe: pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/connect/hl7/message.h"

namespace birthseal::connect::hl7 {

// What a listener knows about its sender.
struct SenderSettings {
  std::string facility_code;  // USCC: from the connection, never from MSH-4
  std::string facility_name;
  absl::TimeZone zone = absl::FixedTimeZone(8 * 3600);  // times without an offset
  std::vector<std::string> processing_ids = {"P"};      // MSH-11 values that are real
  bool weeks_and_days = false;                          // gestation "384" means 38 weeks 4 days
};

// Why a message as a whole is refused (AR), with the code of HL7 table 0357.
struct Refusal {
  int code = 0;  // 0: not refused
  std::string location, text;
};

struct BirthReading {
  Refusal refusal;
  // ACK or a message with MSA: nothing is stored and nothing is answered.
  bool acknowledgement = false;
  // One for each newborn of the message; events we do not use give one of event IGNORED.
  // `seq`, `content_digest`, `raw` and `facility_code` are left to the caller.
  std::vector<v1::PushDeliveriesRequest> pushes;
};

// `received`: what ages are counted to when the message gives no time of its own.
BirthReading ReadBirths(const Message& message, const SenderSettings& sender,
                        absl::Time received = absl::InfinitePast());

// MSH-3 | MSH-4 | MSH-10: the sender's identity of the message, not to be trusted alone.
std::string SourceMessageId(const Message& message);

// HL7 table 0357 code of a defect code: 101 required field missing, 102 data type, 103 table value.
int ErrorCodeOf(absl::string_view defect_code);

}  // namespace birthseal::connect::hl7
