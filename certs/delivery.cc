// SPDX-License-Identifier: Apache-2.0
#include "certs/delivery.h"

#include "certs/canonical.h"
#include "certs/canonical_parts.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kType[] = "birthseal/delivery/v1";

bool EnumsKnown(const Delivery& delivery) {
  const int outcome = static_cast<int>(delivery.outcome);
  const int source = static_cast<int>(delivery.source);
  return IsKnown(delivery.sex) && IsKnown(delivery.mother_id_type) && outcome >= 0 &&
         outcome <= 2 && (source == 1 || source == 2);
}

}  // namespace

std::string Canonical(const Delivery& delivery) {
  CanonicalWriter writer(kType);
  writer.Text(1, delivery.facility_code)
      .Text(2, delivery.facility_name)
      .Text(3, delivery.baby_record_no)
      .Text(4, delivery.mother_inpatient_no)
      .Text(5, delivery.placeholder_name)
      .Number(6, static_cast<uint64_t>(delivery.sex))
      .Number(7, CivilNumber(delivery.birth_time))
      .Number(8, delivery.birth_time_known ? 1 : 0)
      .Number(9, static_cast<uint64_t>(delivery.gestation_weeks))
      .Number(10, static_cast<uint64_t>(delivery.gestation_days))
      .Number(11, static_cast<uint64_t>(delivery.birth_weight_g))
      .Number(12, static_cast<uint64_t>(delivery.birth_length_mm))
      .Nested(13, Canonical(delivery.birth_place))
      .Number(14, static_cast<uint64_t>(delivery.outcome))
      .Number(15, static_cast<uint64_t>(delivery.plurality))
      .Number(16, static_cast<uint64_t>(delivery.birth_order))
      .Text(17, delivery.mother_name)
      .Number(18, static_cast<uint64_t>(delivery.mother_id_type))
      .Text(19, delivery.mother_id_number)
      .Text(20, delivery.midwife_id)
      .Number(21, CivilNumber(delivery.signed_at))
      .Number(22, static_cast<uint64_t>(delivery.source));
  return std::move(writer).Finish();
}

absl::StatusOr<Delivery> ParseDelivery(absl::string_view canonical) {
  CanonicalReader reader(canonical, kType);
  Delivery delivery;
  delivery.facility_code = reader.Text(1);
  delivery.facility_name = reader.Text(2);
  delivery.baby_record_no = reader.Text(3);
  delivery.mother_inpatient_no = reader.Text(4);
  delivery.placeholder_name = reader.Text(5);
  delivery.sex = static_cast<Sex>(IntFrom(reader.Number(6)));
  delivery.birth_time = CivilMinuteFrom(reader.Number(7));
  delivery.birth_time_known = reader.Number(8) != 0;
  delivery.gestation_weeks = IntFrom(reader.Number(9));
  delivery.gestation_days = IntFrom(reader.Number(10));
  delivery.birth_weight_g = IntFrom(reader.Number(11));
  delivery.birth_length_mm = IntFrom(reader.Number(12));
  const auto place = reader.Next(13);
  if (!place) return Malformed(kType);
  ASSIGN_OR_RETURN(delivery.birth_place, ParsePlace(*place));
  delivery.outcome = static_cast<Outcome>(IntFrom(reader.Number(14)));
  delivery.plurality = IntFrom(reader.Number(15));
  delivery.birth_order = IntFrom(reader.Number(16));
  delivery.mother_name = reader.Text(17);
  delivery.mother_id_type = static_cast<IdType>(IntFrom(reader.Number(18)));
  delivery.mother_id_number = reader.Text(19);
  delivery.midwife_id = reader.Text(20);
  delivery.signed_at = CivilSecondFrom(reader.Number(21));
  delivery.source = static_cast<DeliverySource>(IntFrom(reader.Number(22)));
  RETURN_IF_ERROR(reader.Finish());
  if (!EnumsKnown(delivery)) return Malformed(kType);
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(delivery), kType));
  return delivery;
}

}  // namespace birthseal::certs
