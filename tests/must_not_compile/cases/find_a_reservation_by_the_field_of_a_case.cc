// SPDX-License-Identifier: Apache-2.0
// A case holds the place + 1; 0 says that it was never reserved.
// Refused with: calling a private constructor
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::store {

bool Try(const Registry& registry, const storage::v1::CaseHead& head) {
#ifdef RIGHT
  const std::optional<IntentKey> intent = IntentKeyOf(head);
#else
  const std::optional<IntentKey> intent = IntentKey(head.intent_index());
#endif
  return intent && registry.OpenReservation(*intent).ok();
}

}  // namespace birthseal::store
