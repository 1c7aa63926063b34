// SPDX-License-Identifier: Apache-2.0
#include "server/host/system_clock.h"

#include "absl/time/clock.h"

namespace birthseal::server {

absl::Time SystemClock::Now() const { return absl::Now(); }

}  // namespace birthseal::server
