#include "certs/newborn.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "certs/canonical.h"
#include "certs/canonical_parts.h"

namespace birthseal::certs {
namespace {

// Typed at a Chinese keyboard a number may come in full-width forms (U+FF01 to U+FF5E, three
// bytes EF BC 81 to EF BD 9E) or with an ideographic space (U+3000): the same number.
size_t FullWidth(absl::string_view text, size_t at, char* ascii) {
  if (at + 2 >= text.size()) return 0;
  const auto first = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const auto third = static_cast<unsigned char>(text[at + 2]);
  if (first == 0xE3 && second == 0x80 && third == 0x80) {
    *ascii = ' ';
    return 3;
  }
  const bool wide_form = first == 0xEF && (second == 0xBC || second == 0xBD);
  if (!wide_form || (third & 0xC0) != 0x80) return 0;
  const int offset = (second - 0xBC) * 64 + (third - 0x80);  // from U+FF00
  if (offset < 1 || offset > 0x5E) return 0;
  *ascii = static_cast<char>(offset + 0x20);
  return 3;
}

std::string Normalised(absl::string_view number) {
  std::string out;
  for (size_t i = 0; i < number.size();) {
    char c = number[i];
    const size_t wide = FullWidth(number, i, &c);
    i += wide == 0 ? 1 : wide;
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (!ascii || absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      out.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

uint64_t OrderNumber(int order) { return static_cast<uint64_t>(order < 1 ? 1 : order); }

// One hash input per kind: the type keeps the kinds apart, the canonical form the parts.
Digest Keyed(absl::string_view index_key, CanonicalWriter writer) {
  return HmacSm3(index_key, std::move(writer).Finish());
}

}  // namespace

Digest MotherClaim(absl::string_view index_key, IdType type, absl::string_view number,
                   absl::CivilDay birth_date, int order) {
  CanonicalWriter writer("birthseal/claim-mother/v1");
  writer.Number(1, static_cast<uint64_t>(type))
      .Text(2, Normalised(number))
      .Number(3, CivilNumber(birth_date))
      .Number(4, OrderNumber(order));
  return Keyed(index_key, std::move(writer));
}

Digest InpatientClaim(absl::string_view index_key, absl::string_view facility,
                      absl::string_view inpatient_no, int order) {
  CanonicalWriter writer("birthseal/claim-inpatient/v1");
  writer.Text(1, facility).Text(2, inpatient_no).Number(3, OrderNumber(order));
  return Keyed(index_key, std::move(writer));
}

Digest BabyRecordClaim(absl::string_view index_key, absl::string_view facility,
                       absl::string_view record_no) {
  CanonicalWriter writer("birthseal/claim-baby-record/v1");
  writer.Text(1, facility).Text(2, record_no);
  return Keyed(index_key, std::move(writer));
}

Digest NumberClaim(absl::string_view index_key, absl::string_view certificate_number) {
  CanonicalWriter writer("birthseal/claim-number/v1");
  writer.Text(1, certificate_number);
  return Keyed(index_key, std::move(writer));
}

Digest MotherKey(absl::string_view index_key, IdType type, absl::string_view number) {
  CanonicalWriter writer("birthseal/key-mother/v1");
  writer.Number(1, static_cast<uint64_t>(type)).Text(2, Normalised(number));
  return Keyed(index_key, std::move(writer));
}

std::vector<Claim> ClaimsOf(absl::string_view index_key, const Delivery& delivery) {
  std::vector<Claim> claims;
  // A multiple birth whose order is unknown could be any of the siblings: it claims no place.
  const bool order_known = delivery.birth_order > 0 || delivery.plurality <= 1;
  const bool mother_known =
      delivery.mother_id_type != IdType::kNone && !Normalised(delivery.mother_id_number).empty();
  if (order_known && mother_known && delivery.birth_time_known) {
    claims.push_back(
        {'1', MotherClaim(index_key, delivery.mother_id_type, delivery.mother_id_number,
                          absl::CivilDay(delivery.birth_time), delivery.birth_order)});
  }
  if (delivery.facility_code.empty()) return claims;
  if (order_known && !delivery.mother_inpatient_no.empty()) {
    claims.push_back({'2', InpatientClaim(index_key, delivery.facility_code,
                                          delivery.mother_inpatient_no, delivery.birth_order)});
  }
  if (!delivery.baby_record_no.empty()) {
    claims.push_back(
        {'3', BabyRecordClaim(index_key, delivery.facility_code, delivery.baby_record_no)});
  }
  return claims;
}

}  // namespace birthseal::certs
