// SPDX-License-Identifier: Apache-2.0
// What a hospital's message may reach registers nobody.
// Refused with: no matching member function for call to 'Call'
#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
#ifdef RIGHT
  return room.ledger.Call(store::AcceptDelivery()).ok();
#else
  return room.ledger.Call(store::PutOperator()).ok();
#endif
}

}  // namespace birthseal::server
