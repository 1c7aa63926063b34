// SPDX-License-Identifier: Apache-2.0
// The sealer takes a plan that it has rendered, and nothing else makes it sign.
// Refused with: no matching member function|no matching constructor
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<SealedDocument> Try(const DocumentSealer& sealer, RenderedPlan rendered,
                                   const OpenedSeal& seal) {
#ifdef RIGHT
  return sealer.Seal(std::move(rendered), seal);
#else
  return sealer.Seal({}, seal);
#endif
}

}  // namespace birthseal::signer
