// SPDX-License-Identifier: Apache-2.0
// Whoever administers the registry reserves no certificate.
// Refused with: no matching member function for call to 'Call'
#include "server/admin/admin_room.h"

namespace birthseal::server {

bool Try(const AdminRoom& room) {
#ifdef RIGHT
  return room.ledger.Call(store::ReceiveStock()).ok();
#else
  return room.ledger.Call(store::Reserve()).ok();
#endif
}

}  // namespace birthseal::server
