// SPDX-License-Identifier: Apache-2.0
// Who has one port cannot make another of it.
// Refused with: no matching conversion|no viable conversion|no matching constructor
#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
#ifdef RIGHT
  return FeedLedger(room.ledger).Head().size.value() == 0;
#else
  return store::LedgerPort<store::PutOperator>(room.ledger).Head().size.value() == 0;
#endif
}

}  // namespace birthseal::server
