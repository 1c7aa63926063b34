// SPDX-License-Identifier: Apache-2.0
#include "certs/identifiers.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr absl::string_view kBase36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
// GB 32100-2015: no I, O, S, V, Z.
constexpr absl::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr absl::string_view kLicenceRoot = "1.2.156.3005.2.";
constexpr uint32_t kLastSerial = 999'999'999;

absl::Status Malformed(absl::string_view reason, absl::string_view rule, absl::string_view zh) {
  return Error(absl::StatusCode::kInvalidArgument, reason, rule, "", zh);
}

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

bool AllBase36(absl::string_view text) {
  return text.find_first_not_of(kBase36) == absl::string_view::npos;
}

int TwoDigits(absl::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

absl::CivilDay DayAt(absl::string_view digits) {
  const int year = TwoDigits(digits) * 100 + TwoDigits(digits.substr(2));
  return absl::CivilDay(year, TwoDigits(digits.substr(4)), TwoDigits(digits.substr(6)));
}

bool IsDate(absl::string_view digits) {
  const absl::CivilDay day = DayAt(digits);
  return absl::StrFormat("%04d%02d%02d", day.year(), day.month(), day.day()) == digits;
}

// 证照类型代码: the credit code of the body that defines the type, and three characters.
bool IsTypeCode(absl::string_view text) {
  return text.size() == 21 && CreditCode::Parse(text.substr(0, 18)).ok() &&
         AllBase36(text.substr(18));
}

bool IsSerial(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && AllBase36(text);
}

absl::Status BadLicenceId(absl::string_view rule) {
  return Malformed("LICENCE_ID_INVALID", absl::StrCat("licence identifier (GB/T 36904): ", rule),
                   "证照标识不符合 GB/T 36904");
}

}  // namespace

// ISO 7064 MOD 11-2: weights are 2^(n-i) mod 11, so doubling and adding gives the same sum.
char Mod11_2CheckCharacter(absl::string_view digits) {
  int sum = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return '\0';
    sum = (sum + (c - '0')) * 2 % 11;
  }
  const int check = (12 - sum) % 11;
  return check == 10 ? 'X' : static_cast<char>('0' + check);
}

char Mod37_36CheckCharacter(absl::string_view body) {
  size_t product = 36;
  for (const char c : body) {
    const size_t index = kBase36.find(c);
    if (index == absl::string_view::npos) return '\0';
    product = (product + index) % 36;
    if (product == 0) product = 36;
    product = product * 2 % 37;
  }
  return kBase36[(37 - product) % 36];
}

// Rule P15.
absl::StatusOr<CitizenId> CitizenId::Parse(absl::string_view text) {
  constexpr absl::string_view kReason = "CITIZEN_ID_INVALID";
  constexpr absl::string_view kZh = "公民身份号码不符合 GB 11643";
  if (text.size() != 18 || !AllDigits(text.substr(0, 17)) || text[0] == '0') {
    return Malformed(kReason, "citizen number: 17 digits and a check character", kZh);
  }
  // The division is not looked up: it is the one in force at first registration, retired or not.
  if (!IsDate(text.substr(6, 8)) || DayAt(text.substr(6, 8)).year() < 1800) {
    return Malformed(kReason, "citizen number: digits 7 to 14 are no date", kZh);
  }
  if (Mod11_2CheckCharacter(text.substr(0, 17)) != text[17]) {
    return Malformed(kReason, "citizen number: wrong check character", kZh);
  }
  return CitizenId(std::string(text));
}

absl::CivilDay CitizenId::birth_date() const {
  return empty() ? absl::CivilDay() : DayAt(absl::string_view(value()).substr(6, 8));
}

bool CitizenId::female() const { return !empty() && (value()[16] - '0') % 2 == 0; }

