// SPDX-License-Identifier: Apache-2.0
#include "certs/canonical_parts.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kPlaceType[] = "birthseal/place/v1";
constexpr char kParentType[] = "birthseal/parent/v1";

}  // namespace

std::string Canonical(const Place& place) {
  CanonicalWriter writer(kPlaceType);
  writer.Text(1, place.province).Text(2, place.city).Text(3, place.county).Text(4, place.code);
  return std::move(writer).Finish();
}

absl::StatusOr<Place> ParsePlace(absl::string_view canonical) {
  CanonicalReader reader(canonical, kPlaceType);
  Place place;
  place.province = reader.Text(1);
  place.city = reader.Text(2);
  place.county = reader.Text(3);
  place.code = reader.Text(4);
  RETURN_IF_ERROR(reader.Finish());
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(place), kPlaceType));
  return place;
}

std::string Canonical(const Parent& parent) {
  CanonicalWriter writer(kParentType);
  writer.Text(1, parent.name)
      .Number(2, static_cast<uint64_t>(parent.age))
      .Text(3, parent.nationality)
      .Text(4, parent.ethnicity)
      .Text(5, parent.address)
      .Number(6, static_cast<uint64_t>(parent.id_type))
      .Text(7, parent.id_number);
  return std::move(writer).Finish();
}

absl::StatusOr<Parent> ParseParent(absl::string_view canonical) {
  CanonicalReader reader(canonical, kParentType);
  Parent parent;
  parent.name = reader.Text(1);
  parent.age = IntFrom(reader.Number(2));
  parent.nationality = reader.Text(3);
  parent.ethnicity = reader.Text(4);
  parent.address = reader.Text(5);
  parent.id_type = static_cast<IdType>(IntFrom(reader.Number(6)));
  parent.id_number = reader.Text(7);
  RETURN_IF_ERROR(reader.Finish());
  if (!IsKnown(parent.id_type)) return Malformed(kParentType);
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(parent), kParentType));
  return parent;
}

uint64_t CivilNumber(absl::CivilDay day) {
  return static_cast<uint64_t>(day.year()) * 10000 + static_cast<uint64_t>(day.month()) * 100 +
         static_cast<uint64_t>(day.day());
}

uint64_t CivilNumber(absl::CivilMinute minute) {
  return CivilNumber(absl::CivilDay(minute)) * 10000 + static_cast<uint64_t>(minute.hour()) * 100 +
         static_cast<uint64_t>(minute.minute());
}

uint64_t CivilNumber(absl::CivilSecond second) {
  return CivilNumber(absl::CivilMinute(second)) * 100 + static_cast<uint64_t>(second.second());
}

absl::CivilDay CivilDayFrom(uint64_t number) {
  return absl::CivilDay(static_cast<absl::civil_year_t>(number / 10000 % 10000),
                        static_cast<absl::civil_diff_t>(number / 100 % 100),
                        static_cast<absl::civil_diff_t>(number % 100));
}

absl::CivilMinute CivilMinuteFrom(uint64_t number) {
  const absl::CivilDay day = CivilDayFrom(number / 10000);
  return absl::CivilMinute(day.year(), day.month(), day.day(),
                           static_cast<absl::civil_diff_t>(number / 100 % 100),
                           static_cast<absl::civil_diff_t>(number % 100));
}

absl::CivilSecond CivilSecondFrom(uint64_t number) {
  const absl::CivilMinute minute = CivilMinuteFrom(number / 100);
  return absl::CivilSecond(minute.year(), minute.month(), minute.day(), minute.hour(),
                           minute.minute(), static_cast<absl::civil_diff_t>(number % 100));
}

int IntFrom(uint64_t number) {
  const auto limit = static_cast<uint64_t>(std::numeric_limits<int>::max());
  return number > limit ? -1 : static_cast<int>(number);
}

absl::Status SameBytes(absl::string_view read, absl::string_view again, absl::string_view type) {
  return read == again ? absl::OkStatus() : Malformed(type);
}

absl::Status Malformed(absl::string_view type) {
  return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_RECORD",
               absl::StrCat("the bytes are not a canonical ", type), "", "记录编码不正确");
}

bool IsKnown(Sex sex) {
  switch (sex) {
    case Sex::kUnknown:
    case Sex::kMale:
    case Sex::kFemale:
    case Sex::kNotStated:
      return true;
  }
  return false;
}

bool IsKnown(IdType type) {
  const int value = static_cast<int>(type);
  return (value >= 0 && value <= 8) || value == 10 || value == 99;
}

}  // namespace birthseal::certs
