// SPDX-License-Identifier: Apache-2.0
#include "store/memory_engine.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

// The values a key has had, oldest first; no value: erased.
struct Version {
  uint64_t sequence;
  std::optional<std::string> value;
};
using Versions = std::vector<Version>;
using Map = std::map<std::string, Versions, std::less<>>;

const std::string* ValueAt(const Versions& versions, uint64_t sequence) {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->sequence <= sequence) return it->value ? &*it->value : nullptr;
  }
  return nullptr;
}

}  // namespace

struct MemoryEngine::State {
  mutable std::shared_mutex mutex;
  Map families[kFamilyCount];
  uint64_t sequence = 0;          // visible to new snapshots
  uint64_t durable_sequence = 0;  // what Crash() goes back to
  std::multiset<uint64_t> snapshots;
  std::deque<std::pair<Family, std::string>> erased;  // keys that may be dropped whole later
  bool poisoned = false, ignore_syncs = false, fault = false, fault_applies = false;
  int good_commits = 0;

  Map& Of(Family family) { return families[static_cast<size_t>(family)]; }

  uint64_t OldestNeeded() const {
    const uint64_t durable = std::min(sequence, durable_sequence);
    return snapshots.empty() ? durable : std::min(durable, *snapshots.begin());
  }

  // Versions that neither a snapshot nor Crash() can reach go.
  void Prune(Versions* versions, uint64_t oldest) {
    size_t keep = 0;
    while (keep + 1 < versions->size() && (*versions)[keep + 1].sequence <= oldest) ++keep;
    versions->erase(versions->begin(), versions->begin() + static_cast<std::ptrdiff_t>(keep));
  }

  void Write(Family family, const std::string& key, std::optional<std::string> value, uint64_t at) {
    Versions& versions = Of(family)[key];
    Prune(&versions, OldestNeeded());
    if (!value) erased.emplace_back(family, key);
    if (!versions.empty() && versions.back().sequence == at) {
      versions.back().value = std::move(value);
    } else {
      versions.push_back({at, std::move(value)});
    }
  }

  void Apply(const WriteBatch& batch, uint64_t at) {
    for (const WriteBatch::Change& change : batch.changes) {
      Write(change.family, change.key,
            change.erase ? std::nullopt : std::optional<std::string>(change.value), at);
    }
  }

  // Keys whose erasure everyone sees go whole.
  void DropErased() {
    const uint64_t oldest = OldestNeeded();
    while (!erased.empty()) {
      const auto& [family, key] = erased.front();
      const auto it = Of(family).find(key);
      if (it != Of(family).end() && !it->second.back().value) {
        if (it->second.back().sequence > oldest) return;
        Of(family).erase(it);
      }
      erased.pop_front();
    }
  }

  FenceEpoch Fence() {
    const Map& meta = Of(Family::kMeta);
    const auto it = meta.find(FenceKey());
    const std::string* value = it == meta.end() ? nullptr : ValueAt(it->second, sequence);
    return FenceEpoch(value == nullptr ? 0 : ParseBigEndian64(*value).value_or(0));
  }
};

