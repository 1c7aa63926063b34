// SPDX-License-Identifier: Apache-2.0
// From issuing, where seals are opened: what is opened shows what is public, and holds the key.
// Refused with: is a private member
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

bool Try(const IssuingRoom& room) {
  const auto seal = room.sealer.Open("");
#ifdef RIGHT
  return seal.ok() && !seal->facts().seal.signer_certificate.empty();
#else
  return seal.ok() && seal->held_ != nullptr;
#endif
}

}  // namespace birthseal::server
