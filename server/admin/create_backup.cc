// SPDX-License-Identifier: Apache-2.0
#include "server/admin/create_backup.h"

#include "absl/time/time.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/admin/backup_place.h"
#include "server/use_case/access_book.h"

namespace birthseal::server {

absl::StatusOr<storage::v1::BackupManifest> CreateBackup(const AdminRoom& room,
                                                         const Caller& caller, std::string name) {
  if (room.backups == nullptr) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "BACKUP_NOT_CONFIGURED",
                        "the service has no place for backups: set store.backup_directory");
  }
  const auto lock = room.backups->Begin();
  if (!lock.owns_lock()) {
    return certs::Error(absl::StatusCode::kAborted, "BACKUP_IN_PROGRESS",
                        "another backup is being made: ask again when it is done");
  }
  if (name.empty()) {
    name = absl::FormatTime("%Y%m%dT%H%M%SZ", room.ledger.Head().time, absl::UTCTimeZone());
  }
  // Judged before it is written down: what stands in the trail stays there.
  RETURN_IF_ERROR(store::CheckBackupName(name));
  // Who took a copy of everything stands in the audit trail, and so in the copy.
  RETURN_IF_ERROR(room.accesses.Record(caller, "CreateBackup", name, ""));
  return room.backups->Make(name);
}

}  // namespace birthseal::server
