// SPDX-License-Identifier: Apache-2.0
// What a library leaks when its own code is left by an exception is not ours: not counted by the
// leak sanitizer while one of these lives.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define BIRTHSEAL_LEAKS_ARE_COUNTED 1
#endif
#endif

namespace birthseal::tests {

class LeaksOfOthers {
 public:
#ifdef BIRTHSEAL_LEAKS_ARE_COUNTED
  LeaksOfOthers() { __lsan_disable(); }
  ~LeaksOfOthers() { __lsan_enable(); }
#else
  LeaksOfOthers() = default;
  ~LeaksOfOthers() {}
#endif
  LeaksOfOthers(const LeaksOfOthers&) = delete;
};

}  // namespace birthseal::tests
