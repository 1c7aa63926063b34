// SPDX-License-Identifier: Apache-2.0
// Shows who knows a birth's facts that they have one certificate in force, or none
// (唯一性证明, certs/proof/uniqueness.h).
//
// Under the newest witnessed checkpoint when that is of the last minute or covers the whole log,
// else under one that the log alone has signed. The facts are not kept. The ACCESS entry with the
// cause and the label of the facts is durable before anything is released.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "certs/codes.h"
#include "server/reading/reading_room.h"

namespace birthseal::server {

struct ProveUniquenessInput {
  certs::IdType mother_id_type = certs::IdType::kNone;
  std::string mother_id_number;
  absl::CivilDay birth_date;
  int birth_order = 1;    // 1 for a single birth
  std::string use_cause;  // 1 to 200 bytes
};
struct ProveUniquenessResult {
  std::string proof;                // canonical UniquenessProof
  certs::StatusIndex status_index;  // of the certificate in force; 0: none
  bool witnessed = false;
  // Where the log stood; beyond the checkpoint: what came since is not in the proof.
  certs::LogPosition position;
};

// Errors: kInvalidArgument "USE_CAUSE_REQUIRED", "MOTHER_ID_REQUIRED"; kUnavailable
// "CHECKPOINT_LATE" no checkpoint of the newest state could be had; those of managing.h, of
// Freshness::MayAnswer, of CheckpointSigner::Newest and of the ledger.
absl::StatusOr<ProveUniquenessResult> ProveUniqueness(const ReadingRoom& room, const Caller& caller,
                                                      const ProveUniquenessInput& input);

}  // namespace birthseal::server
