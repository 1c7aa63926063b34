// SPDX-License-Identifier: Apache-2.0
// A port takes the commands of its room: no number is allotted from the feed.
// Refused with: no matching member function for call to 'Call'
#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
#ifdef RIGHT
  return room.ledger.Call(store::ResolveReview()).ok();
#else
  return room.ledger.Call(store::Approve()).ok();
#endif
}

}  // namespace birthseal::server
