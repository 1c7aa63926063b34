// SPDX-License-Identifier: Apache-2.0
// One HL7 v2 message from raw bytes to its answer: transcode, parse, push, acknowledge.
//
// Stored first, answered after. Our own trouble is silence and a closed connection, since AR is
// ambiguous to interface engines. Thread-safe.
#pragma once

#include <string>

#include "certs/clock.h"
#include "clients/connect/feed_link.h"
#include "clients/connect/hl7/birth_message.h"
#include "clients/connect/hl7/encoding.h"
#include "clients/connect/mllp/listener.h"

namespace birthseal::connect {

class Hl7Intake {
 public:
  // `link` and `clock` outlive the intake.
  Hl7Intake(hl7::SenderSettings sender, hl7::Charset charset, FeedLink* link,
            const certs::Clock* clock);
  mllp::Reply Answer(const std::string& raw) const;

 private:
  mllp::Reply Refused(const std::string& raw, const std::string& source_id, absl::string_view code,
                      absl::string_view location, const hl7::Message* message,
                      const hl7::Refusal& refusal, hl7::Charset charset) const;
  void Complete(const std::string& raw, std::vector<v1::PushDeliveriesRequest>* pushes) const;

  const hl7::SenderSettings sender_;
  const hl7::Charset charset_;
  FeedLink* const link_;
  const certs::Clock* const clock_;
};

}  // namespace birthseal::connect
