// SPDX-License-Identifier: Apache-2.0
// What is behind a port stays there: its ways in are private, and the Ledger is a name only.
// Refused with: private base class|is a private member
#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
#ifdef RIGHT
  return room.ledger.Head().size.value() == 0;
#else
  return static_cast<const store::LedgerHead&>(room.ledger).Head().size.value() == 0;
#endif
}

}  // namespace birthseal::server
