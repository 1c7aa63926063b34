#include "certs/mother_facts.h"

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

}  // namespace

std::string NormalisedIdNumber(absl::string_view number) {
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

std::string MotherFacts(absl::string_view record_type, IdType type, absl::string_view number,
                        absl::CivilDay birth_date, int order) {
  return CanonicalWriter(record_type)
      .Number(1, static_cast<uint64_t>(type))
      .Text(2, NormalisedIdNumber(number))
      .Number(3, CivilNumber(birth_date))
      .Number(4, static_cast<uint64_t>(order < 1 ? 1 : order))
      .Finish();
}

bool OrderKnown(const Delivery& delivery) {
  return delivery.birth_order > 0 || delivery.plurality <= 1;
}

bool ReportsMotherFacts(const Delivery& delivery) {
  return OrderKnown(delivery) && delivery.birth_time_known &&
         delivery.mother_id_type != IdType::kNone &&
         !NormalisedIdNumber(delivery.mother_id_number).empty();
}

}  // namespace birthseal::certs
