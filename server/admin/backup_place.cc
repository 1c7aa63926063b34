// SPDX-License-Identifier: Apache-2.0
#include "server/admin/backup_place.h"

#include <utility>

namespace birthseal::server {

BackupPlace::BackupPlace(const store::Engine* engine, std::string directory)
    : engine_(*engine), directory_(std::move(directory)) {}

std::unique_lock<std::mutex> BackupPlace::Begin() const {
  return std::unique_lock<std::mutex>(running_, std::try_to_lock);
}

absl::StatusOr<storage::v1::BackupManifest> BackupPlace::Make(const std::string& name) const {
  return store::CreateBackup(engine_, directory_, name);
}

}  // namespace birthseal::server
