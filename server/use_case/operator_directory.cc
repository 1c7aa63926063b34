// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/operator_directory.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxOperators = 1u << 16;

absl::StatusOr<std::shared_ptr<const signer::Operator>> Parse(const storage::v1::Operator& record) {
  absl::StatusOr<signer::PublicKey> key = signer::PublicKey::FromSpki(record.public_key());
  if (!key.ok()) {
    return certs::Error(absl::StatusCode::kDataLoss, "OPERATOR_KEY",
                        "the registered key of an operator cannot be read");
  }
  signer::Operator who;
  who.id = record.id();
  who.institution_code = record.institution_code();
  who.may_issue = record.may_issue();
  who.may_seal = record.may_seal();
  who.active = record.active();
  who.key = std::make_shared<const signer::PublicKey>(*std::move(key));
  // A const object: what all share nobody may alter, not even by a cast.
  return std::make_shared<const signer::Operator>(std::move(who));
}

}  // namespace

OperatorDirectory::OperatorDirectory(const store::Registry* registry) : registry_(registry) {}

absl::StatusOr<std::shared_ptr<const signer::Operator>> OperatorDirectory::Find(
    absl::string_view id) {
  uint64_t changes_before = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto found = operators_.find(id); found != operators_.end()) return found->second;
    changes_before = changes_;
  }
  const absl::StatusOr<storage::v1::Operator> record = registry_->Operator(id);
  if (absl::IsNotFound(record.status())) {
    return certs::Error(absl::StatusCode::kNotFound, "OPERATOR_UNKNOWN",
                        "no such operator is registered");
  }
  RETURN_IF_ERROR(record.status());
  ASSIGN_OR_RETURN(std::shared_ptr<const signer::Operator> who, Parse(*record));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (changes_ == changes_before) {
    if (operators_.size() >= kMaxOperators) operators_.clear();
    operators_.emplace(std::string(id), who);
  }
  return who;
}

void OperatorDirectory::Forget(absl::string_view id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++changes_;
  if (const auto found = operators_.find(id); found != operators_.end()) operators_.erase(found);
}

}  // namespace birthseal::server
