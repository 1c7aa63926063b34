// SPDX-License-Identifier: Apache-2.0
// A newborn's id finds no case.
// Refused with: no viable conversion
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, const CaseId& filed, const NewbornId& newborn) {
#ifdef RIGHT
  return registry.CaseHead(filed).ok() && registry.Newborn(newborn).ok();
#else
  return registry.CaseHead(newborn).ok();
#endif
}

}  // namespace birthseal::store
