// SPDX-License-Identifier: Apache-2.0
// Who holds an operator and a digest has no approval of them.
// Refused with: calling a private constructor
#include "signer/sealing/approval.h"

namespace birthseal::signer {

absl::StatusOr<VerifiedApproval> Try(ApprovalVerifier* verifier,
                                     const std::shared_ptr<const Operator>& who,
                                     const certs::Digest& digest) {
#ifdef RIGHT
  return verifier->Verify(who->id, "", ApprovalRole::kIssuer, "", digest);
#else
  return VerifiedApproval(who, ApprovalRole::kIssuer, digest, MakerMark());
#endif
}

}  // namespace birthseal::signer
