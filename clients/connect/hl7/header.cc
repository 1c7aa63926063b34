// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/header.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {
namespace {

Refusal Refuse(int code, absl::string_view location, absl::string_view text) {
  return {code, std::string(location), std::string(text)};
}

}  // namespace

std::string TriggerOf(const Segment& msh) {
  const std::string event = msh.Text(9, 2);
  return event.empty() ? msh.Text(9, 3) : event;
}

Refusal CheckWhole(const Message& message) {
  // Whose PID is whose cannot be known.
  if (message.HasSecondHeader()) {
    return Refuse(100, "MSH^2",
                  "the frame holds more than one MSH: send each message in its own frame");
  }
  if (message.HasControl()) {
    return Refuse(100, "MSH",
                  "the message holds a control character (1C, 0B, ...): send text with CR, LF and "
                  "TAB alone");
  }
  return {};
}

Refusal CheckHeader(const Segment& msh, const SenderSettings& sender) {
  if (msh.Text(9).empty()) return Refuse(101, "MSH^1^9", "message type is missing");
  if (msh.Text(10).empty()) return Refuse(101, "MSH^1^10", "message control id is missing");
  if (!OneOf(msh.Text(9), {"ADT", "ORM", "OML", "ORU"})) {
    return Refuse(200, "MSH^1^9", "message type is not taken here");
  }
  const std::string trigger = TriggerOf(msh);
  const bool order = OneOf(trigger, {"O01", "O21", "R01"});
  int number = 0;
  const bool adt = trigger.size() == 3 && trigger[0] == 'A' &&
                   absl::SimpleAtoi(trigger.substr(1), &number) && number >= 1 && number <= 62;
  if (!(msh.Text(9) == "ADT" ? adt : order)) {
    return Refuse(201, "MSH^1^9", "event is not of this message type");
  }
  const std::string processing = msh.Text(11);
  const auto& known = sender.processing_ids;
  if (std::find(known.begin(), known.end(), processing) == known.end()) {
    return Refuse(202, "MSH^1^11", "processing id is not accepted on this connection");
  }
  const std::string version = msh.Text(12);
  if (!version.empty() && !absl::StartsWith(version, "2.")) {
    return Refuse(203, "MSH^1^12", "version is not HL7 2.x");
  }
  return {};
}

}  // namespace birthseal::connect::hl7
