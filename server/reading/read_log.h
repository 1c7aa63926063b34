// SPDX-License-Identifier: Apache-2.0
// What auditors and witnesses read: checkpoints, leaves, updates, proofs of inclusion and of
// consistency.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/digest.h"
#include "certs/proof/log_place.h"
#include "server/reading/reading_room.h"

namespace birthseal::server {

struct NewestCheckpoints {
  std::string checkpoint;  // signed note
  std::string witnessed;   // with its quorum; empty: none yet
};
// Errors: kNotFound "LOG_EMPTY"; others of CheckpointSigner::Newest.
absl::StatusOr<NewestCheckpoints> GetCheckpoint(const ReadingRoom& room);

// Of all that follows: `epoch` 0 is the current one. Errors: kOutOfRange "LOG_RANGE" names the
// field that the log does not reach, "LOG_EPOCH" there is no such epoch; those of the store.

// Canonical bytes of up to `count` (1..1024) leaves.
absl::StatusOr<std::vector<std::string>> ListLeaves(const ReadingRoom& room, certs::LogEpoch epoch,
                                                    certs::LeafIndex first, int count);
// The same with the map changes of each; fewer when they are many bytes, at least one.
absl::StatusOr<std::vector<store::Registry::LogUpdate>> ListUpdates(const ReadingRoom& room,
                                                                    certs::LogEpoch epoch,
                                                                    certs::LeafIndex first,
                                                                    int count);

struct InclusionProof {
  std::vector<certs::Digest> path;
  certs::LogSize tree_size;
  std::string leaf;  // canonical bytes
};
// `tree_size` 0: the newest, signed now if it was not; of an ended epoch its last.
absl::StatusOr<InclusionProof> GetInclusionProof(const ReadingRoom& room, certs::LogEpoch epoch,
                                                 certs::LeafIndex leaf_index,
                                                 certs::LogSize tree_size);

struct ConsistencyProof {
  std::vector<certs::Digest> path;
  certs::LogSize new_size;
};
// `new_size` 0: as `tree_size`.
absl::StatusOr<ConsistencyProof> GetConsistencyProof(const ReadingRoom& room, certs::LogEpoch epoch,
                                                     certs::LogSize old_size,
                                                     certs::LogSize new_size);

}  // namespace birthseal::server
