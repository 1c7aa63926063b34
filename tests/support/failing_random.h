// SPDX-License-Identifier: Apache-2.0
// OpenSSL's random source failing one draw after the other; see faults.h. Thread-safe; one at a
// time.
#pragma once

#include "tests/support/faults.h"

namespace birthseal::tests {

class FailingRandom {
 public:
  // From now on every draw asks `faults`. A draw that fails has written nothing.
  explicit FailingRandom(Faults* faults);
  ~FailingRandom();
  FailingRandom(const FailingRandom&) = delete;
  FailingRandom& operator=(const FailingRandom&) = delete;
};

}  // namespace birthseal::tests
