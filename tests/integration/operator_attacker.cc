// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/operator_attacker.h"

#include <set>

#include "certs/proof/log_update.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/log/uniqueness_map.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::tests {

using store::Family;

namespace {

void EraseAll(const store::Snapshot& snapshot, Family family, store::WriteBatch* batch) {
  EXPECT_OK(snapshot.Scan(family, "", "", [&](absl::string_view key, absl::string_view) {
    batch->Erase(family, std::string(key));
    return true;
  }));
}

}  // namespace

void CopyStore(const store::Engine& from, store::Engine* to) {
  store::WriteBatch batch;
  const auto snapshot = from.NewSnapshot();
  for (int i = 0; i < store::kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    ASSERT_OK(snapshot->Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
      if (family != Family::kMeta || key != store::FenceKey()) {
        batch.Put(family, std::string(key), std::string(value));
      }
      return true;
    }));
  }
  const auto fence = to->AcquireFence();
  ASSERT_OK(fence);
  ASSERT_OK(to->Commit(batch, *fence));
}

std::vector<LogEntry> Attacker::Log() const {
  std::vector<LogEntry> entries;
  const auto updates =
      store::Registry(engine_, nullptr).Updates(certs::LogEpoch(1), certs::LeafIndex(0), 1 << 20);
  EXPECT_OK(updates);
  for (const auto& update : *updates) {
    LogEntry entry{*certs::ParseLeaf(update.leaf), {}};
    for (const std::string& canonical : update.changes) {
      const auto change = certs::ParseMapChange(canonical);
      entry.changes.emplace_back(change->before.label, change->value);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

void Attacker::SetLog(const std::vector<LogEntry>& entries) {
  const auto snapshot = engine_->NewSnapshot();
  store::WriteBatch batch;
  for (const Family family :
       {Family::kLeaves, Family::kNodes, Family::kMapPages, Family::kMapChanges}) {
    EraseAll(*snapshot, family, &batch);
  }
  const store::MemoryEngine nothing;
  const auto empty = nothing.NewSnapshot();
  store::MapUpdater map(store::MapReader(empty.get(), certs::kEmptySubtree));
  store::LogAppender log(0, {});
  std::set<certs::MapLabel> labels;
  for (const LogEntry& entry : entries) {
    const uint64_t index = log.Append(certs::Canonical(entry.leaf));
    uint16_t sequence = 0;
    for (const auto& [label, value] : entry.changes) {
      const auto before = map.Change(label, value);
      ASSERT_OK(before);
      batch.Put(Family::kMapChanges,
                store::MapChangeKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(index)),
                                    sequence++),
                certs::Canonical(certs::MapChange{*before, value}));
      labels.insert(label);
    }
  }
  log.PutInto(&batch);
  map.PutInto(&batch);
  storage::v1::Meta meta = *store::MetaOf(*snapshot);
  meta.set_log_size(log.size());
  meta.set_log_root(certs::Bytes(log.Root()));
  meta.set_map_root(certs::Bytes(map.root()));
  meta.set_map_labels(labels.size());
  batch.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
  Commit(batch);
}

void Attacker::SetMap(const certs::MapLabel& label, uint64_t value) {
  const auto snapshot = engine_->NewSnapshot();
  storage::v1::Meta meta = *store::MetaOf(*snapshot);
  store::MapUpdater map(store::MapReader(snapshot.get(), store::MapRootOf(meta)));
  ASSERT_OK(map.Change(label, value));
  store::WriteBatch batch;
  map.PutInto(&batch);
  meta.set_map_root(certs::Bytes(map.root()));
  batch.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
  Commit(batch);
}

void Attacker::BeginEpoch(uint64_t lost_size, const certs::Digest& lost_root) {
  storage::v1::Meta meta = *store::MetaOf(*engine_->NewSnapshot());
  certs::Recovery recovery;
  recovery.old_epoch = meta.log_epoch();
  recovery.kept_size = meta.log_size();
  recovery.kept_root = store::LogRootOf(meta).value();
  recovery.kept_map_root = store::MapRootOf(meta);
  recovery.lost_size = lost_size;
  recovery.lost_root = lost_root;
  certs::Leaf leaf;
  leaf.kind = certs::LeafKind::kRecovery;
  leaf.log_minute = meta.ledger_time() / 60'000'000;
  leaf.detail = certs::Canonical(recovery);
  leaf.commitment = certs::Commit("", leaf.detail);
  storage::v1::LogEpoch* const past = meta.add_past_epochs();
  past->set_epoch(meta.log_epoch());
  past->set_size(meta.log_size());
  past->set_root(meta.log_root());
  past->set_map_root(meta.map_root());
  meta.set_log_epoch(meta.log_epoch() + 1);
  store::LogAppender log(0, {}, meta.log_epoch());
  log.Append(certs::Canonical(leaf));
  meta.set_log_size(log.size());
  meta.set_log_root(certs::Bytes(log.Root()));
  store::WriteBatch batch;
  log.PutInto(&batch);
  batch.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
  Commit(batch);
}

void Attacker::Erase(Family family, const std::string& key) {
  store::WriteBatch batch;
  batch.Erase(family, key);
  Commit(batch);
}

void Attacker::Put(Family family, const std::string& key, const std::string& value) {
  store::WriteBatch batch;
  batch.Put(family, key, value);
  Commit(batch);
}

void Attacker::Commit(const store::WriteBatch& batch) {
  const auto fence = engine_->AcquireFence();
  ASSERT_OK(fence);
  ASSERT_OK(engine_->Commit(batch, *fence));
}

}  // namespace birthseal::tests
