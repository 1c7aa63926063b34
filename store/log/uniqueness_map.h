// SPDX-License-Identifier: Apache-2.0
// The uniqueness map (唯一性映射) as stored: which label has which certificate in force.
//
// The prefix tree of certs/proof/map_proof.h, kept in pages (map_page.h) in the family kMapPages,
// newest state only. A label costs one page for every four levels of its path: some log16(n). Every
// page is checked against the hash that its parent has of it whenever it is read, and the top page
// against the root, so a proof made here always checks.
//
// Thread-safety: ProveLabel and a reader over a snapshot: any thread, a reader its own. The cache
// and the updater belong to the one that writes.
// Errors: kDataLoss "MAP_PAGE_DAMAGED" a page is absent or not what its parent says.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/digest.h"
#include "certs/proof/map_proof.h"
#include "store/engine.h"
#include "store/log/map_page.h"

namespace birthseal::store {

using MapPagePtr = std::shared_ptr<const MapPage>;
// By key (keys.h, MapPageKey).
using MapPages = std::map<std::string, MapPagePtr>;

// Pages of the upper levels, which every change needs: at most 4369 pages of about 1 KB. Filled as
// pages are read, never at start. A page is used only when it has the hash that its parent asks
// for, so one of another state of the map is read anew and never answers.
class MapCache {
 public:
  static constexpr int kDepths = 4;  // pages of depth 0 to 3

  MapPagePtr Find(const std::string& key) const;
  // Pages below kDepths are not kept.
  void Add(const std::string& key, MapPagePtr page);
  size_t size() const { return pages_.size(); }

 private:
  std::unordered_map<std::string, MapPagePtr> pages_;
};

// Reads pages of the map with one root from a snapshot.
class MapReader {
 public:
  // `cache` may be null. Both outlive the reader.
  MapReader(const Snapshot* snapshot, const certs::Digest& root, MapCache* cache = nullptr)
      : snapshot_(snapshot), root_(root), cache_(cache) {}

  const certs::Digest& root() const { return root_; }
  // The page of `depth` on the label's path, which must have this hash.
  absl::StatusOr<MapPagePtr> Page(int depth, const certs::MapLabel& label,
                                  const certs::Digest& hash) const;

 private:
  const Snapshot* snapshot_;
  certs::Digest root_;
  MapCache* cache_;
};

absl::StatusOr<certs::MapProof> ProveLabel(const MapReader& reader, const certs::MapLabel& label);
// The label's value; nothing: absent.
absl::StatusOr<std::optional<uint64_t>> Lookup(const MapReader& reader,
                                               const certs::MapLabel& label);
// Under Meta.map_root of the snapshot.
absl::StatusOr<certs::MapProof> ProveLabel(const Snapshot& snapshot, const certs::MapLabel& label);

// The changes of one batch over the map of a reader.
class MapUpdater {
 public:
  explicit MapUpdater(const MapReader& reader)
      : reader_(reader), root_(reader.root()), saved_root_(reader.root()) {}

  // Under the changes so far.
  absl::StatusOr<std::optional<uint64_t>> Lookup(const certs::MapLabel& label) const;
  // Inserts the label or changes its value. Gives the proof of what was there, under the root
  // before. On an error nothing is changed.
  absl::StatusOr<certs::MapProof> Change(const certs::MapLabel& label, uint64_t value);
  const certs::Digest& root() const { return root_; }
  bool changed() const { return !pages_.empty(); }

  // Rollback takes back all changes since the last Mark.
  void Mark();
  void Rollback();

  // Each page once, as it is after all changes.
  void PutInto(WriteBatch* batch) const;
  // Those that a cache keeps.
  MapPages UpperPages() const;

 private:
  // The pages of the label's path, from the top down, and the proof.
  absl::StatusOr<std::vector<MapPagePtr>> Walk(certs::MapProof* proof) const;
  absl::StatusOr<MapPagePtr> Page(int depth, const certs::MapLabel& label,
                                  const certs::Digest& hash) const;
  void Set(int depth, const certs::MapLabel& label, MapPage page);
  certs::Digest PushDown(int depth, const MapLeaf& one, const MapLeaf& other);

  MapReader reader_;
  certs::Digest root_;
  MapPages pages_;  // changed in this batch
  certs::Digest saved_root_;
  std::vector<std::pair<std::string, MapPagePtr>> undo_;  // null: not changed before
};

}  // namespace birthseal::store
