// SPDX-License-Identifier: Apache-2.0
// The page under a seal is the one that the sealer draws from the plan: a page of somebody's own,
// even beside a good plan, is not sealed.
// Refused with: calling a private constructor
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::StatusOr<SealedDocument> Try(const DocumentSealer& sealer, SealPlan plan,
                                   const certs::ofd::Draft& own, const OpenedSeal& seal) {
#ifdef RIGHT
  absl::StatusOr<RenderedPlan> rendered = sealer.Render(std::move(plan));
  if (!rendered.ok() || own.parts().empty()) return rendered.status();
  return sealer.Seal(*std::move(rendered), seal);
#else
  return sealer.Seal(RenderedPlan(std::move(plan), own), seal);
#endif
}

}  // namespace birthseal::signer
