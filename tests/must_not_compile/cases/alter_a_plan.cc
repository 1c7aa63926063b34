// SPDX-License-Identifier: Apache-2.0
// What was planned is what the page will say: predecessor, place in the log and the rest of it.
// Refused with: no viable overloaded '='
#include "signer/sealing/seal_plan.h"

namespace birthseal::signer {

bool Try(SealPlan plan) {
#ifdef RIGHT
  return plan.page().supersedes.empty();
#else
  plan.page().supersedes = "";
  return true;
#endif
}

}  // namespace birthseal::signer
