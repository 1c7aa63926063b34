// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/group.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace birthseal::connect::hl7 {

const Segment* Group::Find(absl::string_view name) const {
  for (size_t i = begin; i < end; ++i) {
    if (message.segments()[i].name() == name) return &message.segments()[i];
  }
  return nullptr;
}

bool InForce(const Segment& segment) {
  if (segment.name() == "OBX") {
    return !OneOf(absl::AsciiStrToUpper(segment.Text(11)), {"W", "D", "X"});
  }
  return segment.name() != "DG1" || !absl::EqualsIgnoreCase(segment.Text(21), "D");
}

void AddDefect(absl::string_view code, absl::string_view location, bool fatal,
               v1::PushDeliveriesRequest* push) {
  v1::FeedDefect* defect = push->add_defects();
  defect->set_code(std::string(code));
  defect->set_location(std::string(location));
  defect->set_fatal(fatal);
}

bool OneOf(absl::string_view code, std::initializer_list<const char*> codes) {
  return std::any_of(codes.begin(), codes.end(), [&](const char* c) { return code == c; });
}

bool HasDigit(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

}  // namespace birthseal::connect::hl7
