// SPDX-License-Identifier: Apache-2.0
#include "store/reads/view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/log_update.h"
#include "certs/status_macros.h"

namespace birthseal::store {

void LedgerView::Begin() {
  undo_.clear();
  saved_meta_ = meta_;
  saved_unread_ = unread_.changes.size();
  saved_leaves_ = leaves_.size();
  map_.Mark();
}

void LedgerView::Rollback() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    auto& changes = changes_[static_cast<size_t>(undo->family)];
    if (undo->known) {
      changes[undo->key] = std::move(undo->value);
    } else {
      changes.erase(undo->key);
    }
  }
  undo_.clear();
  meta_ = saved_meta_;
  unread_.changes.resize(saved_unread_);
  leaves_.resize(saved_leaves_);
  map_.Rollback();
}

absl::StatusOr<std::optional<std::string>> LedgerView::Get(Family family,
                                                           const std::string& key) const {
  const auto& changes = changes_[static_cast<size_t>(family)];
  if (auto it = changes.find(key); it != changes.end()) return it->second;
  absl::StatusOr<std::string> stored = snapshot_->Get(family, key);
  if (stored.ok()) return std::optional<std::string>(*std::move(stored));
  if (absl::IsNotFound(stored.status())) return std::optional<std::string>();
  return stored.status();
}

absl::Status LedgerView::Scan(
    Family family, const std::string& prefix,
    const std::function<bool(absl::string_view key, absl::string_view value)>& visit) const {
  const auto& changes = changes_[static_cast<size_t>(family)];
  auto change = changes.lower_bound(prefix);
  const auto mine = [&] {
    return change != changes.end() &&
           absl::string_view(change->first).substr(0, prefix.size()) == absl::string_view(prefix);
  };
  bool more = true;
  RETURN_IF_ERROR(
      snapshot_->Scan(family, prefix, prefix, [&](absl::string_view key, absl::string_view value) {
        for (; more && mine() && change->first < key; ++change) {
          if (change->second) more = visit(change->first, *change->second);
        }
        if (!more) return false;
        if (mine() && change->first == key) {
          if (change->second) more = visit(key, *change->second);
          ++change;
        } else {
          more = visit(key, value);
        }
        return more;
      }));
  for (; more && mine(); ++change) {
    if (change->second) more = visit(change->first, *change->second);
  }
  return absl::OkStatus();
}

void LedgerView::Change(Family family, std::string key, std::optional<std::string> value) {
  auto& changes = changes_[static_cast<size_t>(family)];
  auto [it, added] = changes.try_emplace(std::move(key), std::nullopt);
  undo_.push_back({family, it->first, !added, std::move(it->second)});
  it->second = std::move(value);
}

void LedgerView::Put(Family family, std::string key, std::string value) {
  Change(family, std::move(key), std::move(value));
}

void LedgerView::Erase(Family family, std::string key) {
  Change(family, std::move(key), std::nullopt);
}

void LedgerView::PutUnread(Family family, std::string key, std::string value) {
  unread_.Put(family, std::move(key), std::move(value));
}

certs::LeafIndex LedgerView::AppendLeaf(const certs::Leaf& leaf) {
  const certs::LeafIndex index(meta_.log_size());
  leaves_.push_back({PlaceOf(index), certs::Canonical(leaf)});
  meta_.set_log_size(EndOf(index).value());
  changes_of_leaf_ = 0;
  return index;
}

absl::StatusOr<std::optional<std::string>> LedgerView::LeafAt(uint64_t place) const {
  const auto leaf = std::lower_bound(leaves_.begin(), leaves_.end(), place,
                                     [](const NewLeaf& a, uint64_t at) { return a.place < at; });
  if (leaf != leaves_.end() && leaf->place == place) return std::optional(leaf->bytes);
  return Get(Family::kLeaves, IndexKey(place));
}

absl::Status LedgerView::ChangeMap(certs::LeafIndex leaf_index, const certs::MapLabel& label,
                                   uint64_t value) {
  if (leaves_.empty() || leaves_.back().place != PlaceOf(leaf_index)) {
    return certs::Error(absl::StatusCode::kInternal, "LEAF_NOT_NEWEST",
                        "only the newest leaf may change the map");
  }
  ASSIGN_OR_RETURN(certs::MapProof before, map_.Change(label, value));
  if (before.terminal != certs::MapTerminal::kPresent) meta_.set_map_labels(meta_.map_labels() + 1);
  meta_.set_map_root(certs::Bytes(map_.root()));
  PutUnread(Family::kMapChanges, MapChangeKey(leaves_.back().place, changes_of_leaf_++),
            certs::Canonical(certs::MapChange{std::move(before), value}));
  return absl::OkStatus();
}

void LedgerView::AddOutboxEvent(const std::string& kind, uint64_t status_index,
                                absl::string_view newborn_id, int64_t micros) {
  storage::v1::OutboxEvent event;
  event.set_kind(kind);
  event.set_status_index(status_index);
  event.set_newborn_id(std::string(newborn_id));
  event.set_time(micros);
  PutUnread(Family::kOutbox, IndexKey(meta_.next_outbox()), event.SerializeAsString());
  meta_.set_next_outbox(meta_.next_outbox() + 1);
}

WriteBatch LedgerView::TakeBatch() {
  WriteBatch batch = std::move(unread_);
  unread_ = {};
  for (int family = 0; family < kFamilyCount; ++family) {
    auto& changes = changes_[family];
    for (auto it = changes.begin(); it != changes.end();) {
      auto node = changes.extract(it++);
      if (node.mapped()) {
        batch.Put(static_cast<Family>(family), std::move(node.key()), *std::move(node.mapped()));
      } else {
        batch.Erase(static_cast<Family>(family), std::move(node.key()));
      }
    }
  }
  undo_.clear();
  map_.PutInto(&batch);
  return batch;
}

absl::Status LedgerView::Unreadable(Family family) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                      absl::StrCat("reading a record of family ", Name(family)));
}

}  // namespace birthseal::store
