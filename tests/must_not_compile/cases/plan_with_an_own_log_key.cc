// SPDX-License-Identifier: Apache-2.0
// Which log signs a receipt is the sealer's to know, and nobody's to say when he plans.
// Refused with: too many arguments
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<SealPlan> Try(const DocumentSealer& of, const SealEvidence& evidence,
                             const VerifiedApproval& issuer, const VerifiedApproval& sealer) {
#ifdef RIGHT
  return of.Plan(evidence, issuer, sealer);
#else
  const certs::NoteVerifier own = [](absl::string_view, const auto&) { return true; };
  return of.Plan(evidence, issuer, sealer, own);
#endif
}

}  // namespace birthseal::signer
