// SPDX-License-Identifier: Apache-2.0
// Ledger time from a clock that may err: it never goes back, and issuing stops while the clock
// cannot be trusted (design: more than 2 s behind the last ledger time, or a jump of more than
// 5 min against the monotonic clock) until an operator confirms it.
//
// Belongs to one thread; the ledger locks.
#pragma once

#include "absl/time/time.h"

namespace birthseal::store {

class ClockGuard {
 public:
  // `last`: ledger time of the newest batch in the store.
  explicit ClockGuard(absl::Time last) : last_(last) {}

  // Ledger time of the next batch, whole microseconds, from both clocks read together.
  absl::Time Advance(absl::Time wall, absl::Duration monotonic);
  bool trusted() const { return trusted_; }
  // The operator's word: the wall clock is right from now on. If it is behind, ledger time stands
  // still until the clock has caught up.
  void Confirm();

 private:
  absl::Time last_;
  absl::Time wall_;  // of the last reading
  absl::Duration monotonic_;
  bool read_ = false, trusted_ = true, behind_confirmed_ = false;
};

}  // namespace birthseal::store
