// SPDX-License-Identifier: Apache-2.0
// Identifiers and digests from their bytes: of a request, and of a record in the store.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "store/commands.h"

namespace birthseal::server {

// Errors: kInvalidArgument `reason` when `bytes` is not an id of 16 bytes.
absl::StatusOr<store::Id> IdFrom(absl::string_view bytes, absl::string_view field);
// The same of a record in the store: what is wrong there is no fault of the request.
// Errors: kDataLoss "RECORD_DAMAGED" names the field.
absl::StatusOr<store::Id> StoredId(absl::string_view bytes, absl::string_view field);
// Of a record in the store: zeros when there is none. Errors: kDataLoss "RECORD_DAMAGED".
absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field);
inline std::string Bytes(const store::Id& id) { return std::string(store::View(id)); }

}  // namespace birthseal::server
