// SPDX-License-Identifier: Apache-2.0
// What an opened seal shows is public, and no key hangs on it.
// Refused with: no member named 'key'
#include "signer/sealing/document_sealer.h"

namespace birthseal::signer {

bool Try(const OpenedSeal& seal) {
#ifdef RIGHT
  return !seal.facts().seal.seal.bytes.empty();
#else
  return seal.facts().seal.key.open();
#endif
}

}  // namespace birthseal::signer
