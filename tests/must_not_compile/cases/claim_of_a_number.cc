// SPDX-License-Identifier: Apache-2.0
// The kind of a claim is named: the number 1 and the character '1' are none.
// Refused with: cannot initialize a member subobject of type 'birthseal::certs::ClaimKind'
#include "certs/newborn.h"

namespace birthseal::certs {

Claim Try(const Digest& hash) {
#ifdef RIGHT
  return {ClaimKind::kMother, hash, {}};
#else
  return {1, hash, {}};
#endif
}

}  // namespace birthseal::certs
