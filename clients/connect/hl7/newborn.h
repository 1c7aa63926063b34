// Is the patient of a group a newborn? Other patients of the hospital are none of our business, but
// a newborn must not be lost for what a sender left out.
//
// Thread-safe: pure.
#pragma once

#include "absl/time/time.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {

// When the message was: EVN-6, when it happened; else EVN-2 or MSH-7, when it was written; else
// `received`. InfinitePast when none of them is known.
absl::Time TimeOfMessage(const Message& message, absl::TimeZone zone, absl::Time received);

// The age at `time` decides before any mark; `zone` is that of times without an offset.
//   under 28 days    a newborn, whatever else is said
//   under one year   with a mark: newborn's visit (PV1-2, PV1-4), screening, birth order, mother
//   under two years  in a newborn's visit only: hospitals correct the record of the birth late
// Without a readable birth date (PID-7) or time the marks alone decide.
bool IsNewborn(const Group& group, const Segment& pid, absl::Time time, absl::TimeZone zone);

}  // namespace birthseal::connect::hl7
