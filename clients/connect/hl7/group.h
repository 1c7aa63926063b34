// SPDX-License-Identifier: Apache-2.0
// The segments of a message that speak about one newborn, and what their readers share.
#pragma once

#include <initializer_list>

#include "absl/strings/string_view.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/connect/hl7/message.h"

namespace birthseal::connect::hl7 {

// Half-open range of segments; a view into `message`.
struct Group {
  const Message& message;
  size_t begin, end;

  // The first segment of this name, or null.
  const Segment* Find(absl::string_view name) const;
};

// False for what its sender took back: an observation that is wrong, deleted or without a result
// (OBX-11 W, D, X), a diagnosis that is deleted (DG1-21 D).
bool InForce(const Segment& segment);

// `location` is "PID-7": segment and field, or segment and set id where it repeats.
void AddDefect(absl::string_view code, absl::string_view location, bool fatal,
               v1::PushDeliveriesRequest* push);

bool OneOf(absl::string_view code, std::initializer_list<const char*> codes);
bool HasDigit(absl::string_view text);

}  // namespace birthseal::connect::hl7
