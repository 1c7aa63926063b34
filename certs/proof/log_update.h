// SPDX-License-Identifier: Apache-2.0
// What a witness (见证方) checks before it cosigns: that a checkpoint only appends to what it
// knows, and that every change of the uniqueness map has its leaf and its right.
//
// Rules for the changes of a leaf, in order: INTENT, CANCELLED and the administrative kinds bring
// none; ISSUED of status index s brings one or more, each from absent or void to s; VOIDED of s one
// or more, each from s to void; CLAIM_ADDED of s exactly one, from absent or void to s. So a label
// never has a second live certificate. Pure; a checker belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/map_proof.h"
#include "certs/proof/merkle.h"

namespace birthseal::certs {

// One change of the map, with the proof of what was there before, under the root that the changes
// before it left. Canonical "birthseal/map-change/v1" {1 canonical MapProof, 2 new value}.
struct MapChange {
  MapProof before;
  uint64_t value = 0;  // afterwards: status index; 0: void
};
std::string Canonical(const MapChange& change);
absl::StatusOr<MapChange> ParseMapChange(absl::string_view canonical);

// What a witness knows of a log, and remembers between checkpoints.
struct LogState {
  LogEpoch epoch{1};
  CompactRange leaves;
  Digest map_root{};

  LogPosition position() const { return {epoch, LogSize(leaves.size())}; }
};
// Canonical "birthseal/log-state/v1" {1 epoch, 2 size, nested 3 repeated: hashes, 4 map root}.
std::string Canonical(const LogState& state);
absl::StatusOr<LogState> ParseLogState(absl::string_view canonical);

// Follows a log leaf by leaf.
class LogFollower {
 public:
  explicit LogFollower(LogState state) : state_(std::move(state)) {}

  // The next leaf and its changes, canonical bytes each. On an error the state is as before.
  // Errors: kInvalidArgument "LEAF_FORM" and the like; kDataLoss "MAP_PROOF" a change does not
  // start from the map as it stands; kFailedPrecondition "MAP_SECOND_LIVE" a label with a live
  // certificate gets another, "MAP_CHANGE_WITHOUT_RIGHT" the leaf may not bring this change,
  // "MAP_CHANGE_MISSING", "RECOVERY_OUT_OF_PLACE".
  absl::Status Follow(absl::string_view leaf, const std::vector<std::string>& changes);
  // Errors: kDataLoss "LOG_FORKED", "MAP_FORKED": the checkpoint is not of what was followed.
  absl::Status CheckHead(const TreeHead& head) const;
  // A new log epoch, of which `leaf` is the first: a RECOVERY that ends the old epoch exactly at
  // what was followed; the map goes on. Epoch numbers grow, not always by one. On an error the
  // state is as before. Errors: kInvalidArgument "LEAF_FORM", "RECOVERY_FORM"; kDataLoss
  // "RECOVERY_LOSES_KNOWN" leaves that are known are to be lost, "LOG_FORKED", "MAP_FORKED";
  // kFailedPrecondition "RECOVERY_NOT_FOLLOWED" the old epoch has more leaves: Follow them first.
  absl::Status StartEpoch(LogEpoch epoch, absl::string_view leaf);
  const LogState& state() const { return state_; }

 private:
  LogState state_;
};

}  // namespace birthseal::certs
