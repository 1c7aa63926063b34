// SPDX-License-Identifier: Apache-2.0
// A reservation is named by its key, which tells log epochs apart: an index does not.
// Refused with: no viable overloaded '='
#include "store/commands.h"
#include "store/meta.h"

namespace birthseal::store {

void Try(const storage::v1::Reservation& reservation, CommitIssue& command) {
#ifdef RIGHT
  command.intent = IntentKeyOf(reservation);
#else
  command.intent = reservation.intent_index();
#endif
}

}  // namespace birthseal::store
