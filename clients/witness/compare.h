// SPDX-License-Identifier: Apache-2.0
// Two checkpoints of one log side by side: do they prove that its key told two stories? Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/proof/checkpoint.h"

namespace birthseal::witness {

enum class Comparison {
  kConsistent,  // one history, as far as these show
  kForked,      // same size, another root or map: both signatures together are the proof
  kRolledBack,  // the smaller one was signed later
  kNotShown,    // different sizes and no proof between them, or one that does not hold
};

// Both were checked to be by the log key. `path`: RFC 9162 consistency proof from the smaller to
// the larger. A path that does not hold proves nothing: anyone can make one. Errors:
// kInvalidArgument "CHECKPOINTS_OF_DIFFERENT_LOGS" other origins.
absl::StatusOr<Comparison> Compare(const certs::Checkpoint& a, const certs::Checkpoint& b,
                                   const std::optional<std::vector<certs::Digest>>& path);

}  // namespace birthseal::witness
