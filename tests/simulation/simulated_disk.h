// SPDX-License-Identifier: Apache-2.0
// A disk that obeys only what POSIX promises: what was not synced may be lost, torn or kept when
// the power goes; a failed write leaves some of its bytes; a bit may flip while nobody looks.
//
// Files live in a page cache (what processes read) over what is durable. Deterministic: chance
// comes from the seed. Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/journal/file_system.h"
#include "tests/simulation/random.h"

namespace birthseal::simulation {

// What happens at the n-th change from now (append, sync, create, cut, remove, ...).
enum class DiskFault {
  kNone,
  kPowerLoss,  // in the middle of it: the machine is off
  kKill,       // in the middle of it: the process is gone, the page cache stays
  kEio,        // it fails; nobody knows what was done
  kFull,       // no space: appends fail until Free()
};

class SimulatedDisk : public store::FileSystem {
 public:
  explicit SimulatedDisk(Random* random) : random_(random) {}

  // One fault waits at a time.
  void Plan(DiskFault fault, uint64_t changes) {
    planned_ = fault;
    planned_at_ = changes_ + changes;
  }
  // True after kPowerLoss or kKill struck: every call fails until Restart.
  bool down() const { return down_; }
  bool full() const { return full_; }
  void Free() { full_ = false; }
  // The machine or the process starts again. `power_lost`: the page cache is gone, too.
  void Restart(bool power_lost);
  bool power_lost() const { return power_lost_; }
  uint64_t changes() const { return changes_; }
  // Faults that struck; each failed append to a full disk is one.
  uint64_t struck() const { return struck_; }

  // Damage at rest and restores, done by hand while the process is down.
  // Flips one bit of a durable file; false when it is empty or absent.
  bool FlipBit(const std::string& path);
  std::string Durable(const std::string& path) const;
  void Replace(const std::string& path, std::string bytes);

  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override;
  absl::StatusOr<std::string> Read(const std::string& path) const override;
  absl::StatusOr<std::unique_ptr<store::AppendFile>> Create(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<store::AppendFile>> OpenToAppend(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<store::FileLock>> Lock(const std::string& path) override;
  // The bytes of a file without a copy; null: no such file. For the simulated engine.
  const std::string* Peek(const std::string& path) const;

 private:
  struct Content {
    std::string bytes;       // in the page cache
    size_t synced = 0;       // of them, surely durable
    std::string before_cut;  // durable bytes that a cut not yet synced would leave
    bool was_cut = false;
  };
  struct Entry {
    std::shared_ptr<Content> content;
    bool durable = false;  // the name survives a power loss
  };
  class OpenFile;
  class HeldLock;

  // Counts a change; what the planned fault makes of it.
  DiskFault Change();
  absl::Status Down() const;
  absl::Status Append(Content& content, absl::string_view bytes);
  absl::Status Sync(Content& content);
  void LoseUnsynced(Content& content);
  void LosePower();

  Random* random_;
  std::map<std::string, Entry> files_;
  std::map<std::string, Entry> removed_;  // names whose removal is not yet synced
  std::set<std::string> locks_;
  uint64_t generation_ = 0;  // of the process: older handles and locks are dead
  uint64_t struck_ = 0, changes_ = 0, planned_at_ = 0;
  DiskFault planned_ = DiskFault::kNone;
  bool down_ = false, power_lost_ = false, full_ = false;
};

}  // namespace birthseal::simulation
