// SPDX-License-Identifier: Apache-2.0
// A store with a log and a map of any size, made from the bottom up without one commit a leaf.
// Leaves and labels are invented: SM3 of their number.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "certs/digest.h"
#include "certs/proof/map_proof.h"
#include "store/engine.h"

namespace birthseal::bench {

certs::MapLabel LabelOf(uint64_t number);
std::string LeafOf(uint64_t number);

// Leaves 0 to size - 1, in epoch 1. Commits many batches.
absl::Status LoadLog(uint64_t size, store::Engine* engine, store::FenceEpoch fence);
// Labels 0 to size - 1, each with its number + 1 as value. Gives the root.
absl::StatusOr<certs::Digest> LoadMap(uint64_t size, store::Engine* engine,
                                      store::FenceEpoch fence);

}  // namespace birthseal::bench
