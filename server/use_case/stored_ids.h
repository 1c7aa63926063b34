// SPDX-License-Identifier: Apache-2.0
// Identifiers and digests from their bytes: of a request, and of a record in the store; and the
// records that other records name.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/ids.h"
#include "certs/status_macros.h"

namespace birthseal::server {

// Errors: kInvalidArgument "ID_FORM" when `bytes` is not an id of 16 bytes, or all zero.
absl::Status CheckId(absl::string_view bytes, absl::string_view field);
// kDataLoss "RECORD_DAMAGED".
absl::Status DamagedField(absl::string_view field);
// Of the read of a record that another one names as `field`: absent means damage, not "no such
// thing". Gives DamagedField instead of kNotFound, any other status as it is.
absl::Status Promised(absl::string_view field, const absl::Status& read);
template <typename Record>
absl::StatusOr<Record> Promised(absl::string_view field, absl::StatusOr<Record> read) {
  if (!read.ok()) return Promised(field, read.status());
  return read;
}
// Errors: those of CheckId.
template <class Id>
absl::StatusOr<Id> IdFrom(absl::string_view bytes, absl::string_view field) {
  RETURN_IF_ERROR(CheckId(bytes, field));
  return *Id::FromBytes(bytes);
}
// The same of a record in the store: what is wrong there is no fault of the request.
// Errors: kDataLoss "RECORD_DAMAGED" names the field.
template <class Id>
absl::StatusOr<Id> StoredId(absl::string_view bytes, absl::string_view field) {
  if (!CheckId(bytes, field).ok()) return DamagedField(field);
  return *Id::FromBytes(bytes);
}
// Of a record in the store: zeros when there is none. Errors: kDataLoss "RECORD_DAMAGED".
absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field);
template <class Tag>
std::string Bytes(const certs::Id<Tag>& id) {
  return std::string(certs::View(id));
}

}  // namespace birthseal::server
