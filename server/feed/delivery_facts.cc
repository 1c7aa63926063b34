// SPDX-License-Identifier: Apache-2.0
#include "server/feed/delivery_facts.h"

#include <algorithm>

#include "certs/id_document.h"
#include "certs/proof/map_label.h"

namespace birthseal::server {
namespace {

using certs::Delivery;

// One field by one: cleared, replaced, or kept.
class Merger {
 public:
  Merger(Delivery* record, const std::vector<std::string>& cleared)
      : record_(record), cleared_(cleared) {}

  template <typename T>
  void Field(absl::string_view name, T Delivery::*field, const Delivery& incoming) {
    static const Delivery kEmpty;
    if (Cleared(name)) record_->*field = kEmpty.*field;
    if (!(incoming.*field == kEmpty.*field)) record_->*field = incoming.*field;
  }
  bool Cleared(absl::string_view name) const {
    return std::find(cleared_.begin(), cleared_.end(), name) != cleared_.end();
  }

 private:
  Delivery* const record_;
  const std::vector<std::string>& cleared_;
};

void MergePlace(const Merger& merger, const certs::Place& incoming, certs::Place* place) {
  if (merger.Cleared("birth_place")) *place = {};
  const bool reported = !incoming.code.empty() || !incoming.province.empty() ||
                        !incoming.city.empty() || !incoming.county.empty();
  if (reported) *place = incoming;
}

// A bare day does not take the minute from the same day.
// Rule D8.
void MergeBirthTime(const Merger& merger, const Delivery& incoming, Delivery* record) {
  if (merger.Cleared("birth_time")) {
    record->birth_time = {};
    record->birth_time_known = false;
  }
  if (incoming.birth_time == absl::CivilMinute()) return;
  const bool same_day = absl::CivilDay(incoming.birth_time) == absl::CivilDay(record->birth_time);
  if (!incoming.birth_time_known && record->birth_time_known && same_day) return;
  record->birth_time = incoming.birth_time;
  record->birth_time_known = incoming.birth_time_known;
}

}  // namespace

absl::StatusOr<DeliveryFacts> FactsOf(const ClaimKeys& keys, const Delivery& record) {
  DeliveryFacts facts;
  facts.birth = certs::BirthFactsOf(record);
  facts.claims = certs::ClaimsOf(keys.index_key, record);
  RETURN_IF_ERROR(LabelClaims(keys, certs::LabelInputOf(record), &facts.claims));
  if (certs::NamesOnePerson(record.mother_id_type, record.mother_id_number)) {
    facts.mother_key =
        certs::MotherKey(keys.index_key, record.mother_id_type, record.mother_id_number);
  }
  return facts;
}

// Rule D7.
Delivery MergeDelivery(const Delivery& base, const Delivery& incoming,
                       const std::vector<std::string>& cleared_fields) {
  Delivery record = base;
  Merger merger(&record, cleared_fields);
  merger.Field("facility_code", &Delivery::facility_code, incoming);
  merger.Field("facility_name", &Delivery::facility_name, incoming);
  merger.Field("baby_record_no", &Delivery::baby_record_no, incoming);
  merger.Field("mother_inpatient_no", &Delivery::mother_inpatient_no, incoming);
  merger.Field("placeholder_name", &Delivery::placeholder_name, incoming);
  merger.Field("sex", &Delivery::sex, incoming);
  merger.Field("gestation_weeks", &Delivery::gestation_weeks, incoming);
  merger.Field("gestation_days", &Delivery::gestation_days, incoming);
  if (incoming.gestation_weeks != 0) record.gestation_days = incoming.gestation_days;
  merger.Field("birth_weight_g", &Delivery::birth_weight_g, incoming);
  merger.Field("birth_length_mm", &Delivery::birth_length_mm, incoming);
  merger.Field("outcome", &Delivery::outcome, incoming);
  merger.Field("plurality", &Delivery::plurality, incoming);
  merger.Field("birth_order", &Delivery::birth_order, incoming);
  merger.Field("mother_name", &Delivery::mother_name, incoming);
  merger.Field("mother_id_type", &Delivery::mother_id_type, incoming);
  merger.Field("mother_id_number", &Delivery::mother_id_number, incoming);
  merger.Field("midwife_id", &Delivery::midwife_id, incoming);
  merger.Field("signed_time", &Delivery::signed_at, incoming);
  // A message that was not entered by hand says nothing of one that was.
  merger.Field("manual", &Delivery::source, incoming);
  MergePlace(merger, incoming.birth_place, &record.birth_place);
  MergeBirthTime(merger, incoming, &record);
  return record;
}

}  // namespace birthseal::server
