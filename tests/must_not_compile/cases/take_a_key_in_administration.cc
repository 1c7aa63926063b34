// SPDX-License-Identifier: Apache-2.0
// Administration enrols a seal by its digest: it asks which one is held, and is handed none.
// Refused with: no member named 'keys'
#include "server/admin/admin_room.h"

namespace birthseal::server {

bool Try(const AdminRoom& room) {
#ifdef RIGHT
  return room.seal_check.DigestOf("").ok();
#else
  return room.keys.SealOf("").ok();
#endif
}

}  // namespace birthseal::server
