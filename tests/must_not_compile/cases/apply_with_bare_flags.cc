// SPDX-License-Identifier: Apache-2.0
// Whether the clock is trusted and whether the log may grow are not exchanged, and neither goes
// without saying.
// Refused with: no matching function for call to 'Step'
#include "absl/time/clock.h"
#include "store/ledger/step.h"

namespace birthseal::store {

bool Try(const Snapshot& snapshot, const LedgerState& state, std::vector<Command>& commands) {
#ifdef RIGHT
  return Step(snapshot, state, commands, absl::Now(), "key", LedgerClock::kSuspect,
              LogGrowth::kClosed)
      .ok();
#else
  return Step(snapshot, state, commands, absl::Now(), "key", LogGrowth::kClosed,
              LedgerClock::kSuspect)
      .ok();
#endif
}

}  // namespace birthseal::store
