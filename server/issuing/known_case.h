// SPDX-License-Identifier: Apache-2.0
// A case that a caller names. One that is not the caller's is none: that it exists is not told.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

// kNotFound "CASE_UNKNOWN".
absl::Status CaseUnknown();

// Whose it is, is for the use case to judge. Errors: CaseUnknown; those of the registry.
absl::StatusOr<store::StoredCase> KnownCase(const IssuingRoom& room, const certs::CaseId& id);
absl::StatusOr<storage::v1::CaseHead> KnownCaseHead(const IssuingRoom& room,
                                                    const certs::CaseId& id);

// The caller filed it, or issues it.
bool HasPartIn(const Caller& caller, const storage::v1::CaseHead& head);

}  // namespace birthseal::server
