// SPDX-License-Identifier: Apache-2.0
// A hospital's message reaches no approval.
// Refused with: no member named 'approvals'
#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
#ifdef RIGHT
  return room.operators.Find("").ok();
#else
  return room.approvals.Verify("", "", {}, "", {}).ok();
#endif
}

}  // namespace birthseal::server
