// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/stored_ids.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::server {

absl::Status CheckId(absl::string_view bytes, absl::string_view field) {
  const std::optional<certs::CaseId> id = certs::CaseId::FromBytes(bytes);
  if (!id) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "an identifier has 16 bytes",
                        field);
  }
  if (id->empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "the identifier is all zero",
                        field);
  }
  return absl::OkStatus();
}

absl::Status DamagedField(absl::string_view field) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                      absl::StrCat("a stored record is damaged: its ", field, " cannot be one"));
}

absl::Status Promised(absl::string_view field, const absl::Status& read) {
  return absl::IsNotFound(read) ? DamagedField(field) : read;
}

absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field) {
  const std::optional<certs::Digest> digest = certs::DigestFrom(bytes);
  if (digest || bytes.empty()) return digest.value_or(certs::Digest{});
  return DamagedField(field);
}

}  // namespace birthseal::server
