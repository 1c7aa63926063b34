// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/approval.h"

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::signer {
namespace {

using certs::Error;

// Everything about an approval but its signature.
// Rule O3.
absl::Status CheckAuthority(const Operator& who, ApprovalRole role,
                            absl::string_view institution_code) {
  const absl::string_view field = NameOf(role);
  if (institution_code.empty() || who.institution_code != institution_code) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION",
                 "the operator belongs to another institution", field);
  }
  if (!who.active) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_INACTIVE",
                 "the operator is not active", field);
  }
  if (!(role == ApprovalRole::kSealer ? who.may_seal : who.may_issue)) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_ROLE",
                 "the operator does not hold this role", field);
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view NameOf(ApprovalRole role) {
  return role == ApprovalRole::kSealer ? "sealer" : "issuer";
}

// Rule O1.
bool OfTwoPeople(const VerifiedApproval& issuer, const VerifiedApproval& sealer) {
  return issuer.who().id != sealer.who().id && issuer.who().key->spki() != sealer.who().key->spki();
}

bool VerifiedApproval::IsBy(const ApprovalVerifier& verifier) const {
  return maker_ == verifier.mark_;
}

absl::StatusOr<std::shared_ptr<const Operator>> ApprovalVerifier::Find(absl::string_view id,
                                                                       ApprovalRole role) {
  absl::StatusOr<std::shared_ptr<const Operator>> who = operators_.Find(id);
  if (absl::IsNotFound(who.status())) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN",
                 "no such operator is registered", NameOf(role));
  }
  if (who.ok() && *who == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "APPROVAL_MISSING",
                 "no approval of a registered operator", NameOf(role));
  }
  return who;
}

absl::StatusOr<VerifiedApproval> ApprovalVerifier::Verify(absl::string_view operator_id,
                                                          absl::string_view signature,
                                                          ApprovalRole role,
                                                          absl::string_view institution_code,
                                                          const certs::Digest& digest) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Operator> who, Find(operator_id, role));
  RETURN_IF_ERROR(CheckAuthority(*who, role, institution_code));
  const bool holds = who->key != nullptr && held_.Holds(who->key->spki(), digest, signature, [&] {
    return who->key->Verify(certs::View(digest), signature);
  });
  if (!holds) {
    return Error(absl::StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE",
                 "the signature is not the operator's over this digest", NameOf(role));
  }
  return VerifiedApproval(std::move(who), role, digest, mark_);
}

}  // namespace birthseal::signer
