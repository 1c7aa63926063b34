// SPDX-License-Identifier: Apache-2.0
#include "store/log/uniqueness_map.h"

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/meta.h"

namespace birthseal::store {
namespace {

using certs::Digest;
using certs::MapLabel;
using certs::MapProof;

absl::Status Damaged(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "MAP_PAGE_DAMAGED", what);
}

// Fills the proof for its label; `read` gives the page of a depth with a hash. Calls `visit` for
// each page on the way.
template <typename Read, typename Visit>
absl::Status Follow(const Digest& root, const Read& read, const Visit& visit, MapProof* proof) {
  if (root == certs::kEmptySubtree) return absl::OkStatus();
  Digest hash = root;
  for (int depth = 0; depth < kMapNibbles; ++depth) {
    ASSIGN_OR_RETURN(MapPagePtr page, read(depth, hash));
    const bool further = page->Descend(depth, proof);
    hash = page->HashAt(NibbleAt(proof->label, depth));
    visit(std::move(page));
    if (!further) break;
  }
  return absl::OkStatus();
}

std::optional<uint64_t> ValueIn(const MapProof& proof) {
  if (proof.terminal != certs::MapTerminal::kPresent) return std::nullopt;
  return proof.value;
}

}  // namespace

MapPagePtr MapCache::Find(const std::string& key) const {
  const auto it = pages_.find(key);
  return it == pages_.end() ? nullptr : it->second;
}

void MapCache::Add(const std::string& key, MapPagePtr page) {
  if (key[0] < kDepths) pages_[key] = std::move(page);
}

absl::StatusOr<MapPagePtr> MapReader::Page(int depth, const MapLabel& label,
                                           const Digest& hash) const {
  const std::string key = MapPageKey(depth, label);
  MapPagePtr page = cache_ == nullptr ? nullptr : cache_->Find(key);
  if (page != nullptr && page->Hash() == hash) return page;
  const absl::StatusOr<std::string> bytes = snapshot_->Get(Family::kMapPages, key);
  if (absl::IsNotFound(bytes.status())) return Damaged("a page of the uniqueness map is absent");
  if (!bytes.ok()) return bytes.status();
  ASSIGN_OR_RETURN(MapPage read, MapPage::Decode(key, *bytes));
  if (read.Hash() != hash) return Damaged("a page of the uniqueness map has another hash");
  page = std::make_shared<const MapPage>(std::move(read));
  if (cache_ != nullptr) cache_->Add(key, page);
  return page;
}

absl::StatusOr<MapProof> ProveLabel(const MapReader& reader, const MapLabel& label) {
  MapProof proof;
  proof.label = label;
  const auto read = [&](int depth, const Digest& hash) { return reader.Page(depth, label, hash); };
  RETURN_IF_ERROR(Follow(
      reader.root(), read, [](const MapPagePtr&) {}, &proof));
  return proof;
}

absl::StatusOr<std::optional<uint64_t>> Lookup(const MapReader& reader, const MapLabel& label) {
  ASSIGN_OR_RETURN(const MapProof proof, ProveLabel(reader, label));
  return ValueIn(proof);
}

absl::StatusOr<MapProof> ProveLabel(const Snapshot& snapshot, const MapLabel& label) {
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, MetaOf(snapshot));
  return ProveLabel(MapReader(&snapshot, MapRootOf(meta)), label);
}

absl::StatusOr<MapPagePtr> MapUpdater::Page(int depth, const MapLabel& label,
                                            const Digest& hash) const {
  const auto changed = pages_.find(MapPageKey(depth, label));
  if (changed != pages_.end()) return changed->second;
  return reader_.Page(depth, label, hash);
}

absl::StatusOr<std::vector<MapPagePtr>> MapUpdater::Walk(MapProof* proof) const {
  std::vector<MapPagePtr> path;
  const auto read = [&](int depth, const Digest& hash) { return Page(depth, proof->label, hash); };
  RETURN_IF_ERROR(Follow(
      root_, read, [&](MapPagePtr page) { path.push_back(std::move(page)); }, proof));
  return path;
}

absl::StatusOr<std::optional<uint64_t>> MapUpdater::Lookup(const MapLabel& label) const {
  MapProof proof;
  proof.label = label;
  RETURN_IF_ERROR(Walk(&proof).status());
  return ValueIn(proof);
}

void MapUpdater::Set(int depth, const MapLabel& label, MapPage page) {
  MapPagePtr& place = pages_[MapPageKey(depth, label)];
  undo_.emplace_back(MapPageKey(depth, label), std::move(place));
  place = std::make_shared<const MapPage>(std::move(page));
}

// New pages from `depth` down to the first nibble that divides the two, from below.
Digest MapUpdater::PushDown(int depth, const MapLeaf& one, const MapLeaf& other) {
  const int last = static_cast<int>(certs::CommonBits(one.label, other.label) / 4);
  MapPage lowest;
  lowest.SetLeaf(NibbleAt(one.label, last), one);
  lowest.SetLeaf(NibbleAt(other.label, last), other);
  Digest hash = lowest.Hash();
  Set(last, one.label, std::move(lowest));
  for (int at = last - 1; at >= depth; --at) {
    MapPage page;
    page.SetSubtree(NibbleAt(one.label, at), hash);
    hash = page.Hash();
    Set(at, one.label, std::move(page));
  }
  return hash;
}

absl::StatusOr<MapProof> MapUpdater::Change(const MapLabel& label, uint64_t value) {
  MapProof before;
  before.label = label;
  ASSIGN_OR_RETURN(std::vector<MapPagePtr> path, Walk(&before));
  if (path.empty()) path.push_back(std::make_shared<const MapPage>());
  const MapLeaf leaf{label, value};
  int depth = static_cast<int>(path.size()) - 1;
  MapPage page = *path.back();
  const int branch = NibbleAt(label, depth);
  if (page.KindAt(branch) == MapPage::Branch::kLeaf && page.LeafAt(branch).label != label) {
    page.SetSubtree(branch, PushDown(depth + 1, leaf, page.LeafAt(branch)));
  } else {
    page.SetLeaf(branch, leaf);
  }
  Digest hash = page.Hash();
  Set(depth, label, std::move(page));
  while (depth-- > 0) {
    MapPage above = *path[static_cast<size_t>(depth)];
    above.SetSubtree(NibbleAt(label, depth), hash);
    hash = above.Hash();
    Set(depth, label, std::move(above));
  }
  root_ = hash;
  return before;
}

void MapUpdater::Mark() {
  saved_root_ = root_;
  undo_.clear();
}

void MapUpdater::Rollback() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    if (undo->second == nullptr) {
      pages_.erase(undo->first);
    } else {
      pages_[undo->first] = std::move(undo->second);
    }
  }
  undo_.clear();
  root_ = saved_root_;
}

void MapUpdater::PutInto(WriteBatch* batch) const {
  for (const auto& [key, page] : pages_) batch->Put(Family::kMapPages, key, page->Encode());
}

MapPages MapUpdater::UpperPages() const {
  MapPages upper;
  for (const auto& [key, page] : pages_) {
    if (key[0] < MapCache::kDepths) upper.emplace(key, page);
  }
  return upper;
}

}  // namespace birthseal::store
