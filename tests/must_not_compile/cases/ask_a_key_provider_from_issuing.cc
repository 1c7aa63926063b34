// SPDX-License-Identifier: Apache-2.0
// Issuing does not know what a key provider can do, even if it is given one.
// Refused with: incomplete type
#include "server/issuing/issuing_room.h"

namespace birthseal::server {

#ifdef RIGHT
bool Try(signer::KeyProvider* keys) { return keys != nullptr; }
#else
bool Try(signer::KeyProvider* keys) { return keys->SealOf("").ok(); }
#endif

}  // namespace birthseal::server
