// SPDX-License-Identifier: Apache-2.0
// Calls to the kernel about sockets that fail one after the other (tests/support/faults.h). Linking
// failing_sockets.cc puts its socket, bind, listen, getsockname, eventfd, poll and accept4 before
// those of the C library, for the whole program; they pass everything on. The last two have no
// turn: see Faults::NextAside. Thread-safe.
#pragma once

#include "tests/support/faults.h"

namespace birthseal::tests {

class FailingSockets {
 public:
  explicit FailingSockets(Faults* faults);  // from now on all calls ask `faults`; one at a time
  ~FailingSockets();
  FailingSockets(const FailingSockets&) = delete;
  FailingSockets& operator=(const FailingSockets&) = delete;
};

}  // namespace birthseal::tests
