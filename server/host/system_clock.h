// SPDX-License-Identifier: Apache-2.0
// The clock of production: the only place that asks the system for the time.
#pragma once

#include "certs/clock.h"

namespace birthseal::server {

class SystemClock : public certs::Clock {
 public:
  absl::Time Now() const override;
};

}  // namespace birthseal::server
