// SPDX-License-Identifier: Apache-2.0
// Administration has a copy made of the store, and does not get at the store.
// Refused with: 'engine_' is a private member
#include "server/admin/admin_room.h"
#include "server/admin/backup_place.h"
#include "store/engine.h"

namespace birthseal::server {

bool Try(const AdminRoom& room) {
#ifdef RIGHT
  return room.backups->Make("").ok();
#else
  return room.backups->engine_.NewSnapshot() != nullptr;
#endif
}

}  // namespace birthseal::server
