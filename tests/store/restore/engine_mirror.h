// SPDX-License-Identifier: Apache-2.0
// What a witness mirrored of an engine's log, served from a copy of that engine.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "certs/proof/checkpoint.h"
#include "certs/proof/log_update.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/reads/registry.h"
#include "store/restore/recovery.h"
#include "store/sealed_value.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline constexpr char kLogName[] = "birthseal.test/log";

inline std::unique_ptr<store::MemoryEngine> CopyOf(const store::Engine& engine) {
  store::WriteBatch batch;
  const auto snapshot = engine.NewSnapshot();
  for (int i = 0; i < store::kFamilyCount; ++i) {
    const auto family = static_cast<store::Family>(i);
    EXPECT_OK(snapshot->Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
      const bool fence = family == store::Family::kMeta && key == store::FenceKey();
      if (!fence) batch.Put(family, std::string(key), std::string(value));
      return true;
    }));
  }
  auto copy = std::make_unique<store::MemoryEngine>();
  EXPECT_OK(copy->Commit(batch, *copy->AcquireFence()));
  return copy;
}

// What a witness has of an engine's log: everything up to a size of the newest epoch.
class EngineMirror : public store::Mirror {
 public:
  explicit EngineMirror(const store::Engine& engine, uint64_t lacking = 0)
      : engine_(CopyOf(engine)), sealer_("0123456789abcdef"), registry_(engine_.get(), &sealer_) {
    const storage::v1::Meta meta = *registry_.Meta();
    certs::LogFollower follower{certs::LogState()};
    for (uint64_t epoch = 1; epoch <= meta.log_epoch(); ++epoch) {
      const auto updates = *registry_.Updates(certs::LogEpoch(epoch), certs::LeafIndex(0), 10'000);
      const size_t size = updates.size() - (epoch == meta.log_epoch() ? lacking : 0);
      for (size_t i = 0; i < size; ++i) {
        const bool begins = i == 0 && epoch > 1;
        EXPECT_OK(begins ? follower.StartEpoch(certs::LogEpoch(epoch), updates[i].leaf)
                         : follower.Follow(updates[i].leaf, updates[i].changes));
      }
    }
    head_.origin = certs::OriginOf(kLogName, certs::LogEpoch(meta.log_epoch()));
    head_.size = follower.state().leaves.size();
    head_.root = follower.state().leaves.Root();
    head_.map_root = follower.state().map_root;
    head_.time = absl::FromUnixSeconds(1'780'000'000);
  }
  const certs::TreeHead& head() const { return head_; }
  std::string name() const override { return "police"; }
  std::string note() const override {
    return certs::FormatCheckpoint(certs::CheckpointBody(head_), {{kLogName, "abcd", signature_}});
  }
  absl::StatusOr<std::vector<store::RecoverLeaves::Item>> Read(uint64_t epoch, uint64_t first,
                                                               size_t count) override {
    std::vector<store::RecoverLeaves::Item> items;
    const auto updates = registry_.Updates(certs::LogEpoch(epoch), certs::LeafIndex(first),
                                           std::min<size_t>(count, 1000));
    if (!updates.ok()) return updates.status();
    for (const auto& update : *updates) {
      items.push_back({update.leaf, update.changes, {}});
      if (spoil_ != nullptr) spoil_(items.back());
    }
    return items;
  }

  void (*spoil_)(store::RecoverLeaves::Item&) = nullptr;
  std::string signature_ = "the log's";

 private:
  std::unique_ptr<store::MemoryEngine> engine_;
  store::ValueSealer sealer_;
  store::Registry registry_;
  certs::TreeHead head_;
};

}  // namespace birthseal::tests
