// SPDX-License-Identifier: Apache-2.0
// A reader asks for checkpoints of what is durable; it names no root that the log key signs.
// Refused with: no member named 'OnDurable'
#include "server/reading/reading_room.h"

namespace birthseal::server {

bool Try(const ReadingRoom& room) {
#ifdef RIGHT
  return room.checkpoints.Newest(absl::ZeroDuration()).ok();
#else
  return (room.checkpoints.OnDurable({}), true);
#endif
}

}  // namespace birthseal::server
