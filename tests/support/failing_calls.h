// SPDX-License-Identifier: Apache-2.0
// Calls to the kernel about files that fail one after the other; see faults.h. For code that calls
// it directly: what takes a store::FileSystem has failing_file_system.h. Linking failing_calls.cc
// puts its open, read, write and the like before those of the C library, for the whole program,
// shared libraries included. They pass everything on, but a sync of what is watched does nothing:
// no test here loses power. Thread-safe.
#pragma once

#include <string>

#include "tests/support/faults.h"

namespace birthseal::tests {

class FailingCalls {
 public:
  // From now on calls about files under `folder` ask `faults`; one at a time. A call that fails has
  // done nothing but to set errno to EIO.
  FailingCalls(const std::string& folder, Faults* faults);
  ~FailingCalls();
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;
};

}  // namespace birthseal::tests
