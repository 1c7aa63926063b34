// SPDX-License-Identifier: Apache-2.0
// What a command sees and changes: an engine snapshot under the changes of this batch.
//
// A command's changes are kept or taken back as a whole (Begin, Rollback). Belongs to one thread;
// the snapshot outlives it. Errors: kDataLoss a stored record cannot be read.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_place.h"
#include "store/engine.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"

namespace birthseal::store {

class LedgerView {
 public:
  // `cache` may be null; it outlives the view.
  LedgerView(const Snapshot* snapshot, storage::v1::Meta meta, MapCache* cache = nullptr)
      : snapshot_(snapshot),
        meta_(std::move(meta)),
        map_(MapReader(snapshot, MapRootOf(meta_), cache)) {}

  // Changes from here on stay only until Rollback.
  void Begin();
  void Rollback();

  // Nothing when there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family, const std::string& key) const;
  template <typename Record>
  absl::StatusOr<std::optional<Record>> Find(Family family, const std::string& key) const {
    absl::StatusOr<std::optional<std::string>> bytes = Get(family, key);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) return std::optional<Record>();
    std::optional<Record> record;
    record.emplace();
    if (!record->ParseFromString(**bytes)) return Unreadable(family);
    return record;
  }
  // Ascending over snapshot and changes, until `visit` returns false.
  absl::Status Scan(
      Family family, const std::string& prefix,
      const std::function<bool(absl::string_view key, absl::string_view value)>& visit) const;

  void Put(Family family, std::string key, std::string value);
  template <typename Record>
  void PutRecord(Family family, std::string key, const Record& record) {
    Put(family, std::move(key), record.SerializeAsString());
  }
  void Erase(Family family, std::string key);
  // A value that no command reads back: sealed bodies, documents, constants, audit, outbox.
  void PutUnread(Family family, std::string key, std::string value);

  // Adds a leaf to the log and gives its index (0-based) in the current log epoch.
  certs::LeafIndex AppendLeaf(const certs::Leaf& leaf);
  // Its place in all epochs (keys.h).
  uint64_t PlaceOf(certs::LeafIndex index) const {
    return store::PlaceOf(certs::LogEpoch(meta_.log_epoch()), index);
  }
  // Bytes of a leaf, of this batch or before.
  absl::StatusOr<std::optional<std::string>> LeafAt(uint64_t place) const;

  // The uniqueness map: the label's value; nothing: absent.
  absl::StatusOr<std::optional<uint64_t>> MapValue(const certs::MapLabel& label) const {
    return map_.Lookup(label);
  }
  // A change that this leaf, the newest, brings; kept with the leaf for witnesses. Errors:
  // kDataLoss a page cannot be read; kInternal another leaf.
  absl::Status ChangeMap(certs::LeafIndex leaf_index, const certs::MapLabel& label, uint64_t value);
  void AddOutboxEvent(const std::string& kind, uint64_t status_index, absl::string_view newborn_id,
                      int64_t micros);

  storage::v1::Meta& meta() { return meta_; }
  const storage::v1::Meta& meta() const { return meta_; }
  struct NewLeaf {
    uint64_t place;
    std::string bytes;
  };
  // Leaves of this batch, in order.
  const std::vector<NewLeaf>& leaves() const { return leaves_; }
  const MapUpdater& map() const { return map_; }

  // All changes as one batch; the view is empty afterwards.
  WriteBatch TakeBatch();

 private:
  struct Undo {
    Family family;
    std::string key;
    bool known;  // the key was among the changes before
    std::optional<std::string> value;
  };
  static absl::Status Unreadable(Family family);
  void Change(Family family, std::string key, std::optional<std::string> value);

  const Snapshot* snapshot_;
  storage::v1::Meta meta_;
  // Nothing: erased in this batch.
  std::array<std::map<std::string, std::optional<std::string>, std::less<>>, kFamilyCount> changes_;
  WriteBatch unread_;
  std::vector<NewLeaf> leaves_;
  MapUpdater map_;
  uint16_t changes_of_leaf_ = 0;  // of the map, by the newest leaf

  std::vector<Undo> undo_;
  storage::v1::Meta saved_meta_;
  size_t saved_unread_ = 0, saved_leaves_ = 0;
};

}  // namespace birthseal::store
