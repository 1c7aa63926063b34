// SPDX-License-Identifier: Apache-2.0
// One run of spin over issuance.pml: translate, compile, search, tell the counterexample.
//
// Every run works in a directory of its own. Needs spin and gcc (`./dev setup`); without them
// `trouble` says so. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace birthseal::tests {

struct SpinRun {
  std::vector<std::string> defines;  // "CRASHES=2", "ONLY=one_valid"; see issuance.pml
  bool shortest = false;             // breadth first: the shortest counterexample
  bool liveness = false;             // acceptance cycles under weak fairness; wants LIVENESS=k
  int bitstate_minutes = 0;          // not 0: hashes instead of states, for so long at most
};

struct SpinResult {
  std::string trouble;  // empty: the search ran
  bool complete = false;
  int errors = 0;
  uint64_t states = 0;
  double megabytes = 0;
  std::string violated;            // the property, when errors > 0
  std::vector<std::string> story;  // what led to it, a line for each step
};

SpinResult RunSpin(const SpinRun& run);

}  // namespace birthseal::tests
