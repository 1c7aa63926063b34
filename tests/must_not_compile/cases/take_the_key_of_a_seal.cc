// SPDX-License-Identifier: Apache-2.0
// From another room: whoever is handed a seal cannot take its key out.
// Refused with: is a private member
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

bool Try(const IssuingRoom& room) {
  const auto seal = room.keys.SealOf("");
#ifdef RIGHT
  return seal.ok() && (*seal)->key.open();
#else
  return seal.ok() && (*seal)->key.key_ != nullptr;
#endif
}

}  // namespace birthseal::server
