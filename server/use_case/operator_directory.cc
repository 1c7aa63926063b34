// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/operator_directory.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxHeld = 1u << 16;  // 2 MiB of digests
constexpr size_t kMaxOperators = 1u << 16;

certs::Digest HeldKey(const signer::Operator& who, absl::string_view signature,
                      const certs::Digest& digest) {
  return certs::Sm3().Add(who.key->spki()).Add(certs::View(digest)).Add(signature).Finish();
}

absl::StatusOr<std::shared_ptr<const signer::Operator>> Parse(const storage::v1::Operator& record) {
  absl::StatusOr<signer::PublicKey> key = signer::PublicKey::FromSpki(record.public_key());
  if (!key.ok()) {
    return certs::Error(absl::StatusCode::kDataLoss, "OPERATOR_KEY",
                        "the registered key of an operator cannot be read");
  }
  auto who = std::make_shared<signer::Operator>();
  who->id = record.id();
  who->institution_code = record.institution_code();
  who->may_issue = record.may_issue();
  who->may_seal = record.may_seal();
  who->active = record.active();
  who->key = std::make_shared<const signer::PublicKey>(*std::move(key));
  return std::shared_ptr<const signer::Operator>(std::move(who));
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

absl::StatusOr<std::shared_ptr<const signer::Operator>> OperatorDirectory::CheckApproval(
    absl::string_view operator_id, absl::string_view signature, bool as_sealer,
    absl::string_view institution_code, const certs::Digest& digest) {
  absl::StatusOr<std::shared_ptr<const signer::Operator>> who = Find(operator_id);
  if (absl::IsNotFound(who.status())) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN",
                        "no such operator is registered", as_sealer ? "sealer" : "issuer");
  }
  RETURN_IF_ERROR(who.status());
  const signer::Approval approval{who->get(), std::string(signature)};
  RETURN_IF_ERROR(signer::CheckApproval(approval, as_sealer, institution_code, digest));
  RememberHeld(HeldKey(**who, signature, digest));
  return who;
}

bool OperatorDirectory::SignatureHeld(const signer::Operator& who, absl::string_view signature,
                                      const certs::Digest& digest) {
  const certs::Digest key = HeldKey(who, signature, digest);
  const std::lock_guard<std::mutex> lock(mutex_);
  return held_.count(key) != 0;
}

void OperatorDirectory::RememberHeld(const certs::Digest& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (held_.size() >= kMaxHeld) held_.clear();
  held_.insert(key);
}

}  // namespace birthseal::server
