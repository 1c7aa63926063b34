// SPDX-License-Identifier: Apache-2.0
// Whoever hands in an approval names a person: the verifier takes none that he brings along.
// Refused with: no viable conversion
#include "signer/sealing/approval.h"

namespace birthseal::signer {

absl::StatusOr<VerifiedApproval> Try(ApprovalVerifier* verifier, const certs::Digest& digest) {
  const auto invented = std::make_shared<Operator>();
  invented->id = "nobody";
#ifdef RIGHT
  return verifier->Verify(invented->id, "", ApprovalRole::kIssuer, "", digest);
#else
  return verifier->Verify(invented, "", ApprovalRole::kIssuer, "", digest);
#endif
}

}  // namespace birthseal::signer
