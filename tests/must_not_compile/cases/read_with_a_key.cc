// SPDX-License-Identifier: Apache-2.0
// The reading room sees what seals look like; it holds no key and cannot write.
// Refused with: no member named 'keys'
#include "server/reading/reading_room.h"

namespace birthseal::server {

bool Try(const ReadingRoom& room) {
#ifdef RIGHT
  return room.seals.SealOf("").ok();
#else
  return room.keys.SealOf("").ok();
#endif
}

}  // namespace birthseal::server
