// SPDX-License-Identifier: Apache-2.0
// Right in the first epoch of the log, and another's reservation after a recovery.
// Refused with: calling a private constructor
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, const storage::v1::Reservation& reservation) {
#ifdef RIGHT
  return registry.OpenReservation(IntentKeyOf(reservation)).ok();
#else
  return registry.OpenReservation(IntentKey(reservation.intent_index())).ok();
#endif
}

}  // namespace birthseal::store
