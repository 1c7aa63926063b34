// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/values.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "certs/id_document.h"
#include "certs/identifiers.h"

namespace birthseal::connect::hl7 {
namespace {

bool AllDigits(absl::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

struct ParsedTime {
  TimePrecision precision = TimePrecision::kInvalid;
  absl::CivilSecond civil;
  bool hour = false;                     // a day and its hour, without minutes
  std::optional<absl::Duration> offset;  // from UTC
};

int Digits(absl::string_view text, size_t at, size_t count) {
  int value = 0;
  for (char c : text.substr(at, count)) value = value * 10 + (c - '0');
  return value;
}

// `text` begins with its sign.
std::optional<absl::Duration> ReadOffset(absl::string_view text) {
  if (text.size() != 5 || !AllDigits(text.substr(1))) return std::nullopt;
  const int hours = Digits(text, 1, 2), minutes = Digits(text, 3, 2);
  if (hours > 14 || minutes >= 60) return std::nullopt;
  const absl::Duration offset = absl::Hours(hours) + absl::Minutes(minutes);
  return text[0] == '-' ? -offset : offset;
}

ParsedTime ParseTs(absl::string_view text) {
  ParsedTime time;
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || text == "\"\"") {
    time.precision = TimePrecision::kNone;
    return time;
  }
  size_t end = text.find_first_of("+-");
  absl::string_view digits = text.substr(0, end);
  absl::string_view offset = end == absl::string_view::npos ? "" : text.substr(end);
  digits = digits.substr(0, digits.find('.'));  // fractions of a second are not kept
  const size_t n = digits.size();
  if ((n != 8 && n != 10 && n != 12 && n != 14) || !AllDigits(digits)) return time;
  if (!offset.empty()) {
    time.offset = ReadOffset(offset);
    if (!time.offset) return time;
  }
  const int y = Digits(digits, 0, 4), mo = Digits(digits, 4, 2), d = Digits(digits, 6, 2);
  const int h = n > 8 ? Digits(digits, 8, 2) : 0, mi = n > 10 ? Digits(digits, 10, 2) : 0;
  const int s = n == 14 ? Digits(digits, 12, 2) : 0;
  time.civil = absl::CivilSecond(y, mo, d, h, mi, s);
  // CivilSecond normalises; a date that had to be normalised does not exist.
  if (time.civil.month() != mo || time.civil.day() != d || h > 23 || mi > 59 || s > 59 ||
      y < 1900) {
    return time;
  }
  time.hour = n == 10;
  time.precision = n <= 10 ? TimePrecision::kDay : TimePrecision::kMinute;
  return time;
}

absl::Time InstantOf(const ParsedTime& time, absl::TimeZone zone) {
  if (!time.offset) return absl::FromCivil(time.civil, zone);
  return absl::FromCivil(time.civil, absl::UTCTimeZone()) - *time.offset;
}

struct Quantity {
  double value = 0;
  std::string unit;
};

// A number with its unit from OBX-5 and OBX-6. Nothing when OBX-5 is no plain number.
std::optional<Quantity> ReadQuantity(const Segment& obx) {
  Quantity quantity{0, absl::AsciiStrToLower(obx.Text(6))};
  const std::string raw(absl::StripAsciiWhitespace(obx.Raw(5)));
  if (!absl::SimpleAtod(raw, &quantity.value) || !std::isfinite(quantity.value) ||
      quantity.value < 0) {
    return std::nullopt;
  }
  return quantity;
}

}  // namespace

TimePrecision ReadTime(absl::string_view text, absl::TimeZone zone, std::string* local) {
  ParsedTime time = ParseTs(text);
  local->clear();
  if (time.precision == TimePrecision::kDay && time.hour) {
    *local = absl::FormatTime("%Y-%m-%d", InstantOf(time, zone), zone);
  } else if (time.precision == TimePrecision::kDay) {
    *local =
        absl::StrFormat("%04d-%02d-%02d", time.civil.year(), time.civil.month(), time.civil.day());
  } else if (time.precision == TimePrecision::kMinute) {
    *local = absl::FormatTime("%Y-%m-%dT%H:%M", InstantOf(time, zone), zone);
  }
  return time.precision;
}

absl::Time ReadInstant(absl::string_view text, absl::TimeZone zone) {
  ParsedTime time = ParseTs(text);
  const bool known =
      time.precision == TimePrecision::kDay || time.precision == TimePrecision::kMinute;
  return known ? InstantOf(time, zone) : absl::InfinitePast();
}

std::string ReadWeight(const Segment& obx, int32_t* grams) {
  const std::optional<Quantity> read = ReadQuantity(obx);
  if (!read) return "WEIGHT_NOT_A_NUMBER";
  const auto& [value, unit] = *read;
  static const std::pair<const char*, double> kUnits[] = {{"g", 1},
                                                          {"gram", 1},
                                                          {"kg", 1000},
                                                          {"oz", 28.349523125},
                                                          {"[oz_av]", 28.349523125},
                                                          {"lb", 453.59237},
                                                          {"[lb_av]", 453.59237}};
  if (unit.empty()) return "WEIGHT_WITHOUT_UNIT";
  for (const auto& [name, factor] : kUnits) {
    if (unit != name) continue;
    const double result = std::round(value * factor);
    if (result < 200 || result > 10000) return "WEIGHT_IMPLAUSIBLE";
    *grams = static_cast<int32_t>(result);
    return "";
  }
  return "WEIGHT_UNIT_UNKNOWN";
}

std::string ReadLength(const Segment& obx, int32_t* millimetres) {
  const std::optional<Quantity> read = ReadQuantity(obx);
  if (!read) return "LENGTH_NOT_A_NUMBER";
  const auto& [value, unit] = *read;
  if (unit.empty()) return "LENGTH_WITHOUT_UNIT";
  const double factor = unit == "cm" ? 10 : unit == "mm" ? 1 : unit == "[in_i]" ? 25.4 : 0;
  if (factor == 0) return "LENGTH_UNIT_UNKNOWN";
  const double result = std::round(value * factor);
  if (result < 150 || result > 800) return "LENGTH_IMPLAUSIBLE";
  *millimetres = static_cast<int32_t>(result);
  return "";
}

std::string ReadGestation(const Segment& obx, bool weeks_and_days, int32_t* weeks, int32_t* days) {
  const std::optional<Quantity> read = ReadQuantity(obx);
  if (!read) return "GESTATION_NOT_A_NUMBER";
  const auto& [value, unit] = *read;
  if (value != std::floor(value)) return "GESTATION_NOT_WHOLE";
  int number = static_cast<int>(std::min(value, 1e6));
  if (unit == "d" || unit == "day" || unit == "days") {
    *weeks = number / 7;
    *days = number % 7;
  } else if (!unit.empty() && unit != "wk" && unit != "week" && unit != "weeks") {
    return "GESTATION_UNIT_UNKNOWN";
  } else if (weeks_and_days && number >= 100) {  // 384: 38 weeks and 4 days, by agreement only
    *weeks = number / 10;
    *days = number % 10;
  } else {
    *weeks = number;
    *days = 0;
  }
  if (*weeks >= 16 && *weeks <= 45 && *days <= 6) return "";
  *weeks = *days = 0;
  return "GESTATION_IMPLAUSIBLE";
}

int ReadPlurality(const Segment& obx) {
  static const char* const kLoinc[] = {"LA6112-2", "LA6113-0", "LA6114-8",
                                       "LA6115-5", "LA6116-3", "LA6117-1"};
  const std::string code = obx.Text(5);
  for (size_t i = 0; i < std::size(kLoinc); ++i) {
    if (code == kLoinc[i]) return static_cast<int>(i) + 1;
  }
  int number = 0;
  return absl::SimpleAtoi(code, &number) && number >= 1 && number <= 9 ? number : 0;
}

std::string ReadSex(absl::string_view code, v1::Sex* sex) {
  if (code.empty()) return "SEX_MISSING";
  if (code == "M" || code == "1")
    *sex = v1::SEX_MALE;
  else if (code == "F" || code == "2")
    *sex = v1::SEX_FEMALE;
  else if (code == "U" || code == "A" || code == "O" || code == "0")
    *sex = v1::SEX_UNKNOWN;
  else if (code == "N" || code == "9")
    *sex = v1::SEX_NOT_STATED;
  else
    return "SEX_NOT_CODABLE";
  return "";
}

v1::IdType ReadIdType(absl::string_view type_code, absl::string_view number) {
  static const std::pair<const char*, v1::IdType> kTypes[] = {
      {"01", v1::ID_TYPE_CITIZEN_ID},         {"02", v1::ID_TYPE_HOUSEHOLD_BOOK},
      {"03", v1::ID_TYPE_PASSPORT},           {"04", v1::ID_TYPE_OFFICER_ID},
      {"06", v1::ID_TYPE_HK_MACAO_PERMIT},    {"07", v1::ID_TYPE_TAIWAN_PERMIT},
      {"08", v1::ID_TYPE_HK_MO_TW_RESIDENCE}, {"10", v1::ID_TYPE_FOREIGN_RESIDENCE},
      {"PPN", v1::ID_TYPE_PASSPORT},          {"PP", v1::ID_TYPE_PASSPORT},
      {"PPT", v1::ID_TYPE_PASSPORT},          {"PASSPORT", v1::ID_TYPE_PASSPORT},
      {"护照", v1::ID_TYPE_PASSPORT}};
  const std::string typed = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(type_code));
  for (const auto& [code, type] : kTypes) {
    if (typed == code) return type;
  }
  // The sender calls it a citizen number and it has the form of one: if its check character is
  // wrong, the number is at fault and not the type.
  if ((typed == "NI" || typed == "NNCHN") &&
      certs::FaultOf(certs::IdType::kOther, number) == certs::IdFault::kCitizenNumber) {
    return v1::ID_TYPE_CITIZEN_ID;
  }
  // Every other code and none: a number that passes GB 11643 is a citizen number. One that only
  // looks like it stays OTHER, and the service asks a person.
  return certs::CitizenId::Parse(number).ok() ? v1::ID_TYPE_CITIZEN_ID : v1::ID_TYPE_OTHER;
}

}  // namespace birthseal::connect::hl7
