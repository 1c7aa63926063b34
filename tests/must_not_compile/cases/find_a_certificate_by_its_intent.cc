// SPDX-License-Identifier: Apache-2.0
// A certificate is found by its status index, and no other number is one.
// Refused with: no viable conversion
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, const storage::v1::Reservation& reservation) {
#ifdef RIGHT
  return registry.Certificate(StatusIndexOf(reservation)).ok();
#else
  return registry.Certificate(reservation.intent_index()).ok();
#endif
}

}  // namespace birthseal::store
