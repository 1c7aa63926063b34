// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/two_people.h"

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"

namespace birthseal::server {

// Rule O1.
absl::Status CheckTwoPeople(signer::ApprovalVerifier& approvals, absl::string_view institution,
                            const OperatorSignature& issuer, const OperatorSignature& sealer,
                            const certs::Digest& digest) {
  using signer::ApprovalRole;
  ASSIGN_OR_RETURN(const signer::VerifiedApproval first,
                   approvals.Verify(issuer.operator_id, issuer.signature, ApprovalRole::kIssuer,
                                    institution, digest));
  ASSIGN_OR_RETURN(const signer::VerifiedApproval second,
                   approvals.Verify(sealer.operator_id, sealer.signature, ApprovalRole::kSealer,
                                    institution, digest));
  if (signer::OfTwoPeople(first, second)) {
    return absl::OkStatus();
  }
  return certs::Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
                      "two different people must sign", "sealer", "须由两名不同人员签署");
}

// Rule O8.
absl::Status CheckTwoPeopleOver(const Basis& basis, const Operators& operators,
                                signer::ApprovalVerifier& approvals, absl::string_view concerned,
                                const OperatorSignature& issuer, const OperatorSignature& sealer,
                                const certs::Digest& digest) {
  const auto who = operators.Find(issuer.operator_id);
  if (!who.ok() && !absl::IsNotFound(who.status())) return who.status();
  std::string institution(concerned);
  if (who.ok() && who->institution_code != concerned) {
    institution = who->institution_code;
    RETURN_IF_ERROR(CheckManages(basis, institution, concerned));
  }
  return CheckTwoPeople(approvals, institution, issuer, sealer, digest);
}

}  // namespace birthseal::server
