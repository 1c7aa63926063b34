// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/sealed_looks.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::signer {
namespace {

// Rule G12.
absl::Status Judge(const certs::Digest* before, const certs::Digest& look) {
  if (before == nullptr || *before == look) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInternal, "SEALED_BEFORE",
                      "this licence was sealed in another look", "licence_id");
}

}  // namespace

const certs::Digest* SealedLooks::Find(const certs::Digest& licence) const {
  for (const Looks* looks : {&newer_, &older_}) {
    if (const auto found = looks->find(licence); found != looks->end()) return &found->second;
  }
  return nullptr;
}

absl::Status SealedLooks::Check(absl::string_view licence_id, const certs::Digest& look) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Judge(Find(certs::Sm3Of(licence_id)), look);
}

absl::Status SealedLooks::Add(absl::string_view licence_id, const certs::Digest& look) {
  const certs::Digest licence = certs::Sm3Of(licence_id);
  const std::lock_guard<std::mutex> lock(mutex_);
  RETURN_IF_ERROR(Judge(Find(licence), look));
  if (newer_.size() >= most_) {
    older_ = std::move(newer_);
    newer_.clear();
  }
  newer_.emplace(licence, look);  // again, when it was among the older: it is new once more
  return absl::OkStatus();
}

}  // namespace birthseal::signer
