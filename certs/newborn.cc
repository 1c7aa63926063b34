// SPDX-License-Identifier: Apache-2.0
#include "certs/newborn.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "certs/canonical.h"
#include "certs/id_document.h"
#include "certs/mother_facts.h"

namespace birthseal::certs {
namespace {

uint64_t OrderNumber(int order) { return static_cast<uint64_t>(order < 1 ? 1 : order); }

// One hash input per kind: the type keeps the kinds apart, the canonical form the parts.
Digest Keyed(absl::string_view index_key, CanonicalWriter writer) {
  return HmacSm3(index_key, std::move(writer).Finish());
}

}  // namespace

// Rule C1.
Digest MotherClaim(absl::string_view index_key, IdType type, absl::string_view number,
                   absl::CivilDay birth_date, int order) {
  return HmacSm3(index_key,
                 MotherFacts("birthseal/claim-mother/v1", type, number, birth_date, order));
}

// Rule C2.
Digest InpatientClaim(absl::string_view index_key, absl::string_view facility,
                      absl::string_view inpatient_no, int order) {
  CanonicalWriter writer("birthseal/claim-inpatient/v1");
  writer.Text(1, facility).Text(2, inpatient_no).Number(3, OrderNumber(order));
  return Keyed(index_key, std::move(writer));
}

// Rule C3.
Digest BabyRecordClaim(absl::string_view index_key, absl::string_view facility,
                       absl::string_view record_no) {
  CanonicalWriter writer("birthseal/claim-baby-record/v1");
  writer.Text(1, facility).Text(2, record_no);
  return Keyed(index_key, std::move(writer));
}

// Rule C4.
Digest NumberClaim(absl::string_view index_key, absl::string_view certificate_number) {
  CanonicalWriter writer("birthseal/claim-number/v1");
  writer.Text(1, certificate_number);
  return Keyed(index_key, std::move(writer));
}

Digest MotherKey(absl::string_view index_key, IdType type, absl::string_view number) {
  CanonicalWriter writer("birthseal/key-mother/v1");
  writer.Number(1, static_cast<uint64_t>(ClaimedType(type, number)))
      .Text(2, NormalisedIdNumber(number));
  return Keyed(index_key, std::move(writer));
}

BirthFacts BirthFactsOf(const Delivery& delivery) {
  BirthFacts facts;
  if (delivery.birth_time != absl::CivilMinute()) {
    facts.day = absl::CivilDay(delivery.birth_time) - absl::CivilDay();
    if (delivery.birth_time_known) facts.minute = delivery.birth_time - absl::CivilMinute();
  }
  facts.order = delivery.birth_order;
  facts.plurality = delivery.plurality;
  facts.sex = static_cast<int>(delivery.sex);
  return facts;
}

// Rule C16.
bool IsOfThePlaced(const BirthFacts& record, const BirthFacts& numbered, const BirthFacts& placed) {
  const auto place = [](const BirthFacts& birth) {
    return PlaceInBirth(birth.order, birth.plurality);
  };
  const auto one_delivery = [&record](const BirthFacts& birth) {
    return birth.day != 0 && std::abs(record.day - birth.day) <= 1;
  };
  return record.order != 0 && place(record) == place(placed) && place(numbered) != 0 &&
         place(numbered) != place(placed) && one_delivery(numbered) && one_delivery(placed);
}

std::vector<Claim> ClaimsOf(absl::string_view index_key, const Delivery& delivery) {
  std::vector<Claim> claims;
  // A multiple birth whose order is unknown could be any of the siblings: it claims no place.
  const bool order_known = OrderKnown(delivery);
  if (ReportsMotherFacts(delivery)) {
    claims.push_back({ClaimKind::kMother,
                      MotherClaim(index_key, delivery.mother_id_type, delivery.mother_id_number,
                                  absl::CivilDay(delivery.birth_time), delivery.birth_order)});
  }
  if (delivery.facility_code.empty()) return claims;
  if (order_known && !delivery.mother_inpatient_no.empty()) {
    claims.push_back({ClaimKind::kInpatient,
                      InpatientClaim(index_key, delivery.facility_code,
                                     delivery.mother_inpatient_no, delivery.birth_order)});
  }
  if (!delivery.baby_record_no.empty()) {
    claims.push_back({ClaimKind::kBabyRecord,
                      BabyRecordClaim(index_key, delivery.facility_code, delivery.baby_record_no)});
  }
  return claims;
}

}  // namespace birthseal::certs
