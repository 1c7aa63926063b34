// SPDX-License-Identifier: Apache-2.0
// Is the patient of a group a newborn? Other patients of the hospital are none of our business, but
// a newborn must not be lost for what a sender left out, or for a clock that is wrong.
//
// Thread-safe: pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {

// A time that a clock gave to the message. Without one ages cannot be counted.
struct Clock {
  absl::Time time;
  std::string location;  // "EVN-6"; empty: our own, at the arrival
};

// When the message was, by every clock that says so, the most trusted first: EVN-6, when it
// happened; EVN-2 and MSH-7, when it was written; `received`, unless it is InfinitePast.
std::vector<Clock> ClocksOf(const Message& message, absl::TimeZone zone, absl::Time received);

enum class Newborn {
  kNo,
  kYes,
  kDoubtfulClock,  // by another clock than the first alone, or not born yet by any
  kPerhaps,  // without a mark, with a birth time (PID-7) that cannot be read and may be recent
};

// The age decides before any mark; `zone` is that of times without an offset. By the first clock:
//   under 28 days    a newborn, whatever else is said
//   under one year   with a mark: mother, birth order, several babies, newborn's visit or class,
//                    screening, birth weight, liveborn (Z38)
//   under two years  in a newborn's visit only: hospitals correct the record of the birth late
// When the first clock makes none, it may be wrong: our own decides as it does under one year, and
// another one of the sender's where it makes a marked patient younger than 28 days.
// Without a readable birth time the marks alone decide, unless its year is that of no infant.
Newborn NewbornIn(const Group& group, const Segment& pid, const std::vector<Clock>& clocks,
                  absl::TimeZone zone);

}  // namespace birthseal::connect::hl7
