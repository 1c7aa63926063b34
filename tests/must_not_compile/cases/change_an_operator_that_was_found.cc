// SPDX-License-Identifier: Apache-2.0
// Who looks a person up gets a copy, and shares no record with the directory that could be altered.
// Refused with: no matching function for call to 'const_pointer_cast'
#include <memory>

#include "server/feed/feed_room.h"

namespace birthseal::server {

bool Try(const FeedRoom& room) {
  const auto who = room.operators.Find("");
#ifdef RIGHT
  return who.ok() && who->may_seal;
#else
  return who.ok() && std::const_pointer_cast<signer::Operator>(*who)->may_seal;
#endif
}

}  // namespace birthseal::server
