// SPDX-License-Identifier: Apache-2.0
// Compiles, and is refused when it runs (SEAL_PLAN_SPENT); clang-tidy sees it before.
// Refused by clang-tidy with: bugprone-use-after-move
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

absl::Status Try(const DocumentSealer& sealer, RenderedPlan plan, const OpenedSeal& seal) {
  const auto first = sealer.Seal(std::move(plan), seal);
#ifdef RIGHT
  return first.status();
#else
  return sealer.Seal(std::move(plan), seal).status();
#endif
}

}  // namespace birthseal::signer
