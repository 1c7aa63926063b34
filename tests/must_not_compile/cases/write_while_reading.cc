// SPDX-License-Identifier: Apache-2.0
// What a reader writes is that somebody has read.
// Refused with: no member named 'ledger'
#include "server/reading/reading_room.h"
#include "server/use_case/access_book.h"

namespace birthseal::server {

absl::Status Try(const ReadingRoom& room, const Caller& caller) {
#ifdef RIGHT
  return room.accesses.Record(caller, "Read", "a cause", "");
#else
  return room.ledger.Call({}).status();
#endif
}

}  // namespace birthseal::server
