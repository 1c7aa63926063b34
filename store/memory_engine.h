// SPDX-License-Identifier: Apache-2.0
// The engine in memory: for tests, simulation and the thread sanitizer. Ordered, versioned maps;
// a snapshot is a number.
//
// Thread-safe. Durability: simulated. What was committed survives Crash() unless the syncs were
// ignored; a fault hook fails a commit with either outcome.
#pragma once

#include <memory>

#include "store/engine.h"

namespace birthseal::store {

class MemoryEngine : public Engine {
 public:
  MemoryEngine();
  ~MemoryEngine() override;

  // Snapshots may outlive the engine.
  std::unique_ptr<Snapshot> NewSnapshot() const override;
  absl::Status Commit(const WriteBatch& batch, FenceEpoch fencing_epoch) override;
  absl::StatusOr<FenceEpoch> AcquireFence(FenceEpoch above = FenceEpoch()) override;

  // Fault hooks, for tests.
  // The commit after `commits` good ones answers kUnavailable and poisons the engine. The batch is
  // there after Crash() if `applied`, else not; before, readers do not see it.
  void FailCommit(bool applied, int commits = 0);
  // From now on commits answer OK and are lost by Crash().
  void IgnoreSyncs(bool ignore);
  // Power loss and reopening: back to what is durable, no longer poisoned.
  void Crash();

 private:
  struct State;
  class VersionSnapshot;
  std::shared_ptr<State> state_;
};

}  // namespace birthseal::store
