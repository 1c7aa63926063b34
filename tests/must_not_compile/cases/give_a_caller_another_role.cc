// SPDX-License-Identifier: Apache-2.0
// Nobody gets another role, not even in a copy.
// Refused with: is a private member of
#include "server/access/caller.h"

namespace birthseal::server {

bool Try(const Caller& caller) {
  Caller mine = caller;
#ifdef RIGHT
  RoleSet roles = mine.roles();
  roles.Add(Role::kAdministrator);
#else
  mine.roles_.Add(Role::kAdministrator);
#endif
  return mine.Has(Role::kAdministrator);
}

}  // namespace birthseal::server
