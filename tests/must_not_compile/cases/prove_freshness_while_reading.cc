// SPDX-License-Identifier: Apache-2.0
// Whether the store is fresh is what witnesses say, not who reads.
// Refused with: no member named 'Confirmed'
#include "server/reading/reading_room.h"

namespace birthseal::server {

bool Try(const ReadingRoom& room) {
#ifdef RIGHT
  return room.freshness.MayAnswer().ok();
#else
  return (room.freshness.Confirmed(""), true);
#endif
}

}  // namespace birthseal::server
