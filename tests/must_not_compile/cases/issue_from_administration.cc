// SPDX-License-Identifier: Apache-2.0
// Nor can administration issue one, many at a time or later.
// Refused with: no matching member function for call to 'CallAll'
#include "server/admin/admin_room.h"

namespace birthseal::server {

bool Try(const AdminRoom& room) {
#ifdef RIGHT
  return room.ledger.CallAll(std::vector<store::PutClient>()).empty();
#else
  return room.ledger.CallAll(std::vector<store::CommitIssue>()).empty();
#endif
}

}  // namespace birthseal::server
