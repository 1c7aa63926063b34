// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/map_label.h"

#include "certs/mother_facts.h"

namespace birthseal::certs {

std::string LabelInput(IdType type, absl::string_view number, absl::CivilDay birth_date,
                       int order) {
  return MotherFacts("birthseal/map-label/v1", type, number, birth_date, order);
}

std::optional<std::string> LabelInputOf(const Delivery& delivery) {
  if (!ReportsMotherFacts(delivery)) return std::nullopt;
  return LabelInput(delivery.mother_id_type, delivery.mother_id_number,
                    absl::CivilDay(delivery.birth_time), delivery.birth_order);
}

}  // namespace birthseal::certs
