// SPDX-License-Identifier: Apache-2.0
// One history: clients, a network that loses, doubles, delays and reorders, a machine that fails,
// clocks that jump, and the model that watches. One seed gives one history.
//
// Belongs to one thread; histories of different seeds may run side by side.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace birthseal::simulation {

struct HistoryOptions {
  uint64_t seed = 1;
  std::ostream* trace = nullptr;  // not null: every event in one line
};

struct HistoryResult {
  uint64_t seed = 0;
  uint64_t commands = 0;  // that reached a writer and were answered or lost with it
  uint64_t batches = 0, certificates = 0, crashes = 0, takeovers = 0, restores = 0, cosigned = 0;
  std::vector<std::string> violations;  // of the promises; empty: they held
};

HistoryResult RunHistory(const HistoryOptions& options);

}  // namespace birthseal::simulation
