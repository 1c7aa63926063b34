// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/log_update.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/proof/leaf.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kChangeType[] = "birthseal/map-change/v1";
constexpr char kStateType[] = "birthseal/log-state/v1";
constexpr size_t kMaxRangeHashes = 64;  // one for each bit of the size

absl::Status Invalid(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status NoRight(absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, "MAP_CHANGE_WITHOUT_RIGHT", message);
}

absl::Status Forked(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kDataLoss, reason, message);
}

bool NamesCertificate(LeafKind kind) {
  return kind == LeafKind::kIssued || kind == LeafKind::kVoided || kind == LeafKind::kClaimAdded;
}

absl::Status CheckNumber(const Leaf& leaf, size_t changes) {
  if (!NamesCertificate(leaf.kind)) {
    return changes == 0 ? absl::OkStatus() : NoRight("a leaf of this kind may not change the map");
  }
  if (leaf.status_index == 0) return Invalid("LEAF_FORM", "a leaf names no certificate");
  if (changes == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "MAP_CHANGE_MISSING",
                 "a leaf that must change the map does not");
  }
  if (leaf.kind == LeafKind::kClaimAdded && changes > 1) {
    return NoRight("an added claim is one label");
  }
  return absl::OkStatus();
}

// `before`: nullopt absent, 0 void, else the live certificate.
absl::Status CheckRight(const Leaf& leaf, std::optional<uint64_t> before, uint64_t after) {
  const uint64_t live = before.value_or(0);
  if (leaf.kind == LeafKind::kVoided) {
    if (live == leaf.status_index && after == 0) return absl::OkStatus();
    return NoRight("a voiding changes labels of its own certificate to void and no others");
  }
  if (live != 0 && live != leaf.status_index) {
    return Error(absl::StatusCode::kFailedPrecondition, "MAP_SECOND_LIVE",
                 absl::StrCat("a label of the live certificate ", live, " is to lead to ", after));
  }
  if (live == 0 && after == leaf.status_index) return absl::OkStatus();
  return NoRight("a label may only begin to lead to the certificate that its leaf names");
}

// The map root after the change.
absl::StatusOr<Digest> RootAfterChange(const Leaf& leaf, const Digest& root,
                                       absl::string_view canonical) {
  ASSIGN_OR_RETURN(const MapChange change, ParseMapChange(canonical));
  const absl::StatusOr<std::optional<uint64_t>> before = CheckMapProof(change.before, root);
  if (!before.ok()) {  // its form is a proof's, or it would not have been read
    return Error(absl::StatusCode::kDataLoss, "MAP_PROOF",
                 "a change of the map does not start from the map as it stands");
  }
  RETURN_IF_ERROR(CheckRight(leaf, *before, change.value));
  return RootAfter(change.before, root, change.value);
}

}  // namespace

std::string Canonical(const MapChange& change) {
  return CanonicalWriter(kChangeType)
      .Nested(1, Canonical(change.before))
      .Number(2, change.value)
      .Finish();
}

absl::StatusOr<MapChange> ParseMapChange(absl::string_view canonical) {
  CanonicalReader reader(canonical, kChangeType);
  const auto proof = reader.Next(1);
  MapChange change;
  change.value = reader.Number(2);
  RETURN_IF_ERROR(reader.Finish());
  if (!proof) return Invalid("MAP_CHANGE_FORM", "map change: no proof of what was before");
  ASSIGN_OR_RETURN(change.before, ParseMapProof(*proof));
  return change;
}

std::string Canonical(const LogState& state) {
  CanonicalWriter writer(kStateType);
  writer.Number(1, state.epoch.value()).Number(2, state.leaves.size());
  for (const Digest& hash : state.leaves.hashes()) writer.Nested(3, View(hash));
  return writer.Text(4, View(state.map_root)).Finish();
}

absl::StatusOr<LogState> ParseLogState(absl::string_view canonical) {
  CanonicalReader reader(canonical, kStateType);
  LogState state;
  state.epoch = LogEpoch(reader.Number(1));
  const uint64_t size = reader.Number(2);
  std::vector<Digest> hashes = reader.Hashes(3, kMaxRangeHashes + 1);
  state.map_root = reader.Hash(4);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole() || state.epoch == LogEpoch()) {
    return Invalid("LOG_STATE_FORM", "log state: no epoch, or a hash that is not 32 bytes");
  }
  ASSIGN_OR_RETURN(state.leaves, CompactRange::From(size, std::move(hashes)));
  return state;
}

absl::Status LogFollower::Follow(absl::string_view leaf, const std::vector<std::string>& changes) {
  ASSIGN_OR_RETURN(const Leaf parsed, ParseLeaf(leaf));
  if (parsed.kind == LeafKind::kRecovery) {
    return Error(absl::StatusCode::kFailedPrecondition, "RECOVERY_OUT_OF_PLACE",
                 "a RECOVERY may only be the first leaf of an epoch after the first");
  }
  RETURN_IF_ERROR(CheckNumber(parsed, changes.size()));
  Digest root = state_.map_root;
  for (const std::string& change : changes) {
    ASSIGN_OR_RETURN(root, RootAfterChange(parsed, root, change));
  }
  state_.map_root = root;
  state_.leaves.Append(LeafHash(leaf));
  return absl::OkStatus();
}

absl::Status LogFollower::CheckHead(const TreeHead& head) const {
  if (head.size != state_.leaves.size() || head.root != state_.leaves.Root()) {
    return Forked("LOG_FORKED", "the checkpoint is not of the leaves that were followed");
  }
  if (head.map_root != state_.map_root) {
    return Forked("MAP_FORKED", "the checkpoint's map is not the one its leaves make");
  }
  return absl::OkStatus();
}

absl::Status LogFollower::StartEpoch(LogEpoch epoch, absl::string_view leaf) {
  ASSIGN_OR_RETURN(const Leaf parsed, ParseLeaf(leaf));
  if (parsed.kind != LeafKind::kRecovery) {
    return Invalid("LEAF_FORM", "an epoch after the first begins with a RECOVERY");
  }
  ASSIGN_OR_RETURN(const Recovery recovery, ParseRecovery(parsed.detail));
  if (parsed.commitment != Commit("", parsed.detail)) {
    return Invalid("LEAF_FORM", "a RECOVERY does not commit to what it says");
  }
  if (epoch <= state_.epoch || recovery.old_epoch != state_.epoch.value()) {
    return Forked("LOG_FORKED", "the new epoch does not follow the one that is known");
  }
  if (recovery.kept_size < state_.leaves.size()) {
    return Forked("RECOVERY_LOSES_KNOWN",
                  absl::StrCat("of epoch ", state_.epoch.value(), " ", state_.leaves.size(),
                               " leaves are known, the RECOVERY keeps ", recovery.kept_size));
  }
  if (recovery.kept_size > state_.leaves.size()) {
    return Error(absl::StatusCode::kFailedPrecondition, "RECOVERY_NOT_FOLLOWED",
                 "the old epoch is to be followed to its end first");
  }
  if (recovery.kept_root != state_.leaves.Root()) {
    return Forked("LOG_FORKED", "the RECOVERY keeps other leaves than are known");
  }
  if (recovery.kept_map_root != state_.map_root) {
    return Forked("MAP_FORKED", "the RECOVERY keeps another map than is known");
  }
  state_.epoch = epoch;
  state_.leaves = CompactRange();
  state_.leaves.Append(LeafHash(leaf));
  return absl::OkStatus();
}

}  // namespace birthseal::certs
