// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/clock_guard.h"

#include <algorithm>

namespace birthseal::store {

namespace {
constexpr absl::Duration kBehind = absl::Seconds(2);
constexpr absl::Duration kJump = absl::Minutes(5);
}  // namespace

absl::Time ClockGuard::Advance(absl::Time wall, absl::Duration monotonic) {
  const absl::Duration elapsed = read_ ? monotonic - monotonic_ : absl::ZeroDuration();
  const bool jump = read_ && absl::AbsDuration(wall - wall_ - elapsed) > kJump;
  const bool behind = wall < last_ - kBehind;
  if (!behind) behind_confirmed_ = false;
  if (jump || (behind && !behind_confirmed_)) trusted_ = false;
  wall_ = wall;
  monotonic_ = monotonic;
  read_ = true;
  // While in doubt only the monotonic clock counts: a jump ahead must not be taken over for ever.
  const absl::Time now = trusted_ ? wall : last_ + elapsed;
  last_ = absl::FromUnixMicros(absl::ToUnixMicros(std::max(last_, now)));
  return last_;
}

void ClockGuard::Confirm() {
  trusted_ = true;
  behind_confirmed_ = true;
  read_ = false;  // the next reading starts afresh
}

}  // namespace birthseal::store
