// SPDX-License-Identifier: Apache-2.0
// Epoch and index of a leaf are not exchanged.
// Refused with: no viable conversion
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, certs::LogEpoch epoch, certs::LeafIndex first) {
#ifdef RIGHT
  return registry.Updates(epoch, first, 1).ok();
#else
  return registry.Updates(first, epoch, 1).ok();
#endif
}

}  // namespace birthseal::store
