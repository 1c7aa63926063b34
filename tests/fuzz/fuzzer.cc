// SPDX-License-Identifier: Apache-2.0
// A libFuzzer program for the target BIRTHSEAL_FUZZ_TARGET. Its corpus begins with the seeds that
// `fuzz_seeds DIRECTORY` writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const birthseal::tests::FuzzTarget* const target = [] {
    for (const auto& one : birthseal::tests::FuzzTargets()) {
      if (absl::string_view(one.name) == BIRTHSEAL_FUZZ_TARGET) return &one;
    }
    std::abort();
  }();
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
