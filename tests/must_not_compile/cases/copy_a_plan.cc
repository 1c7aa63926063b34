// SPDX-License-Identifier: Apache-2.0
// One plan, one signature: it moves, and is never copied.
// Refused with: implicitly-deleted copy constructor|deleted constructor
#include "signer/sealing/seal_plan.h"

namespace birthseal::signer {

SealPlan Try(SealPlan plan) {
#ifdef RIGHT
  SealPlan other = std::move(plan);
#else
  SealPlan other = plan;
#endif
  return other;
}

}  // namespace birthseal::signer
