// SPDX-License-Identifier: Apache-2.0
#include "certs/mother_facts.h"

#include "certs/canonical.h"
#include "certs/canonical_parts.h"
#include "certs/id_document.h"

namespace birthseal::certs {
std::string MotherFacts(absl::string_view record_type, IdType type, absl::string_view number,
                        absl::CivilDay birth_date, int order) {
  return CanonicalWriter(record_type)
      .Number(1, static_cast<uint64_t>(ClaimedType(type, number)))
      .Text(2, NormalisedIdNumber(number))
      .Number(3, CivilNumber(birth_date))
      .Number(4, static_cast<uint64_t>(order < 1 ? 1 : order))
      .Finish();
}

// Rule C8.
bool OrderKnown(const Delivery& delivery) {
  return delivery.birth_order > 0 || delivery.plurality <= 1;
}

// Rule C7.
bool ReportsMotherFacts(const Delivery& delivery) {
  return OrderKnown(delivery) && delivery.birth_time_known &&
         NamesOnePerson(delivery.mother_id_type, delivery.mother_id_number);
}

}  // namespace birthseal::certs
