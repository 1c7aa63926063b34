#include "certs/id_document.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "certs/rule_checks.h"

namespace birthseal::certs {
namespace {

constexpr size_t kMaxIdCharacters = 30;
constexpr int kFewestDigits = 3, kFewestCharacters = 5;

bool Digits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

bool CapitalsAndDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isdigit(c) || absl::ascii_isupper(c);
  });
}

bool BlankOrInvisible(UChar32 c) {
  static constexpr UChar32 kRanges[][2] = {
      {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0xAD, 0xAD},
      {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},
      {0x3000, 0x3000}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const UChar32(&range)[2]) { return c >= range[0] && c <= range[1]; });
}

// What stands where somebody hid a digit or had none: no document's number holds it.
bool SaysNothing(absl::string_view folded) {
  static constexpr absl::string_view kWords[] = {
      "*",  "?",  "#",  "XXX", "×",  "●",    "○",    "■",    "□",    "…",      "•",
      "··", "待", "未", "无",  "暂", "不详", "不明", "NONE", "NULL", "UNKNOWN"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [folded](absl::string_view word) { return absl::StrContains(folded, word); });
}

// Every step from one digit to the next is the same: 1111..., 1234567890, 987654321.
bool Counted(absl::string_view digits) {
  const auto step = [&](size_t i) { return (digits[i] - digits[i - 1] + 10) % 10; };
  if (step(1) != 0 && step(1) != 1 && step(1) != 9) return false;
  for (size_t i = 2; i < digits.size(); ++i) {
    if (step(i) != step(1)) return false;
  }
  return true;
}

// Too short, one digit repeated, counted up. A permit's eight digits may count up by chance; a book
// or a foreign document of digits that do is one that somebody made up.
bool MadeUp(IdType type, absl::string_view folded) {
  const std::string text = NormalisedIdNumber(folded);
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](unsigned char c) { return absl::ascii_isdigit(c); });
  const auto characters = std::count_if(text.begin(), text.end(),
                                        [](char c) { return U8_IS_SINGLE(c) || U8_IS_LEAD(c); });
  if (digits.size() < kFewestDigits || characters < kFewestCharacters) return true;
  const bool one_digit = digits.find_first_not_of(digits[0]) == std::string::npos;
  if (one_digit && digits.size() > kFewestDigits) return true;
  const bool permit = type == IdType::kTaiwanPermit || type == IdType::kHkMacaoPermit;
  return !permit && digits.size() == text.size() && Counted(digits);
}

// 18 characters of which 17 are digits, whatever the last one is; or 15 digits with a date in the
// middle, as numbers were before 1999.
bool CitizenForm(absl::string_view text) {
  if (text.size() == 15 && Digits(text)) {
    const absl::string_view month = text.substr(8, 2), day = text.substr(10, 2);
    return text[0] >= '1' && text[0] <= '8' && month >= "01" && month <= "12" && day >= "01" &&
           day <= "31";
  }
  if (text.size() < 18 || !Digits(text.substr(0, 17))) return false;
  int32_t end = 17;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  U8_FWD_1(bytes, end, static_cast<int32_t>(text.size()));
  return static_cast<size_t>(end) == text.size();
}

bool HasCitizenNumber(IdType type) {
  return type == IdType::kCitizenId || type == IdType::kHkMoTwResidence ||
         type == IdType::kForeignResidence;
}

// §1.6, last four rows: what each document's number looks like.
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
      return number.size() <= kMaxIdCharacters * 4 && Printable(number);
    case IdType::kDrivingLicence:
    case IdType::kNone:
      break;
  }
  return false;
}

}  // namespace

std::string FoldedIdNumber(absl::string_view typed) {
  std::string out;
  const auto* bytes = reinterpret_cast<const uint8_t*>(typed.data());
  const auto size = static_cast<int32_t>(typed.size());
  for (int32_t at = 0; at < size;) {
    const int32_t from = at;
    UChar32 c;
    U8_NEXT(bytes, at, size, c);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - 0x21;
    if (BlankOrInvisible(c)) continue;
    if (c >= 0 && c < 0x80) {
      out.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    } else {
      out.append(typed.data() + from, static_cast<size_t>(at - from));
    }
  }
  return out;
}

std::string NormalisedIdNumber(absl::string_view number) {
  std::string out = FoldedIdNumber(number);
  out.erase(std::remove_if(out.begin(), out.end(),
                           [](unsigned char c) { return c < 0x80 && !absl::ascii_isalnum(c); }),
            out.end());
  return out;
}

bool SameIdNumber(absl::string_view a, absl::string_view b) {
  return NormalisedIdNumber(a) == NormalisedIdNumber(b);
}

IdFault FaultOf(IdType type, absl::string_view number) {
  if (type == IdType::kNone || type == IdType::kDrivingLicence) return IdFault::kTypeNotAccepted;
  const bool may_be_citizen = HasCitizenNumber(type) || type == IdType::kHouseholdBook;
  if (!may_be_citizen && CitizenForm(NormalisedIdNumber(number))) return IdFault::kCitizenNumber;
  if (SaysNothing(number)) return IdFault::kPlaceholder;
  if (!Fits(type, number)) return IdFault::kForm;
  return MadeUp(type, number) ? IdFault::kPlaceholder : IdFault::kNone;
}

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
