// SPDX-License-Identifier: Apache-2.0
// A plan comes from DocumentSealer::Plan alone.
// Refused with: calling a private constructor
#include "signer/sealing/seal_plan.h"

namespace birthseal::signer {

#ifdef RIGHT
using Made = absl::StatusOr<SealPlan>;
#else
SealPlan Try() { return SealPlan(); }
#endif

}  // namespace birthseal::signer
