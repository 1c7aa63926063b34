// SPDX-License-Identifier: Apache-2.0
// A small RocksDB store on a CrashEnv.
#pragma once

#include <memory>
#include <string>

#include "store/rocksdb/rocksdb_engine.h"
#include "tests/crash/crash_env.h"
#include "tests/crash/numbered_batches.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

inline absl::StatusOr<std::unique_ptr<store::RocksDbEngine>> OpenOn(
    CrashEnv& disk, const std::string& path, store::RocksDbOptions options = {}) {
  options.memtable_bytes = 128 << 10;  // flushes and compactions soon
  store::RocksDbTestHooks hooks;
  hooks.env = disk.env();
  return store::RocksDbEngine::Open(path, options, hooks);
}

// Batches in tables, blobs and the newest log.
inline void Fill(CrashEnv& disk, const std::string& path, uint64_t batches) {
  auto engine = OpenOn(disk, path);
  ASSERT_OK(engine);
  const store::FenceEpoch epoch = *(*engine)->AcquireFence();
  for (uint64_t i = 1; i <= batches; ++i) ASSERT_OK((*engine)->Commit(BatchOf(i), epoch));
}

}  // namespace birthseal::tests
