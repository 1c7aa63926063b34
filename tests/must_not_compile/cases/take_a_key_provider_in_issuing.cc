// SPDX-License-Identifier: Apache-2.0
// Issuing asks the sealer for a seal: there is nothing to make a sealer of its own with.
// Refused with: no member named 'keys'
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

bool Try(const IssuingRoom& room) {
#ifdef RIGHT
  return room.sealer.Open("").ok();
#else
  const signer::DocumentSealer own({&room.keys, &room.approvals, nullptr, nullptr, nullptr});
  return own.Open("").ok();
#endif
}

}  // namespace birthseal::server
