// SPDX-License-Identifier: Apache-2.0
#include "store/families.h"

#include <cstddef>

namespace birthseal::store {

const char* Name(Family family) {
  static constexpr const char* kNames[kFamilyCount] = {
      "meta",      "newborns",   "claims",       "mothers",  "deliveries",   "feed_answers",
      "cases",     "requests",   "certificates", "numbers",  "licences",     "bodies",
      "documents", "constants",  "stock",        "registry", "reservations", "leaves",
      "nodes",     "outbox",     "audit",        "reviews",  "map_pages",    "map_changes",
      "receipts",  "checkpoints"};
  const auto index = static_cast<size_t>(family);
  return index < kFamilyCount ? kNames[index] : "unknown";
}

}  // namespace birthseal::store
