// SPDX-License-Identifier: Apache-2.0
// The engine of the laboratory: an append-only file of checksummed batches on the simulated disk,
// with its index in memory. Fast, and every write and sync of a commit can fail.
//
// Stands in for RocksDB, whose own crash tests are in tests/crash. Snapshots read the newest state:
// the laboratory holds none over a commit. Belongs to one thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "store/engine.h"
#include "tests/simulation/simulated_disk.h"

namespace birthseal::simulation {

class DiskEngine : public store::Engine {
 public:
  explicit DiskEngine(SimulatedDisk* disk) : disk_(disk) {}

  static std::string Path() { return "/engine"; }
  // Reads what is durable. Errors: kDataLoss a broken record with whole ones behind it.
  absl::Status Open();
  // The file was replaced or damaged: the next Open reads all of it.
  void Forget();

  std::unique_ptr<store::Snapshot> NewSnapshot() const override;
  absl::Status Commit(const store::WriteBatch& batch, store::FenceEpoch fencing_epoch) override;
  absl::StatusOr<store::FenceEpoch> AcquireFence(store::FenceEpoch above) override;

 private:
  using Map = std::map<std::string, std::string, std::less<>>;
  class Reader;

  absl::Status Write(const store::WriteBatch& batch);
  void Index(const store::WriteBatch& batch);
  store::FenceEpoch Fence() const;

  SimulatedDisk* disk_;
  std::unique_ptr<store::AppendFile> file_;
  std::array<Map, store::kFamilyCount> families_;
  size_t indexed_ = 0;  // bytes of the file whose batches are in the index
  bool poisoned_ = false;
};

}  // namespace birthseal::simulation
