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
#include "store/engine.h"
#include "store/keys.h"

namespace birthseal::store {

class LedgerView {
 public:
  LedgerView(const Snapshot* snapshot, storage::v1::Meta meta)
      : snapshot_(snapshot), meta_(std::move(meta)) {}

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

  // Adds a leaf to the log and gives its index (0-based).
  uint64_t AppendLeaf(const certs::Leaf& leaf);
  // Bytes of a leaf, of this batch or before.
  absl::StatusOr<std::optional<std::string>> LeafAt(uint64_t index) const;
  void Tell(const std::string& kind, uint64_t status_index, absl::string_view newborn_id,
            int64_t micros);

  storage::v1::Meta& meta() { return meta_; }
  const storage::v1::Meta& meta() const { return meta_; }
  // Leaves of this batch, in order.
  const std::vector<std::string>& leaves() const { return leaves_; }

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
  std::vector<std::string> leaves_;

  std::vector<Undo> undo_;
  storage::v1::Meta saved_meta_;
  size_t saved_unread_ = 0, saved_leaves_ = 0;
};

}  // namespace birthseal::store
