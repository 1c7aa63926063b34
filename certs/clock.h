// SPDX-License-Identifier: Apache-2.0
// Time as an argument: rules, ledger and server ask a Clock, never the system.
// The system clock itself lives in server/host/system_clock.h; tests use a SimulatedClock.
#pragma once

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace birthseal::certs {

class Clock {
 public:
  virtual ~Clock() = default;
  // Thread-safe.
  virtual absl::Time Now() const = 0;
};

// Asia/Shanghai: every date of a certificate is a day of this zone (UTC+8, no daylight saving
// since 1992).
inline absl::TimeZone ShanghaiZone() { return absl::FixedTimeZone(8 * 60 * 60); }
inline absl::CivilSecond LocalTime(absl::Time time) {
  return absl::ToCivilSecond(time, ShanghaiZone());
}
inline absl::CivilDay LocalDay(absl::Time time) { return absl::ToCivilDay(time, ShanghaiZone()); }

}  // namespace birthseal::certs
