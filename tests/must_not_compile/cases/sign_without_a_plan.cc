// SPDX-License-Identifier: Apache-2.0
// The sealer takes a plan, and nothing else makes it sign.
// Refused with: calling a private constructor
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<SealedDocument> Try(const DocumentSealer& sealer, SealPlan plan,
                                   const certs::ofd::Draft& draft, const OpenedSeal& seal) {
#ifdef RIGHT
  return sealer.Seal(std::move(plan), draft, seal);
#else
  return sealer.Seal({}, draft, seal);
#endif
}

}  // namespace birthseal::signer
