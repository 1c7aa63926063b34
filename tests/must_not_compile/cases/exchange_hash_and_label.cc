// SPDX-License-Identifier: Apache-2.0
// Hash and label of a claim are not exchanged.
// Refused with: no viable conversion
#include "certs/newborn.h"

namespace birthseal::certs {

Claim Try(const Digest& hash, const MapLabel& label) {
#ifdef RIGHT
  return {ClaimKind::kMother, hash, label};
#else
  return {ClaimKind::kMother, label, hash};
#endif
}

}  // namespace birthseal::certs
