// SPDX-License-Identifier: Apache-2.0
// The engine on RocksDB: one column family for each family, bodies and documents in blob files.
//
// Thread-safe. One process at a time: RocksDB locks the directory. Durability: Commit answers OK
// after the write-ahead log is synced. After a failed commit RocksDB does not say what is on disk
// ("Put returns an error, Get says NotFound, and after reopening the key is there"), so the engine
// refuses all further commits with kUnavailable until it is opened again.
// Memory: block cache, four memtables' worth and some 20 MB.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "store/engine.h"

namespace rocksdb {
class Env;
}

namespace birthseal::store {

struct RocksDbOptions {
  size_t block_cache_bytes = 64u << 20;
  size_t memtable_bytes = 16u << 20;  // of one family; all together take at most four times that
  // Flushes and compactions together; keeps them from the disk and the core of the service.
  size_t background_bytes_per_second = 96u << 20;
  // False: tables are written, never merged. For a repair: a compaction that meets an unreadable
  // table ends all commits, also the one that would take that table away.
  bool compact = true;
  // Nothing in the directory is changed; commits fail. For a copy at rest.
  bool read_only = false;
  // RocksDB's warnings and errors, a line each, on any thread; empty: nobody. It keeps no text log
  // of its own in the directory: on a full disk it ends the process over its second line.
  std::function<void(absl::string_view line)> tell;
};

// Only tests set these.
struct RocksDbTestHooks {
  rocksdb::Env* env = nullptr;  // not owned; outlives the engine and its snapshots
  bool sync = true;             // false: commits answer before they are durable
};

class RocksDbEngine : public Engine {
 public:
  // Opens or makes the store in `directory`. Errors: kUnavailable the disk, or another process has
  // it; kDataLoss damaged; kResourceExhausted disk full.
  static absl::StatusOr<std::unique_ptr<RocksDbEngine>> Open(const std::string& directory,
                                                             const RocksDbOptions& options = {},
                                                             const RocksDbTestHooks& hooks = {});
  ~RocksDbEngine() override;

  // A snapshot keeps the store open until it goes.
  std::unique_ptr<Snapshot> NewSnapshot() const override;
  absl::Status Commit(const WriteBatch& batch, FenceEpoch fencing_epoch) override;
  absl::StatusOr<FenceEpoch> AcquireFence(FenceEpoch above = FenceEpoch()) override;
  // Certain only in a store that was opened without `compact`.
  absl::Status Clear(Family family, FenceEpoch fencing_epoch) override;
  // Hard links on the same file system, else copies; the memtables are flushed first.
  absl::StatusOr<std::string> Checkpoint(const std::string& directory) const override;

 private:
  struct Database;
  class DatabaseSnapshot;
  explicit RocksDbEngine(std::shared_ptr<Database> database);
  static absl::StatusOr<std::unique_ptr<RocksDbEngine>> OpenFiles(const std::string& directory,
                                                                  const RocksDbOptions& options,
                                                                  const RocksDbTestHooks& hooks);
  absl::Status CommitLocked(const WriteBatch& batch);

  const std::shared_ptr<Database> database_;
  std::mutex mutex_;       // orders commits and fences
  FenceEpoch fence_;       // under mutex_; what FenceKey() holds: no other process can change it
  bool poisoned_ = false;  // under mutex_
};

}  // namespace birthseal::store
