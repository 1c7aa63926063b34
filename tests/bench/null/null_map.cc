// SPDX-License-Identifier: Apache-2.0
// No map: no label has a value, no change is kept.
#include "store/log/uniqueness_map.h"

namespace birthseal::store {

using certs::MapLabel;
using certs::MapProof;

MapPagePtr MapCache::Find(const std::string&) const { return nullptr; }
void MapCache::Add(const std::string&, MapPagePtr) {}
absl::StatusOr<MapProof> ProveLabel(const MapReader&, const MapLabel& label) {
  MapProof proof;
  proof.label = label;
  return proof;
}
absl::StatusOr<std::optional<uint64_t>> Lookup(const MapReader&, const MapLabel&) {
  return std::optional<uint64_t>();
}
absl::StatusOr<MapProof> ProveLabel(const Snapshot&, const MapLabel& label) {
  MapProof proof;
  proof.label = label;
  return proof;
}
absl::StatusOr<std::optional<uint64_t>> MapUpdater::Lookup(const MapLabel&) const {
  return std::optional<uint64_t>();
}
absl::StatusOr<MapProof> MapUpdater::Change(const MapLabel& label, uint64_t) {
  MapProof proof;
  proof.label = label;
  return proof;
}
void MapUpdater::Mark() {}
void MapUpdater::Rollback() {}
void MapUpdater::PutInto(WriteBatch*) const {}
MapPages MapUpdater::UpperPages() const { return {}; }

}  // namespace birthseal::store
