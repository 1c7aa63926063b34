// SPDX-License-Identifier: Apache-2.0
#include "certs/id_document.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "certs/limits.h"
#include "certs/printable.h"

namespace birthseal::certs {
namespace {

constexpr int kFewestDigits = 3, kFewestCharacters = 5;
constexpr size_t kDigitsOfACitizenNumber = 15;  // numbers of before 1999 have no more
constexpr size_t kSameDigits = 4, kSameDigitsOfAPassport = 6;  // more than chance

// Each code point with its bytes; a byte that is no UTF-8 comes as a negative one.
template <typename Visit>
void ForEachCharacter(absl::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t from = at;
    UChar32 c;
    U8_NEXT(bytes, at, size, c);
    visit(c, text.substr(static_cast<size_t>(from), static_cast<size_t>(at - from)));
  }
}

bool Digits(absl::string_view text) {
  return text.find_first_not_of("0123456789") == absl::string_view::npos;
}

bool CapitalsAndDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isdigit(c) || absl::ascii_isupper(c);
  });
}

bool BlankOrInvisible(UChar32 c) {
  static constexpr UChar32 kRanges[][2] = {
      {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
      {0xAD, 0xAD},     {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200F},
      {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000}, {0xFE00, 0xFE0F},
      {0xFEFF, 0xFEFF}, {0x115F, 0x1160}, {0x3164, 0x3164}, {0xFFA0, 0xFFA0}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const UChar32(&range)[2]) { return c >= range[0] && c <= range[1]; });
}

// Hyphens, dashes, dots and quotes between the parts of a number or a name.
bool Joint(UChar32 c) {
  return (c >= 0 && c < 0x80 && !absl::ascii_isalnum(static_cast<unsigned char>(c))) ||
         (c >= 0x2010 && c <= 0x2027) || c == 0xB7 || c == 0x30FB || c == 0x2212;
}

// What stands where somebody hid a digit or had none: no document's number holds it.
bool SaysNothing(IdType type, absl::string_view folded) {
  static constexpr absl::string_view kWords[] = {
      "*",    "?",  "#",    "..",   "---",  "__",  "×",    "●",    "○",       "■",    "□",
      "…",    "•",  "··",   "——",   "待",   "未",  "无",   "暂无", "暂缺",    "拒",   "补",
      "空缺", "缺", "不详", "不明", "没有", "N/A", "NONE", "NULL", "UNKNOWN", "TEMP", "TBD"};
  const bool word = std::any_of(std::begin(kWords), std::end(kWords),
                                [&](absl::string_view w) { return absl::StrContains(folded, w); });
  // A passport's letters are as they are.
  return word || (type != IdType::kPassport && absl::StrContains(folded, "XXX"));
}

// Counted up from 0 or 1, or down from 9: 1234567890, 0123456, 987654321.
bool Counted(absl::string_view digits) {
  const auto step = [&](size_t i) { return (digits[i] - digits[i - 1] + 10) % 10; };
  const bool up = (digits[0] == '0' || digits[0] == '1') && step(1) == 1;
  const bool down = digits[0] == '9' && step(1) == 9;
  if (!up && !down) return false;
  for (size_t i = 2; i < digits.size(); ++i) {
    if (step(i) != step(1)) return false;
  }
  return true;
}

// One digit repeated, or counted; of a document without a form of its own also what is too short.
// A permit's eight digits may count up by chance, and a passport may have few digits or none.
// Rule P16.
bool MadeUp(IdType type, absl::string_view folded) {
  const std::string text = NormalisedIdNumber(folded);
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](unsigned char c) { return absl::ascii_isdigit(c); });
  const size_t same = type == IdType::kPassport ? kSameDigitsOfAPassport : kSameDigits;
  if (digits.size() >= same && digits.find_first_not_of(digits[0]) == std::string::npos) {
    return true;
  }
  const bool permit = type == IdType::kTaiwanPermit || type == IdType::kHkMacaoPermit;
  if (!permit && digits.size() >= kFewestCharacters && digits.size() == text.size() &&
      Counted(digits)) {
    return true;
  }
  if (type == IdType::kPassport) return false;
  const auto characters = std::count_if(text.begin(), text.end(),
                                        [](char c) { return U8_IS_SINGLE(c) || U8_IS_LEAD(c); });
  return digits.size() < kFewestDigits || characters < kFewestCharacters;
}

// As many digits in a row as only a citizen number has, right or mistyped, whatever stands around.
// Rule P17.
bool CitizenForm(absl::string_view text) {
  size_t run = 0;
  for (const char c : text) {
    run = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? run + 1 : 0;
    if (run >= kDigitsOfACitizenNumber) return true;
  }
  return false;
}

