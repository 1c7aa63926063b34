// SPDX-License-Identifier: Apache-2.0
// Calls to OpenSSL's arithmetic that fail, or compute wrong, one after the other; see faults.h.
// Linking failing_openssl.cc puts its EC_POINT_mul and the like before those of the library for
// what the program itself calls; the library's own calls are not watched. Thread-safe.
#pragma once

#include "tests/support/faults.h"

namespace birthseal::tests {

enum class OpensslFault {
  kFails,       // the call says that it failed, and has done nothing
  kIsMistaken,  // it says that all is well; only products of points and sums are ever mistaken
};

class FailingOpenssl {
 public:
  // From now on calls ask `faults`; one at a time.
  FailingOpenssl(OpensslFault kind, Faults* faults);
  ~FailingOpenssl();
  FailingOpenssl(const FailingOpenssl&) = delete;
  FailingOpenssl& operator=(const FailingOpenssl&) = delete;
};

}  // namespace birthseal::tests
