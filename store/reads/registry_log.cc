// SPDX-License-Identifier: Apache-2.0
// Reads of the log, of what it changed in the uniqueness map, and of witnessed checkpoints.
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::store {
namespace {

absl::Status Damaged(Family family) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                      absl::StrCat("a record of ", Name(family), " is damaged"));
}

absl::StatusOr<certs::LogEpoch> EpochOrCurrent(const Snapshot& snapshot, certs::LogEpoch epoch) {
  if (epoch != certs::kCurrentEpoch) return epoch;
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, MetaOf(snapshot));
  return certs::LogEpoch(meta.log_epoch());
}

absl::StatusOr<std::vector<std::string>> LeavesOf(const Snapshot& snapshot, certs::LogEpoch epoch,
                                                  certs::LeafIndex first, size_t count) {
  std::vector<std::string> leaves;
  bool gap = false;
  if (count == 0) return leaves;
  const uint64_t start = PlaceOf(epoch, first);
  RETURN_IF_ERROR(snapshot.Scan(Family::kLeaves, "", IndexKey(start),
                                [&](absl::string_view key, absl::string_view value) {
                                  const std::optional<uint64_t> place = ParseBigEndian64(key);
                                  gap = !place;
                                  if (gap || EpochAt(*place) != epoch) return false;
                                  gap = *place != start + leaves.size();
                                  if (!gap) leaves.emplace_back(value);
                                  return !gap && leaves.size() < count;
                                }));
  if (gap) return Damaged(Family::kLeaves);
  return leaves;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Registry::Leaves(certs::LeafIndex first, size_t count,
                                                          certs::LogEpoch epoch) const {
  const auto snapshot = engine_->NewSnapshot();
  ASSIGN_OR_RETURN(epoch, EpochOrCurrent(*snapshot, epoch));
  return LeavesOf(*snapshot, epoch, first, count);
}

absl::StatusOr<std::vector<Registry::LogUpdate>> Registry::Updates(certs::LogEpoch epoch,
                                                                   certs::LeafIndex first,
                                                                   size_t count) const {
  const auto snapshot = engine_->NewSnapshot();
  ASSIGN_OR_RETURN(epoch, EpochOrCurrent(*snapshot, epoch));
  ASSIGN_OR_RETURN(std::vector<std::string> leaves, LeavesOf(*snapshot, epoch, first, count));
  std::vector<LogUpdate> updates(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) updates[i].leaf = std::move(leaves[i]);
  bool damaged = false;
  const uint64_t start = PlaceOf(epoch, first);
  RETURN_IF_ERROR(snapshot->Scan(Family::kMapChanges, "", MapChangeKey(start, 0),
                                 [&](absl::string_view key, absl::string_view value) {
                                   const auto at = ParseMapChangeKey(key);
                                   damaged = !at;
                                   if (damaged || at->place >= start + updates.size()) return false;
                                   std::vector<std::string>& changes =
                                       updates[at->place - start].changes;
                                   damaged = at->sequence != changes.size();
                                   changes.emplace_back(value);
                                   return !damaged;
                                 }));
  if (damaged) return Damaged(Family::kMapChanges);
  return updates;
}

absl::StatusOr<std::vector<certs::Digest>> Registry::InclusionPath(certs::LeafIndex index,
                                                                   certs::LogSize size,
                                                                   certs::LogEpoch epoch) const {
  const auto snapshot = engine_->NewSnapshot();
  ASSIGN_OR_RETURN(epoch, EpochOrCurrent(*snapshot, epoch));
  return store::InclusionPath(index.value(), size.value(),
                              StoredNodes(snapshot.get(), epoch.value()));
}

absl::StatusOr<std::vector<certs::Digest>> Registry::ConsistencyPath(certs::LogSize old_size,
                                                                     certs::LogSize new_size,
                                                                     certs::LogEpoch epoch) const {
  const auto snapshot = engine_->NewSnapshot();
  ASSIGN_OR_RETURN(epoch, EpochOrCurrent(*snapshot, epoch));
  return store::ConsistencyPath(old_size.value(), new_size.value(),
                                StoredNodes(snapshot.get(), epoch.value()));
}

absl::StatusOr<storage::v1::StoredReceipt> Registry::StoredReceipt(
    certs::StatusIndex status_index) const {
  ASSIGN_OR_RETURN(const std::string bytes,
                   engine_->NewSnapshot()->Get(Family::kReceipts, IndexKey(status_index)));
  storage::v1::StoredReceipt receipt;
  if (!receipt.ParseFromString(bytes)) return Damaged(Family::kReceipts);
  return receipt;
}

absl::StatusOr<std::string> Registry::Checkpoint(const certs::LogPosition& position) const {
  return engine_->NewSnapshot()->Get(Family::kCheckpoints, IndexKey(PlaceOf(position)));
}

}  // namespace birthseal::store
