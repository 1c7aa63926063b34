// SPDX-License-Identifier: Apache-2.0
// A message is signed with a key, and a seal's is none that can be handed over.
// Refused with: no matching function|no viable conversion
#include "signer/sealing/key_provider.h"

namespace birthseal::signer {

std::string Try(const InstitutionSeal& seal, const std::shared_ptr<const PrivateKey>& own) {
#ifdef RIGHT
  return SignWith(own, seal.signer_certificate);
#else
  return SignWith(seal.key, seal.signer_certificate);
#endif
}

}  // namespace birthseal::signer
