// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::connect::hl7 {
namespace {

// GB 18030-2022 against the 2005 mapping that ICU 72 has: private use -> standard. The first eight
// and the vertical forms are the standard's own; the last six are this project's rule for legacy
// bytes FE51 FE52 FE53 FE6C FE76 FE91 (DECISIONS.md, "GB18030").
struct Remap {
  UChar32 from, to;
};
constexpr Remap kRemaps[] = {
    {0xE81E, 0x9FB4},  {0xE826, 0x9FB5},  {0xE82B, 0x9FB6},  {0xE82C, 0x9FB7},  {0xE832, 0x9FB8},
    {0xE843, 0x9FB9},  {0xE854, 0x9FBA},  {0xE864, 0x9FBB},  {0xE78D, 0xFE10},  {0xE78E, 0xFE12},
    {0xE78F, 0xFE11},  {0xE790, 0xFE13},  {0xE791, 0xFE14},  {0xE792, 0xFE15},  {0xE793, 0xFE16},
    {0xE794, 0xFE17},  {0xE795, 0xFE18},  {0xE796, 0xFE19},  {0xE816, 0x20087}, {0xE817, 0x20089},
    {0xE818, 0x200CC}, {0xE831, 0x215D7}, {0xE83B, 0x2298F}, {0xE855, 0x241FE},
};

UChar32 Remapped(UChar32 c) {
  for (const Remap& r : kRemaps) {
    if (r.from == c) return r.to;
  }
  return c;
}

bool PrivateUse(UChar32 c) {
  return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0x10FFFD);
}

const char* IcuName(Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      return "UTF-8";
    case Charset::kGb18030:
      return "gb18030";
    case Charset::kLatin1:
      return "ISO-8859-1";
  }
  return "UTF-8";
}

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

absl::Status Invalid(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, reason, message, "MSH-18");
}

}  // namespace

absl::StatusOr<Charset> CharsetNamed(absl::string_view msh18, Charset configured) {
  static const std::map<std::string, Charset>* const names = new std::map<std::string, Charset>{
      {"UNICODE UTF-8", Charset::kUtf8},
      {"UTF-8", Charset::kUtf8},
      {"UTF8", Charset::kUtf8},
      {"ASCII", Charset::kUtf8},
      {"GB 18030-2000", Charset::kGb18030},
      {"GB18030", Charset::kGb18030},
      {"GB18030-2000", Charset::kGb18030},
      {"GB 18030", Charset::kGb18030},
      {"GBK", Charset::kGb18030},
      {"GB2312", Charset::kGb18030},
      {"8859/1", Charset::kLatin1},
      {"ISO-8859-1", Charset::kLatin1},
  };
  std::string name = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(msh18));
  if (name.empty()) return configured;
  auto found = names->find(name);
  if (found != names->end()) return found->second;
  return Invalid("ENCODING_UNSUPPORTED",
                 "MSH-18 names a character set that is not read here; send UNICODE UTF-8 or "
                 "GB 18030-2000");
}

absl::StatusOr<std::string> ToUtf8(absl::string_view bytes, Charset charset) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(IcuName(charset), &error));
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  // No charset gives more UTF-16 units than it has bytes.
  std::vector<UChar> units(bytes.size() + 1);
  int32_t length = ucnv_toUChars(converter.get(), units.data(), static_cast<int32_t>(units.size()),
                                 bytes.data(), static_cast<int32_t>(bytes.size()), &error);
  if (U_FAILURE(error)) {
    return Invalid("ENCODING_INVALID",
                   absl::StrCat("the message is not valid ", IcuName(charset),
                                "; configure the sender's character set or name it in MSH-18"));
  }
  icu::UnicodeString text(false, units.data(), length);
  std::string utf8;
  utf8.reserve(bytes.size() + bytes.size() / 2);
  icu::UnicodeString mapped;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    UChar32 c = text.char32At(i);
    if (charset == Charset::kGb18030) c = Remapped(c);
    if (PrivateUse(c)) {
      return Invalid("ENCODING_PRIVATE_USE",
                     "the message holds a character of the private-use area, which names no "
                     "character; send it as GB 18030-2022 or UTF-8");
    }
    mapped.append(c);
  }
  mapped.toUTF8String(utf8);
  return utf8;
}

std::string FromUtf8(absl::string_view utf8, Charset charset) {
  if (charset == Charset::kUtf8) return std::string(utf8);
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(IcuName(charset), &error));
  ucnv_setSubstChars(converter.get(), "?", 1, &error);
  std::string out(static_cast<size_t>(text.length()) * 4 + 1, '\0');
  int32_t length = ucnv_fromUChars(converter.get(), &out[0], static_cast<int32_t>(out.size()),
                                   text.getBuffer(), text.length(), &error);
  out.resize(U_FAILURE(error) ? 0 : static_cast<size_t>(length));
  return out;
}

}  // namespace birthseal::connect::hl7
