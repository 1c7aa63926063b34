// SPDX-License-Identifier: Apache-2.0
// A plan takes two approvals that were verified, and nobody has one without the verifier.
// Refused with: no matching constructor|no matching function
#include "signer/sealing/seal_plan.h"

namespace birthseal::signer {

absl::StatusOr<SealPlan> Try(const SealEvidence& evidence, const VerifiedApproval& issuer,
                             const VerifiedApproval& sealer, const certs::NoteVerifier& log_key) {
#ifdef RIGHT
  return PlanSeal(evidence, issuer, sealer, log_key);
#else
  return PlanSeal(evidence, VerifiedApproval(), VerifiedApproval(), log_key);
#endif
}

}  // namespace birthseal::signer
