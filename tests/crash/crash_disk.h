// SPDX-License-Identifier: Apache-2.0
// What is durable of a disk, apart from RocksDB's interfaces: the state behind CrashEnv.
//
// The methods are called with `mutex_` held. Private to crash_env.cc.
#pragma once

#include <rocksdb/io_status.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/disk_faults.h"

namespace birthseal::tests {

inline constexpr char kSaved[] = ".crash";  // then a number: a name kept in case it comes back

bool IsLog(const std::string& path);

// A change of names that its directory has not synced.
struct NameChange {
  enum Kind { kMade, kMoved, kRemoved } kind;
  std::string path, from;  // `from`: kMoved
  std::string saved;       // where the file that gave way is kept; empty: none
};

class Disk {
 public:
  explicit Disk(uint64_t seed) : faults_(seed), random_(seed) {}

  // Counts one change; fails when the power is gone. A change that is cut off may still happen.
  rocksdb::IOStatus Change(bool* happens = nullptr);
  void Made(const std::string& path, const std::string& saved);
  // What an earlier life left is durable.
  void Reopened(const std::string& path);
  void Synced(const std::string& path, uint64_t size);
  // What a failed sync was to write may be dropped, and no later sync brings it back.
  void SyncFailed(const std::string& path) { unsyncable_.insert(path); }
  void Shrunk(const std::string& path, uint64_t size);
  // Keeps what stands at `path` so that it can come back. Gives its place, or "".
  std::string Save(const std::string& path);
  void Renamed(const std::string& from, const std::string& to, const std::string& saved);
  void Removed(const std::string& path, const std::string& saved);
  void DirectorySynced(const std::string& directory);
  void Restart();

  std::mutex mutex_;  // of all members; held by the callers
  uint64_t operations_ = 0, crash_at_ = 0;
  bool crashed_ = false, fail_log_sync_ = false;
  DiskFaults faults_;  // has its own lock

 private:
  void Move(const std::string& from, const std::string& to);
  void MoveState(const std::string& from, const std::string& to);
  void Forget(const std::string& saved);
  void Undo(const NameChange& change);
  void Tear(const std::string& path, uint64_t durable);

  std::mt19937_64 random_;
  std::map<std::string, uint64_t> durable_size_;  // of files written since the last Restart
  std::set<std::string> unsyncable_;
  std::map<std::string, std::vector<NameChange>> changes_;
  uint64_t next_saved_ = 0;
};

}  // namespace birthseal::tests
