// SPDX-License-Identifier: Apache-2.0
// Who decides a review is looked up; that a record has changed is administration's to say.
// Refused with: no member named 'Forget'
#include "server/admin/admin_room.h"
#include "server/feed/feed_room.h"

namespace birthseal::server {

void Try(const FeedRoom& feed, const AdminRoom& admin) {
#ifdef RIGHT
  if (feed.operators.Find("").ok()) admin.operators.Forget("");
#else
  feed.operators.Forget("");
#endif
}

}  // namespace birthseal::server
