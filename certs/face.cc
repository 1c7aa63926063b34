// SPDX-License-Identifier: Apache-2.0
#include "certs/face.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/canonical.h"
#include "certs/canonical_parts.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kContentType[] = "birthseal/content/v1";
constexpr char kFaceType[] = "birthseal/face/v1";

// The type with its terminating NUL: the prefix that keeps digests of two kinds apart.
template <size_t N>
absl::string_view Prefix(const char (&type)[N]) {
  return {type, N};
}

}  // namespace

std::string Canonical(const FaceContent& content) {
  CanonicalWriter writer(kContentType);
  writer.Text(1, content.newborn_name)
      .Number(2, static_cast<uint64_t>(content.sex))
      .Number(3, CivilNumber(content.birth_time))
      .Number(4, static_cast<uint64_t>(content.gestation_weeks))
      .Number(5, static_cast<uint64_t>(content.gestation_days))
      .Number(6, static_cast<uint64_t>(content.birth_weight_g))
      .Number(7, static_cast<uint64_t>(content.birth_length_mm))
      .Nested(8, Canonical(content.birth_place))
      .Text(9, content.delivery_institution_name)
      .Text(10, content.delivery_institution_code)
      .Nested(11, Canonical(content.mother));
  if (content.father) writer.Nested(12, Canonical(*content.father));
  writer.Text(13, content.issuing_institution_name)
      .Text(14, content.issuing_institution_code)
      .Text(15, content.absent_marker);
  return std::move(writer).Finish();
}

absl::StatusOr<FaceContent> ParseFaceContent(absl::string_view canonical) {
  CanonicalReader reader(canonical, kContentType);
  FaceContent content;
  content.newborn_name = reader.Text(1);
  content.sex = static_cast<Sex>(IntFrom(reader.Number(2)));
  content.birth_time = CivilMinuteFrom(reader.Number(3));
  content.gestation_weeks = IntFrom(reader.Number(4));
  content.gestation_days = IntFrom(reader.Number(5));
  content.birth_weight_g = IntFrom(reader.Number(6));
  content.birth_length_mm = IntFrom(reader.Number(7));
  const auto place = reader.Next(8);
  if (!place) return Malformed(kContentType);
  ASSIGN_OR_RETURN(content.birth_place, ParsePlace(*place));
  content.delivery_institution_name = reader.Text(9);
  content.delivery_institution_code = reader.Text(10);
  const auto mother = reader.Next(11);
  if (!mother) return Malformed(kContentType);
  ASSIGN_OR_RETURN(content.mother, ParseParent(*mother));
  if (const auto father = reader.Next(12)) {
    ASSIGN_OR_RETURN(content.father, ParseParent(*father));
  }
  content.issuing_institution_name = reader.Text(13);
  content.issuing_institution_code = reader.Text(14);
  content.absent_marker = reader.Text(15);
  RETURN_IF_ERROR(reader.Finish());
  if (!IsKnown(content.sex)) return Malformed(kContentType);
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(content), kContentType));
  return content;
}

std::string Canonical(const Face& face) {
  CanonicalWriter writer(kFaceType);
  writer.Nested(1, Canonical(face.content))
      .Text(2, face.certificate_number)
      .Number(3, CivilNumber(face.issue_date));
  return std::move(writer).Finish();
}

absl::StatusOr<Face> ParseFace(absl::string_view canonical) {
  CanonicalReader reader(canonical, kFaceType);
  Face face;
  const auto content = reader.Next(1);
  if (!content) return Malformed(kFaceType);
  ASSIGN_OR_RETURN(face.content, ParseFaceContent(*content));
  face.certificate_number = reader.Text(2);
  face.issue_date = CivilDayFrom(reader.Number(3));
  RETURN_IF_ERROR(reader.Finish());
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(face), kFaceType));
  return face;
}

// Rule O4.
Digest ContentDigest(const FaceContent& content) {
  return Sm3().Add(Prefix(kContentType)).Add(Canonical(content)).Finish();
}

Digest FaceDigest(const Face& face) {
  return FaceDigest(ContentDigest(face.content), face.certificate_number, face.issue_date);
}

Digest FaceDigest(const Digest& content, absl::string_view certificate_number,
                  absl::CivilDay issue_date) {
  const std::string day = absl::StrFormat("%08d", CivilNumber(issue_date));
  return Sm3().Add(Prefix(kFaceType)).Add(View(content)).Add(certificate_number).Add(day).Finish();
}

}  // namespace birthseal::certs
