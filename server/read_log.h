// What auditors and witnesses read: checkpoint, leaves, inclusion proofs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/digest.h"
#include "server/services.h"

namespace birthseal::server {

// The newest checkpoint, signed note. Errors: kNotFound "LOG_EMPTY".
absl::StatusOr<std::string> GetCheckpoint(const Services& services);

// Canonical bytes of up to `count` (1..1024) leaves. Errors: kInvalidArgument; kOutOfRange.
absl::StatusOr<std::vector<std::string>> ListLeaves(const Services& services, uint64_t first,
                                                    int count);

struct InclusionProof {
  std::vector<certs::Digest> path;
  uint64_t tree_size = 0;
  std::string leaf;  // canonical bytes
};
// `tree_size` 0: the newest. Errors: kOutOfRange the tree is not that large, or the index is not
// in it.
absl::StatusOr<InclusionProof> GetInclusionProof(const Services& services, uint64_t leaf_index,
                                                 uint64_t tree_size);

}  // namespace birthseal::server
