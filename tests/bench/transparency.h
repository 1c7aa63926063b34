// SPDX-License-Identifier: Apache-2.0
// The log and the uniqueness map alone, on RocksDB with sync, at several sizes: what a leaf and a
// change cost, how long proofs are and what checking one costs. Smaller sizes and the largest are
// loaded in bulk, so that 10 million take minutes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace birthseal::bench {

struct TransparencyPoint {
  uint64_t size = 0;             // leaves and labels before the measurement
  double load_seconds = 0;       // of the bulk load
  double leaves_per_second = 0;  // appended with sync, each with its inclusion proof made
  double issues_per_second = 0;  // INTENT, ISSUED and one change of the map, with sync
  double map_change_us = 0;      // CPU: proof before, new pages encoded
  double map_pages = 0;          // written for one change
  double inclusion_bytes = 0, inclusion_check_us = 0;
  double consistency_bytes = 0, consistency_check_us = 0;  // from half the size
  double map_proof_bytes = 0, map_check_us = 0, map_prove_us = 0;
  uint64_t wrong = 0;  // proofs that did not hold
};

// `slice_ms` for each figure; stores are made in `directory`, one after the other.
absl::StatusOr<std::vector<TransparencyPoint>> MeasureTransparency(
    const std::string& directory, const std::vector<uint64_t>& sizes, double slice_ms,
    const std::function<void(const std::string&)>& tell);

}  // namespace birthseal::bench
