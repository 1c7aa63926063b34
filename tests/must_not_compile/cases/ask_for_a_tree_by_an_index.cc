// SPDX-License-Identifier: Apache-2.0
// The tree that holds a leaf is larger than the leaf's index.
// Refused with: no viable conversion
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, certs::LeafIndex leaf) {
#ifdef RIGHT
  return registry.InclusionPath(leaf, EndOf(leaf), certs::kCurrentEpoch).ok();
#else
  return registry.InclusionPath(leaf, leaf, certs::kCurrentEpoch).ok();
#endif
}

}  // namespace birthseal::store
