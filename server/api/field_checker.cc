// SPDX-License-Identifier: Apache-2.0
#include "server/api/field_checker.h"

#include <cstring>
#include <optional>
#include <vector>

#include "certs/errors.h"
#include "certs/id_document.h"
#include "certs/limits.h"
#include "certs/printable.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"

namespace birthseal::server {
namespace {

// Parses what FormatCivilTime writes, with a year of four digits; nothing when a part is out of
// range.
template <typename Civil>
std::optional<Civil> ParseCivil(absl::string_view text) {
  Civil civil;
  if (!absl::ParseCivilTime(text, &civil) || absl::FormatCivilTime(civil) != text ||
      civil.year() <= 999 || civil.year() > 9999) {
    return std::nullopt;
  }
  return civil;
}

}  // namespace

void FieldChecker::Fault(absl::string_view reason, absl::string_view field,
                         absl::string_view rule) {
  if (!status_.ok()) return;
  const std::string path = absl::StrCat(prefix_, field);
  status_ =
      certs::Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(path, " ", rule), path);
}

const std::string& FieldChecker::Text(const std::string& value, absl::string_view field,
                                      size_t max_bytes, Need need) {
  if (need == kRequired && value.empty()) Fault("FIELD_REQUIRED", field, "is required");
  if (value.size() > max_bytes) {
    Fault("FIELD_TOO_LONG", field, absl::StrCat("has at most ", max_bytes, " bytes"));
  } else if (!certs::IsPlainText(value)) {
    Fault("TEXT_NOT_PLAIN", field, "must be UTF-8 without control characters");
  }
  return value;
}

std::string FieldChecker::IdNumber(const std::string& value, absl::string_view field, Need need) {
  return certs::FoldedIdNumber(Text(value, field, certs::kMaxIdCharacters * 4, need));
}

void FieldChecker::Bytes(absl::string_view value, absl::string_view field, size_t max_bytes,
                         Need need) {
  if (need == kRequired && value.empty()) Fault("FIELD_REQUIRED", field, "is required");
  if (value.size() > max_bytes) {
    Fault("FIELD_TOO_LONG", field, absl::StrCat("has at most ", max_bytes, " bytes"));
  }
}

absl::string_view FieldChecker::IdBytes(absl::string_view value, absl::string_view field,
                                        Need need) {
  if (value.empty() && need == kOptional) return value;
  if (value.size() != certs::CaseId::kSize) {
    Fault("IDENTIFIER_SIZE", field, "must have 16 bytes");
    return "";
  }
  if (value == View(certs::CaseId())) Fault("IDENTIFIER_SIZE", field, "must not be zero");
  return value;
}

certs::Digest FieldChecker::Sm3(absl::string_view value, absl::string_view field, Need need) {
  if (value.empty() && need == kOptional) return certs::Digest{};
  const std::optional<certs::Digest> digest = certs::DigestFrom(value);
  if (!digest) Fault("DIGEST_SIZE", field, "must have 32 bytes");
  return digest.value_or(certs::Digest{});
}

int FieldChecker::Between(int64_t value, absl::string_view field, int low, int high) {
  if (value < low || value > high) {
    Fault("OUT_OF_BOUNDS", field, absl::StrCat("must lie between ", low, " and ", high));
    return low;
  }
  return static_cast<int>(value);
}

absl::CivilDay FieldChecker::Day(absl::string_view value, absl::string_view field, Need need) {
  if (value.empty() && need == kOptional) return absl::CivilDay();
  const std::optional<absl::CivilDay> day = ParseCivil<absl::CivilDay>(value);
  if (!day) Fault("TIME_FORM", field, "must be a day as YYYY-MM-DD");
  return day.value_or(absl::CivilDay());
}

FieldChecker::MinuteOrDay FieldChecker::Minute(absl::string_view value, absl::string_view field) {
  if (value.empty()) return {};
  if (const auto day = ParseCivil<absl::CivilDay>(value)) return {absl::CivilMinute(*day), false};
  const std::optional<absl::CivilMinute> minute = ParseCivil<absl::CivilMinute>(value);
  if (!minute) Fault("TIME_FORM", field, "must be a local time as YYYY-MM-DDTHH:MM");
  return {minute.value_or(absl::CivilMinute()), minute.has_value()};
}

absl::CivilSecond FieldChecker::Second(absl::string_view value, absl::string_view field) {
  if (value.empty()) return absl::CivilSecond();
  const std::optional<absl::CivilSecond> second = ParseCivil<absl::CivilSecond>(value);
  if (!second) Fault("TIME_FORM", field, "must be a local time as YYYY-MM-DDTHH:MM:SS");
  return second.value_or(absl::CivilSecond());
}

// Rule I7.
void FieldChecker::NoUnknownFields(const google::protobuf::Message& message) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  const google::protobuf::UnknownFieldSet& unknown = reflection->GetUnknownFields(message);
  if (!unknown.empty()) {
    Fault("FIELD_UNKNOWN",
          absl::StrCat(message.GetDescriptor()->name(), "#", unknown.field(0).number()),
          "is no field of this message; nothing else may be asked for a certificate");
    return;
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      NoUnknownFields(reflection->GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      NoUnknownFields(reflection->GetRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace birthseal::server
