// SPDX-License-Identifier: Apache-2.0
// The clock of production: the only place of the service that asks the system for a time by which
// anything is decided. The log stamps its lines itself.
#pragma once

#include "certs/clock.h"

namespace birthseal::server {

class SystemClock : public certs::Clock {
 public:
  absl::Time Now() const override;
};

}  // namespace birthseal::server
