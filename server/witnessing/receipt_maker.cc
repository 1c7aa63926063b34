// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/receipt_maker.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/errors.h"
#include "certs/proof/leaf.h"
#include "certs/proof/map_proof.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"

namespace birthseal::server {
namespace {

using store::Family;

constexpr size_t kLeavesAtOnce = 1024;
constexpr size_t kItemsAtOnce = 256;

absl::Status Unreadable(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                      absl::StrCat("making receipts: an unreadable record: ", what));
}

template <typename Record>
absl::StatusOr<Record> Read(const store::Snapshot& snapshot, Family family, std::string key) {
  ASSIGN_OR_RETURN(const std::string bytes, snapshot.Get(family, key));
  Record record;
  if (record.ParseFromString(bytes)) return record;
  return Unreadable(store::Name(family));
}

// Status indexes of the ISSUED leaves from `first` on, at most kLeavesAtOnce leaves of those in the
// tree at `end`; moves `first` on.
absl::StatusOr<std::vector<certs::StatusIndex>> IssuedAmong(const store::Snapshot& snapshot,
                                                            const certs::LogPosition& end,
                                                            certs::LeafIndex* first) {
  std::vector<certs::StatusIndex> issued;
  bool damaged = false;
  const certs::LeafIndex stop(std::min<uint64_t>(end.size.value(), first->value() + kLeavesAtOnce));
  const std::string last = store::IndexKey(store::PlaceOf(end.epoch, stop));
  RETURN_IF_ERROR(snapshot.Scan(Family::kLeaves, "",
                                store::IndexKey(store::PlaceOf(end.epoch, *first)),
                                [&](absl::string_view key, absl::string_view bytes) {
                                  if (key >= last) return false;
                                  const absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(bytes);
                                  damaged = !leaf.ok();
                                  if (leaf.ok() && leaf->kind == certs::LeafKind::kIssued) {
                                    issued.emplace_back(leaf->status_index);
                                  }
                                  return leaf.ok();
                                }));
  if (damaged) return Unreadable("a leaf");
  *first = stop;
  return issued;
}

// Nothing: the newborn has no label, as those from before the map.
absl::StatusOr<std::optional<store::StoreReceipts::Item>> ItemOf(const store::Snapshot& snapshot,
                                                                 certs::StatusIndex status_index) {
  ASSIGN_OR_RETURN(const auto head,
                   Read<storage::v1::CertificateHead>(snapshot, Family::kCertificates,
                                                      store::IndexKey(status_index)));
  const auto newborn_id = certs::NewbornId::FromBytes(head.reservation().newborn_id());
  if (!newborn_id) {
    return Unreadable("a certificate without newborn");
  }
  ASSIGN_OR_RETURN(const auto newborn, Read<storage::v1::Newborn>(snapshot, Family::kNewborns,
                                                                  store::IdKey(*newborn_id)));
  const std::optional<certs::MapLabel> label =
      newborn.map_labels().empty() ? std::nullopt : certs::MapLabelFrom(newborn.map_labels(0));
  if (!label) return std::optional<store::StoreReceipts::Item>();
  ASSIGN_OR_RETURN(const certs::MapProof proof, store::ProveLabel(snapshot, *label));
  return std::optional<store::StoreReceipts::Item>({status_index, certs::Canonical(proof)});
}

// The size of the last witnessed checkpoint below `end`; 0: none. Keys ascend and there is no
// reading backwards, so the place is found by halving.
absl::StatusOr<uint64_t> LastCheckpointBelow(const store::Snapshot& snapshot, certs::LogEpoch epoch,
                                             uint64_t end) {
  // The first one at or after `size`; `end` when there is none.
  const auto next = [&](uint64_t size) -> absl::StatusOr<uint64_t> {
    uint64_t found = end;
    RETURN_IF_ERROR(snapshot.Scan(
        Family::kCheckpoints, "", store::IndexKey(store::PlaceOf({epoch, certs::LogSize(size)})),
        [&](absl::string_view key, absl::string_view) {
          const std::optional<uint64_t> position = store::ParseBigEndian64(key);
          if (position && store::EpochAt(*position) == epoch) {
            found = std::min(end, store::IndexAt(*position).value());
          }
          return false;
        }));
    return found;
  };
  uint64_t low = 0, high = end, last = 0;  // the answer is `last`, or lies in [low, high)
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    ASSIGN_OR_RETURN(const uint64_t found, next(middle));
    if (found < end) {
      last = found;
      low = found + 1;
    } else {
      high = middle;
    }
  }
  return last;
}

}  // namespace

absl::Status MakeReceipts(const Witnessed& now, certs::LeafIndex from,
                          const std::function<absl::Status(store::StoreReceipts)>& store,
                          const std::function<bool()>& stopping) {
  store::StoreReceipts command;
  command.position = now.position();
  command.checkpoint = now.note;
  bool stored = false;
  const auto flush = [&] {
    store::StoreReceipts full = command;
    full.items.swap(command.items);
    command.items.clear();
    stored = true;
    return store(std::move(full));
  };
  while (Holds(now.position().size, from)) {
    ASSIGN_OR_RETURN(const std::vector<certs::StatusIndex> issued,
                     IssuedAmong(*now.snapshot, now.position(), &from));
    for (const certs::StatusIndex status_index : issued) {
      if (stopping()) return absl::CancelledError("stopping");
      ASSIGN_OR_RETURN(std::optional<store::StoreReceipts::Item> item,
                       ItemOf(*now.snapshot, status_index));
      if (item.has_value()) command.items.push_back(*std::move(item));
      if (command.items.size() >= kItemsAtOnce) RETURN_IF_ERROR(flush());
    }
  }
  return stored && command.items.empty() ? absl::OkStatus() : flush();
}

absl::StatusOr<certs::LeafIndex> ReceiptsFrom(const store::Snapshot& snapshot,
                                              certs::LogEpoch epoch) {
  const uint64_t all = uint64_t{1} << store::kPlaceBits;
  ASSIGN_OR_RETURN(const uint64_t last, LastCheckpointBelow(snapshot, epoch, all));
  ASSIGN_OR_RETURN(const uint64_t before, LastCheckpointBelow(snapshot, epoch, last));
  return certs::LeafIndex(before);
}

}  // namespace birthseal::server
