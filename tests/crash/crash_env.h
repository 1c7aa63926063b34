// SPDX-License-Identifier: Apache-2.0
// A disk under RocksDB that loses power: at the crash point everything that was not synced is
// dropped or torn, file content as well as names in directories.
//
// Content counts as durable up to the last Sync of the file; a new, renamed or removed name counts
// after the next sync of its directory. What was not durable is undone by Restart: of the names a
// seeded number of the newest, of each file's tail a seeded part, torn at any byte and, in the
// write-ahead log, perhaps overwritten by zeros. RangeSync makes nothing durable. Nothing is really
// synced, so tests are quick.
//
// A disk that is full or fails single operations: faults(). What a failed sync was to write stays
// undurable, whatever later syncs answer.
//
// Thread-safe. `kill -9` tests no durability, since the page cache survives it: this does.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/crash/disk_faults.h"

namespace rocksdb {
class Env;
}

namespace birthseal::tests {

class CrashEnv {
 public:
  explicit CrashEnv(uint64_t seed);
  ~CrashEnv();

  // For RocksDbTestHooks; lives as long as this object.
  rocksdb::Env* env();
  // The crash comes at the `operation`-th change from now on (1: the next): a write, a sync, or a
  // change of a name. It and all later ones fail. 0: none.
  void CrashAt(uint64_t operation);
  void CrashNow();
  bool crashed() const;
  // Changes so far since the last Restart.
  uint64_t operations() const;
  // The next sync of a write-ahead log fails, nothing else: an outcome that nobody knows.
  void FailNextLogSync();
  DiskFaults& faults();
  // Power is back: call with the store closed. The disk holds what was durable.
  void Restart();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::tests
