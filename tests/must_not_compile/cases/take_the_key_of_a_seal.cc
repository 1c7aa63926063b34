// SPDX-License-Identifier: Apache-2.0
// Even whoever is handed a seal by its provider cannot take its key out.
// Refused with: is a private member
#include "signer/sealing/key_provider.h"

namespace birthseal::server {

bool Try(signer::KeyProvider& keys) {
  const auto seal = keys.SealOf("");
#ifdef RIGHT
  return seal.ok() && (*seal)->key.open();
#else
  return seal.ok() && (*seal)->key.key_ != nullptr;
#endif
}

}  // namespace birthseal::server
