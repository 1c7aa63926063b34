// SPDX-License-Identifier: Apache-2.0
// Backups (备份) of the running store: a folder with a consistent copy and MANIFEST.birthseal,
// which names every file with its SM3 and the log state that the copy holds. The manifest is
// written last: a folder without it is no backup. Format: FORMAT.md §9.
//
// A backup never proves to be the newest state: what came after it is in the journal, and with
// witnesses (store/restore/recovery.h). Thread-safety: one backup at a time in one place.
// Errors: those of backup_files.h and of the engine, and as each function says.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/backup.pb.h"
#include "birthseal/storage/v1/record.pb.h"
#include "store/engine.h"

namespace birthseal::store {

inline constexpr absl::string_view kManifestName = "MANIFEST.birthseal";
inline constexpr absl::string_view kCopyName = "store";  // the copy's folder in the backup

// Errors: kInvalidArgument "BACKUP_NAME" not 1 to 64 of letters, digits, "-", "_".
absl::Status CheckBackupName(const std::string& name);

// Makes PLACE/NAME. Made before under this name: the manifest of then. Durable when OK.
// Errors: those of CheckBackupName.
absl::StatusOr<storage::v1::BackupManifest> CreateBackup(const Engine& engine,
                                                         const std::string& place,
                                                         const std::string& name);

// Reads every file. Errors: kDataLoss "BACKUP_UNFINISHED" no manifest, "BACKUP_MANIFEST" it cannot
// be read, "BACKUP_DAMAGED" names the file that is missing, altered or too many.
absl::StatusOr<storage::v1::BackupManifest> VerifyBackup(const std::string& directory);

// Verifies, then copies into `store_directory`, checking what was copied. Durable when OK.
// Errors: kFailedPrecondition "STORE_NOT_EMPTY"; those of VerifyBackup.
absl::StatusOr<storage::v1::BackupManifest> RestoreBackup(const std::string& directory,
                                                          const std::string& store_directory);

// The opened copy is the state that the manifest names. Errors: kDataLoss "BACKUP_DAMAGED".
absl::Status CheckRestored(const storage::v1::BackupManifest& manifest,
                           const storage::v1::Meta& meta);

}  // namespace birthseal::store
