// SPDX-License-Identifier: Apache-2.0
// A plan takes two approvals that were verified, and nobody has one without the verifier.
// Refused with: no matching constructor|no matching function
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<SealPlan> Try(const DocumentSealer& of, const SealEvidence& evidence,
                             const VerifiedApproval& issuer, const VerifiedApproval& sealer) {
#ifdef RIGHT
  return of.Plan(evidence, issuer, sealer);
#else
  return of.Plan(evidence, VerifiedApproval(), VerifiedApproval());
#endif
}

}  // namespace birthseal::signer
