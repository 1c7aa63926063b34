// SPDX-License-Identifier: Apache-2.0
// No verifier without the register of those whose approvals it takes.
// Refused with: no matching constructor
#include "signer/sealing/approval.h"

namespace birthseal::signer {

bool Try(OperatorRegister* registered, const VerifiedApproval& approval) {
#ifdef RIGHT
  const ApprovalVerifier verifier(registered);
#else
  const ApprovalVerifier verifier;
#endif
  return approval.IsBy(verifier);
}

}  // namespace birthseal::signer