class MemoryEngine::VersionSnapshot : public Snapshot {
 public:
  explicit VersionSnapshot(std::shared_ptr<State> state) : state_(std::move(state)) {
    std::unique_lock lock(state_->mutex);
    sequence_ = state_->sequence;
    registered_ = state_->snapshots.insert(sequence_);
  }
  ~VersionSnapshot() override {
    std::unique_lock lock(state_->mutex);
    state_->snapshots.erase(registered_);
  }

  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    std::shared_lock lock(state_->mutex);
    const Map& map = state_->Of(family);
    const auto it = map.find(key);
    const std::string* value = it == map.end() ? nullptr : ValueAt(it->second, sequence_);
    if (value == nullptr) return absl::NotFoundError(absl::StrCat("no such key: ", Name(family)));
    return *value;
  }

  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    std::string next(std::max(prefix, from));
    for (;;) {
      // Rows are copied in portions, so that `visit` may use the engine.
      const std::vector<std::pair<std::string, std::string>> rows = Rows(family, prefix, next);
      for (const auto& [key, value] : rows) {
        if (!visit(key, value)) return absl::OkStatus();
      }
      if (rows.size() < kPortion) return absl::OkStatus();
      next = rows.back().first + '\0';
    }
  }

 private:
  static constexpr size_t kPortion = 64;

  std::vector<std::pair<std::string, std::string>> Rows(Family family, absl::string_view prefix,
                                                        absl::string_view from) const {
    std::vector<std::pair<std::string, std::string>> rows;
    std::shared_lock lock(state_->mutex);
    const Map& map = state_->Of(family);
    for (auto it = map.lower_bound(from); it != map.end() && rows.size() < kPortion; ++it) {
      if (!absl::StartsWith(it->first, prefix)) break;
      const std::string* value = ValueAt(it->second, sequence_);
      if (value != nullptr) rows.emplace_back(it->first, *value);
    }
    return rows;
  }

  std::shared_ptr<State> state_;
  uint64_t sequence_;
  std::multiset<uint64_t>::iterator registered_;
};

MemoryEngine::MemoryEngine() : state_(std::make_shared<State>()) {}
MemoryEngine::~MemoryEngine() = default;

std::unique_ptr<Snapshot> MemoryEngine::NewSnapshot() const {
  return std::make_unique<VersionSnapshot>(state_);
}

absl::Status MemoryEngine::Commit(const WriteBatch& batch, FenceEpoch fencing_epoch) {
  std::unique_lock lock(state_->mutex);
  State& state = *state_;
  if (state.poisoned) {
    return certs::Error(absl::StatusCode::kUnavailable, "ENGINE_POISONED",
                        "an earlier commit failed: open the engine again");
  }
  if (state.Fence() != fencing_epoch) {
    return certs::Error(absl::StatusCode::kAborted, "FENCED", "another writer took over");
  }
  const uint64_t at = state.sequence + 1;
  if (state.fault && state.good_commits-- == 0) {
    state.fault = false;
    state.poisoned = true;
    if (state.fault_applies) {
      state.Apply(batch, at);
      state.durable_sequence = at;
    }
    return certs::Error(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN", "injected fault");
  }
  state.Apply(batch, at);
  state.sequence = at;
  if (!state.ignore_syncs) state.durable_sequence = at;
  state.DropErased();
  return absl::OkStatus();
}

absl::StatusOr<FenceEpoch> MemoryEngine::AcquireFence(FenceEpoch above) {
  std::unique_lock lock(state_->mutex);
  State& state = *state_;
  if (state.poisoned) {
    return certs::Error(absl::StatusCode::kUnavailable, "ENGINE_POISONED",
                        "an earlier commit failed: open the engine again");
  }
  const FenceEpoch epoch = std::max(state.Fence(), above).Plus(1);
  ++state.sequence;
  state.Write(Family::kMeta, FenceKey(), BigEndian64(epoch.value()), state.sequence);
  state.durable_sequence = state.sequence;
  return epoch;
}

void MemoryEngine::FailCommit(bool applied, int commits) {
  std::unique_lock lock(state_->mutex);
  state_->fault = true;
  state_->fault_applies = applied;
  state_->good_commits = commits;
}

void MemoryEngine::IgnoreSyncs(bool ignore) {
  std::unique_lock lock(state_->mutex);
  state_->ignore_syncs = ignore;
}

void MemoryEngine::Crash() {
  std::unique_lock lock(state_->mutex);
  State& state = *state_;
  for (Map& map : state.families) {
    for (auto it = map.begin(); it != map.end();) {
      Versions& versions = it->second;
      while (!versions.empty() && versions.back().sequence > state.durable_sequence) {
        versions.pop_back();
      }
      it = versions.empty() ? map.erase(it) : std::next(it);
    }
  }
  state.sequence = state.durable_sequence;
  state.poisoned = state.fault = state.ignore_syncs = false;
}

}  // namespace birthseal::store
