// SPDX-License-Identifier: Apache-2.0
// The key by which births are known again is read, and changed by nobody: claims under another one
// find no earlier birth.
// Refused with: no viable overloaded '='
#include "server/feed/feed_room.h"
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& feed, const IssuingRoom& issuing) {
#ifdef RIGHT
  return feed.claims.index_key == issuing.claims.index_key;
#else
  feed.claims.index_key = "";
  issuing.claims.index_key = "";
  return true;
#endif
}

}  // namespace birthseal::server
