// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/two_people.h"

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"

namespace birthseal::server {

absl::Status CheckTwoPeople(const Services& services, absl::string_view institution,
                            const OperatorSignature& issuer, const OperatorSignature& sealer,
                            const certs::Digest& digest) {
  ASSIGN_OR_RETURN(const auto first,
                   services.operators.CheckApproval(issuer.operator_id, issuer.signature, false,
                                                    institution, digest));
  ASSIGN_OR_RETURN(const auto second,
                   services.operators.CheckApproval(sealer.operator_id, sealer.signature, true,
                                                    institution, digest));
  // The keys are those that have just signed. One name may have had another key a moment before.
  if (issuer.operator_id != sealer.operator_id && first->key->spki() != second->key->spki()) {
    return absl::OkStatus();
  }
  return certs::Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
                      "two different people must sign", "sealer", "须由两名不同人员签署");
}

absl::Status CheckTwoPeopleOver(const Services& services, absl::string_view concerned,
                                const OperatorSignature& issuer, const OperatorSignature& sealer,
                                const certs::Digest& digest) {
  const auto who = services.operators.Find(issuer.operator_id);
  if (!who.ok() && !absl::IsNotFound(who.status())) return who.status();
  std::string institution(concerned);
  if (who.ok() && (*who)->institution_code != concerned) {
    institution = (*who)->institution_code;
    RETURN_IF_ERROR(CheckManages(services, institution, concerned));
  }
  return CheckTwoPeople(services, institution, issuer, sealer, digest);
}

}  // namespace birthseal::server