bool HasCitizenNumber(IdType type) {
  return type == IdType::kCitizenId || type == IdType::kHkMoTwResidence ||
         type == IdType::kForeignResidence;
}

// What each document's number looks like. Rule P14.
bool ResidencePermit(absl::string_view number) {
  const absl::string_view division = number.substr(0, 6);
  return CitizenId::Parse(number).ok() &&
         (division == "810000" || division == "820000" || division == "830000");
}

bool HkMacaoPermit(absl::string_view number) {
  return (number.size() == 9 || number.size() == 11) && (number[0] == 'H' || number[0] == 'M') &&
         Digits(number.substr(1));
}

bool TaiwanPermit(absl::string_view number) {
  if (number.size() == 8 || number.size() == 10) return Digits(number);
  return number.size() == 11 && Digits(number.substr(0, 10)) &&
         CapitalsAndDigits(number.substr(10));
}

bool ForeignResidence(absl::string_view number) {
  if (number.size() == 15) return CapitalsAndDigits(number);
  return !number.empty() && number[0] == '9' && CitizenId::Parse(number).ok();
}

bool Fits(IdType type, absl::string_view number) {
  switch (type) {
    case IdType::kCitizenId:
      return CitizenId::Parse(number).ok();
    case IdType::kPassport:
      return number.size() >= 5 && number.size() <= 20 && CapitalsAndDigits(number);
    case IdType::kHkMacaoPermit:
      return HkMacaoPermit(number);
    case IdType::kTaiwanPermit:
      return TaiwanPermit(number);
    case IdType::kHkMoTwResidence:
      return ResidencePermit(number);
    case IdType::kForeignResidence:
      return ForeignResidence(number);
    case IdType::kHouseholdBook:  // may bear the holder's citizen number, but then a right one
      if (CitizenForm(number)) return CitizenId::Parse(number).ok();
      [[fallthrough]];
    case IdType::kOfficerId:
    case IdType::kOther:
      return number.size() <= kMaxIdCharacters * 4 && IsPrintable(number);
    case IdType::kDrivingLicence:
    case IdType::kNone:
      break;
  }
  return false;
}

}  // namespace

std::string FoldedIdNumber(absl::string_view typed) {
  std::string out;
  ForEachCharacter(typed, [&](UChar32 c, absl::string_view bytes) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - 0x21;
    if (BlankOrInvisible(c)) return;
    if (c >= 0 && c < 0x80) {
      out.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    } else {
      out.append(bytes.data(), bytes.size());
    }
  });
  return out;
}

// Rule C10.
std::string NormalisedIdNumber(absl::string_view number) {
  const std::string folded = FoldedIdNumber(number);
  std::string out;
  ForEachCharacter(folded, [&](UChar32 c, absl::string_view bytes) {
    if (!Joint(c)) out.append(bytes.data(), bytes.size());
  });
  return out;
}

bool SameIdNumber(absl::string_view a, absl::string_view b) {
  return NormalisedIdNumber(a) == NormalisedIdNumber(b);
}

bool SamePersonName(absl::string_view a, absl::string_view b) { return SameIdNumber(a, b); }

// Rule P13.
IdFault FaultOf(IdType type, absl::string_view number) {
  if (type == IdType::kNone || type == IdType::kDrivingLicence) return IdFault::kTypeNotAccepted;
  const bool may_be_citizen = HasCitizenNumber(type) || type == IdType::kHouseholdBook;
  if (!may_be_citizen && CitizenForm(NormalisedIdNumber(number))) return IdFault::kCitizenNumber;
  if (SaysNothing(type, number)) return IdFault::kPlaceholder;
  if (!Fits(type, number)) return IdFault::kForm;
  return MadeUp(type, number) ? IdFault::kPlaceholder : IdFault::kNone;
}

// Rule C9.
IdType ClaimedType(IdType type, absl::string_view number) {
  return CitizenId::Parse(NormalisedIdNumber(number)).ok() ? IdType::kCitizenId : type;
}

bool NamesOnePerson(IdType type, absl::string_view number) {
  return type != IdType::kNone && (CitizenId::Parse(NormalisedIdNumber(number)).ok() ||
                                   FaultOf(type, FoldedIdNumber(number)) == IdFault::kNone);
}

CitizenId NumberWithBirthDate(IdType type, absl::string_view number) {
  if (!HasCitizenNumber(type)) return CitizenId();
  return CitizenId::Parse(number).value_or(CitizenId());
}

}  // namespace birthseal::certs
