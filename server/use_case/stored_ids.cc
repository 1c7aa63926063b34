// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/stored_ids.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::server {
namespace {

absl::Status Damaged(absl::string_view field) {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_DAMAGED",
                      absl::StrCat("a stored record is damaged: its ", field, " cannot be one"));
}

}  // namespace

absl::StatusOr<store::Id> IdFrom(absl::string_view bytes, absl::string_view field) {
  store::Id id{};
  if (bytes.size() != id.size()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "an identifier has 16 bytes",
                        field);
  }
  std::copy(bytes.begin(), bytes.end(), id.begin());
  if (store::Empty(id)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "ID_FORM", "the identifier is all zero",
                        field);
  }
  return id;
}

absl::StatusOr<store::Id> StoredId(absl::string_view bytes, absl::string_view field) {
  absl::StatusOr<store::Id> id = IdFrom(bytes, field);
  if (id.ok()) return id;
  return Damaged(field);
}

absl::StatusOr<certs::Digest> StoredDigest(absl::string_view bytes, absl::string_view field) {
  certs::Digest digest{};
  if (bytes.empty() || certs::DigestFrom(bytes, &digest)) return digest;
  return Damaged(field);
}

}  // namespace birthseal::server
