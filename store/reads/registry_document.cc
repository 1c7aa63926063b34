// SPDX-License-Identifier: Apache-2.0
// How a stored document becomes the file again, byte for byte.
#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/ofd/package.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "store/keys.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"

namespace birthseal::store {
namespace {

absl::Status Damaged(certs::StatusIndex status_index, absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "DOCUMENT_DAMAGED",
                      absl::StrCat("document ", status_index.value(), ": ", what));
}

absl::StatusOr<certs::ofd::PartPtr> PartOf(const Snapshot& snapshot,
                                           certs::StatusIndex status_index,
                                           storage::v1::DocumentRecipe::Part* stored) {
  const auto method = static_cast<certs::ofd::Method>(stored->method());
  if (stored->method() > std::numeric_limits<uint8_t>::max() ||
      (method != certs::ofd::Method::kStored && method != certs::ofd::Method::kDeflated)) {
    return Damaged(status_index, "unknown compression");
  }
  auto part = std::make_shared<certs::ofd::Part>();
  part->path = stored->path();
  part->method = method;
  part->crc32 = stored->crc32();
  part->size = stored->size();
  if (stored->constant_sm3().empty()) {
    part->data = std::move(*stored->mutable_data());
    return certs::ofd::PartPtr(std::move(part));
  }
  part->constant = true;
  const std::optional<certs::Digest> digest = certs::DigestFrom(stored->constant_sm3());
  if (!digest) return Damaged(status_index, "digest of a constant part");
  part->digest = *digest;
  absl::StatusOr<std::string> data = snapshot.Get(Family::kConstants, DigestKey(part->digest));
  if (!data.ok()) {
    return data.status().code() == absl::StatusCode::kNotFound
               ? Damaged(status_index, "a constant part is absent")
               : data.status();
  }
  part->data = *std::move(data);
  return certs::ofd::PartPtr(std::move(part));
}

}  // namespace

absl::StatusOr<std::string> Registry::Document(certs::StatusIndex status_index) const {
  return DocumentOf(*engine_->NewSnapshot(), *sealer_, status_index);
}

absl::StatusOr<std::string> DocumentOf(const Snapshot& snapshot, const ValueSealer& sealer,
                                       certs::StatusIndex status_index) {
  const std::string key = IndexKey(status_index);
  ASSIGN_OR_RETURN(const std::string head_bytes, snapshot.Get(Family::kCertificates, key));
  storage::v1::CertificateHead head;
  if (!head.ParseFromString(head_bytes)) return Damaged(status_index, "its head");
  const absl::StatusOr<std::string> sealed = snapshot.Get(Family::kDocuments, key);
  if (!sealed.ok()) {
    return sealed.status().code() == absl::StatusCode::kNotFound
               ? Damaged(status_index, "its recipe is absent")
               : sealed.status();
  }
  ASSIGN_OR_RETURN(const std::string opened, sealer.Open(Family::kDocuments, key, *sealed));
  storage::v1::DocumentRecipe recipe;
  if (!recipe.ParseFromString(opened)) return Damaged(status_index, "its recipe");
  std::vector<certs::ofd::PartPtr> parts;
  for (storage::v1::DocumentRecipe::Part& stored : *recipe.mutable_parts()) {
    ASSIGN_OR_RETURN(certs::ofd::PartPtr part, PartOf(snapshot, status_index, &stored));
    parts.push_back(std::move(part));
  }
  std::string file = certs::ofd::WritePackage(parts);
  if (certs::Bytes(certs::Sm3Of(file)) != head.file_sm3()) {
    return Damaged(status_index, "the file differs from what was issued");
  }
  return file;
}

}  // namespace birthseal::store
