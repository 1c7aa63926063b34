// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "absl/time/time.h"
#include "certs/clock.h"

namespace birthseal::tests {

class SimulatedClock : public certs::Clock {
 public:
  explicit SimulatedClock(absl::Time start = absl::FromUnixSeconds(1'780'000'000))
      : micros_(absl::ToUnixMicros(start)) {}
  absl::Time Now() const override { return absl::FromUnixMicros(micros_.load()); }
  void Advance(absl::Duration by) { micros_ += absl::ToInt64Microseconds(by); }
  void Set(absl::Time time) { micros_ = absl::ToUnixMicros(time); }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace birthseal::tests
