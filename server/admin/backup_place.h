// SPDX-License-Identifier: Apache-2.0
// Where backups are made: a copy of the store can be had of it, and nothing else of the store.
//
// Thread-safe. The engine outlives it.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "store/restore/backup.h"

namespace birthseal::server {

class BackupPlace {
 public:
  BackupPlace(const store::Engine* engine, std::string directory);
  // One at a time: who holds the lock makes one. A lock that owns nothing: another is being made.
  std::unique_lock<std::mutex> Begin() const;
  // Errors: those of store/restore/backup.h.
  absl::StatusOr<storage::v1::BackupManifest> Make(const std::string& name) const;

 private:
  const store::Engine& engine_;
  const std::string directory_;
  mutable std::mutex running_;
};

}  // namespace birthseal::server