// Rule M3.
absl::StatusOr<CreditCode> CreditCode::Parse(absl::string_view text) {
  constexpr int kWeights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  constexpr absl::string_view kReason = "CREDIT_CODE_INVALID";
  constexpr absl::string_view kZh = "统一社会信用代码不符合 GB 32100";
  if (text.size() != 18 || text.find_first_not_of(kCreditAlphabet) != absl::string_view::npos) {
    return Malformed(kReason, "credit code: 18 characters of 0-9 A-Y without I, O, S, V", kZh);
  }
  if (!AllDigits(text.substr(2, 6))) {
    return Malformed(kReason, "credit code: characters 3 to 8 are the division, digits", kZh);
  }
  size_t sum = 0;
  for (int i = 0; i < 17; ++i) sum += kCreditAlphabet.find(text[i]) * kWeights[i];
  if (kCreditAlphabet[(31 - sum % 31) % 31] != text[17]) {
    return Malformed(kReason, "credit code: wrong check character", kZh);
  }
  return CreditCode(std::string(text));
}

// Rule S1.
absl::StatusOr<CertificateNumber> CertificateNumber::Parse(absl::string_view text) {
  if (text.size() != 10 || text[0] < 'A' || text[0] > 'Z' || !AllDigits(text.substr(1))) {
    return Malformed("CERTIFICATE_NUMBER_INVALID",
                     "certificate number: one capital letter and nine digits",
                     "出生医学证明编号应为1位大写字母和9位数字");
  }
  return CertificateNumber(std::string(text));
}

absl::StatusOr<CertificateNumber> CertificateNumber::Plus(uint64_t steps) const {
  if (empty() || steps > kLastSerial - serial()) {
    return Error(absl::StatusCode::kOutOfRange, "CERTIFICATE_NUMBER_SERIES_ENDED",
                 "no number so far on in this series", "", "该字母系列编号已用尽");
  }
  return CertificateNumber(
      absl::StrFormat("%c%09d", series(), serial() + static_cast<uint32_t>(steps)));
}

uint32_t CertificateNumber::serial() const {
  uint32_t serial = 0;
  return !empty() && absl::SimpleAtoi(absl::string_view(value()).substr(1), &serial) ? serial : 0;
}

absl::StatusOr<LicenceId> LicenceId::Parse(absl::string_view text) {
  if (text.substr(0, kLicenceRoot.size()) != kLicenceRoot) return BadLicenceId("wrong root");
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text.substr(kLicenceRoot.size()), '.');
  if (parts.size() != 5) return BadLicenceId("five parts after the root");
  if (!IsTypeCode(parts[0])) return BadLicenceId("type code is a credit code and 3 characters");
  if (!CreditCode::Parse(parts[1]).ok()) return BadLicenceId("issuer is a credit code");
  if (!IsSerial(parts[2])) return BadLicenceId("serial is 1 to 64 of 0-9 A-Z");
  if (parts[3].size() != 3 || !AllDigits(parts[3]) || parts[3] == "000") {
    return BadLicenceId("version is 001 to 999");
  }
  const std::string body = absl::StrCat(parts[0], parts[1], parts[2], parts[3]);
  if (parts[4].size() != 1 || parts[4][0] != Mod37_36CheckCharacter(body)) {
    return BadLicenceId("wrong check character");
  }
  return LicenceId(std::string(text));
}

// Rule G6.
absl::StatusOr<LicenceId> LicenceId::Make(absl::string_view type_code, const CreditCode& issuer,
                                          absl::string_view serial, int version) {
  const std::string number = absl::StrFormat("%03d", version);
  const char check =
      Mod37_36CheckCharacter(absl::StrCat(type_code, issuer.value(), serial, number));
  // Parse is the one place that knows the rules; a bad part is found there.
  return Parse(absl::StrCat(kLicenceRoot, type_code, ".", issuer.value(), ".", serial, ".", number,
                            ".", std::string(check == '\0' ? 0 : 1, check)));
}

std::string LicenceId::serial() const {
  if (empty()) return "";
  const std::vector<absl::string_view> parts =
      absl::StrSplit(absl::string_view(value()).substr(kLicenceRoot.size()), '.');
  return std::string(parts[2]);
}

}  // namespace birthseal::certs
