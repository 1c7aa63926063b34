// SPDX-License-Identifier: Apache-2.0
// No key is no place: the first leaf has the place 0.
// Refused with: no matching constructor for initialization of
#include "store/commands.h"
#include "store/meta.h"

namespace birthseal::store {

CancelReservation Try(const storage::v1::Reservation& reservation) {
#ifdef RIGHT
  return {"", "", "", "", {}, IntentKeyOf(reservation), ""};
#else
  return {"", "", "", "", {}, IntentKey(), ""};
#endif
}

}  // namespace birthseal::store
