// SPDX-License-Identifier: Apache-2.0
#include "server/reading/read_log.h"

#include <algorithm>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "store/durable_root.h"
#include "store/engine.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr int kMaxLeaves = 1024;
constexpr size_t kMaxUpdateBytes = 2u << 20;  // clients take 4 MiB

absl::Status OutOfRange(absl::string_view field) {
  return certs::Error(absl::StatusCode::kOutOfRange, "LOG_RANGE", "the log is not that long",
                      field);
}

// Sizes of the log epoch that is asked for.
struct Epoch {
  certs::LogEpoch number;
  certs::LogSize size;
  bool current = false;
};

absl::StatusOr<Epoch> EpochOf(const ReadingRoom& room, certs::LogEpoch asked) {
  const store::DurableRoot head = room.accesses.Head();
  if (asked == certs::kCurrentEpoch || asked == head.epoch) {
    return Epoch{head.epoch, head.size, true};
  }
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, store::MetaOf(*room.registry.NewSnapshot()));
  for (const storage::v1::LogEpoch& past : meta.past_epochs()) {
    if (past.epoch() == asked.value()) return Epoch{asked, certs::LogSize(past.size()), false};
  }
  return certs::Error(absl::StatusCode::kOutOfRange, "LOG_EPOCH", "there is no such log epoch",
                      "epoch");
}

// Of a tree: 0 is the newest that a checkpoint exists of; past epochs end where they end.
absl::StatusOr<certs::LogSize> TreeSize(const ReadingRoom& room, const Epoch& epoch,
                                        certs::LogSize asked, absl::string_view field) {
  if (asked > epoch.size) return OutOfRange(field);
  if (asked != certs::LogSize()) return asked;
  if (!epoch.current) return epoch.size;
  ASSIGN_OR_RETURN(const SignedRoot newest, room.checkpoints.Newest(kPatience));
  return newest.size;
}

absl::StatusOr<size_t> CountFrom(const Epoch& epoch, certs::LeafIndex first, int count) {
  if (count < 1 || count > kMaxLeaves) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "LEAF_COUNT", "1 to 1024 leaves",
                        "count");
  }
  if (!Holds(epoch.size, first)) return OutOfRange("first");
  return static_cast<size_t>(std::min<uint64_t>(count, epoch.size.value() - first.value()));
}

}  // namespace

absl::StatusOr<NewestCheckpoints> GetCheckpoint(const ReadingRoom& room) {
  ASSIGN_OR_RETURN(SignedRoot newest, room.checkpoints.Newest(kPatience));
  NewestCheckpoints checkpoints{std::move(newest.checkpoint), ""};
  if (const auto witnessed = room.desk.Newest(); witnessed != nullptr) {
    checkpoints.witnessed = witnessed->note;
  }
  return checkpoints;
}

absl::StatusOr<std::vector<std::string>> ListLeaves(const ReadingRoom& room, certs::LogEpoch epoch,
                                                    certs::LeafIndex first, int count) {
  ASSIGN_OR_RETURN(const Epoch of, EpochOf(room, epoch));
  ASSIGN_OR_RETURN(const size_t many, CountFrom(of, first, count));
  return room.registry.Leaves(first, many, of.number);
}

absl::StatusOr<std::vector<store::Registry::LogUpdate>> ListUpdates(const ReadingRoom& room,
                                                                    certs::LogEpoch epoch,
                                                                    certs::LeafIndex first,
                                                                    int count) {
  ASSIGN_OR_RETURN(const Epoch of, EpochOf(room, epoch));
  ASSIGN_OR_RETURN(const size_t many, CountFrom(of, first, count));
  ASSIGN_OR_RETURN(std::vector<store::Registry::LogUpdate> updates,
                   room.registry.Updates(of.number, first, many));
  size_t bytes = 0, fit = 0;
  for (const store::Registry::LogUpdate& update : updates) {
    bytes += update.leaf.size();
    for (const std::string& change : update.changes) bytes += change.size();
    if (fit > 0 && bytes > kMaxUpdateBytes) break;
    ++fit;
  }
  updates.resize(fit);
  return updates;
}

absl::StatusOr<InclusionProof> GetInclusionProof(const ReadingRoom& room, certs::LogEpoch epoch,
                                                 certs::LeafIndex leaf_index,
                                                 certs::LogSize tree_size) {
  ASSIGN_OR_RETURN(const Epoch of, EpochOf(room, epoch));
  InclusionProof proof;
  ASSIGN_OR_RETURN(proof.tree_size, TreeSize(room, of, tree_size, "tree_size"));
  if (!Holds(proof.tree_size, leaf_index)) return OutOfRange("leaf_index");
  ASSIGN_OR_RETURN(proof.path, room.registry.InclusionPath(leaf_index, proof.tree_size, of.number));
  ASSIGN_OR_RETURN(std::vector<std::string> leaves, room.registry.Leaves(leaf_index, 1, of.number));
  if (leaves.empty()) {  // a tree of this size was signed
    return certs::Error(absl::StatusCode::kDataLoss, "LEAF_MISSING", "a leaf of the log is absent");
  }
  proof.leaf = std::move(leaves.front());
  return proof;
}

absl::StatusOr<ConsistencyProof> GetConsistencyProof(const ReadingRoom& room, certs::LogEpoch epoch,
                                                     certs::LogSize old_size,
                                                     certs::LogSize new_size) {
  ASSIGN_OR_RETURN(const Epoch of, EpochOf(room, epoch));
  ConsistencyProof proof;
  ASSIGN_OR_RETURN(proof.new_size, TreeSize(room, of, new_size, "new_size"));
  if (old_size > proof.new_size) return OutOfRange("old_size");
  ASSIGN_OR_RETURN(proof.path, room.registry.ConsistencyPath(old_size, proof.new_size, of.number));
  return proof;
}

}  // namespace birthseal::server
