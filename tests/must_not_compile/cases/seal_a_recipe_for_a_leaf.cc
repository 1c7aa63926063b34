// SPDX-License-Identifier: Apache-2.0
// What a certificate is restored from lies under its status index, not under a leaf.
// Refused with: no viable conversion
#include "store/reads/registry.h"

namespace birthseal::store {

std::string Try(const Registry& registry, certs::StatusIndex certificate, certs::LeafIndex leaf) {
#ifdef RIGHT
  (void)leaf;
  return registry.SealRecipe(certificate, "recipe");
#else
  (void)certificate;
  return registry.SealRecipe(leaf, "recipe");
#endif
}

}  // namespace birthseal::store
