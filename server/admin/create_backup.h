// SPDX-License-Identifier: Apache-2.0
// A consistent copy of the running store in the configured place (store/restore/backup.h). Issuing
// goes on.
//
// Durable when OK is returned. One at a time.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/admin/admin_room.h"
#include "store/restore/backup.h"

namespace birthseal::server {

// `name` empty: by ledger time. A name that was used gives the backup of then.
// Errors: kFailedPrecondition "BACKUP_NOT_CONFIGURED"; kAborted "BACKUP_IN_PROGRESS"; those of
// store/restore/backup.h.
absl::StatusOr<storage::v1::BackupManifest> CreateBackup(const AdminRoom& room,
                                                         const Caller& caller, std::string name);

}  // namespace birthseal::server
