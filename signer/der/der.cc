// SPDX-License-Identifier: Apache-2.0
#include "signer/der/der.h"

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::signer::der {
namespace {

absl::Status Bad(absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "DER", absl::StrCat("DER: ", what));
}

// Base 128, most significant group first.
void AppendBase128(uint64_t value, std::string* out) {
  char groups[10];
  int count = 0;
  do {
    groups[count++] = static_cast<char>(value & 0x7F);
    value >>= 7;
  } while (value != 0);
  while (count > 0) {
    --count;
    out->push_back(static_cast<char>(groups[count] | (count > 0 ? 0x80 : 0)));
  }
}

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

int Two(absl::string_view text, size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

}  // namespace

std::string Tlv(uint8_t tag, absl::string_view content) {
  std::string out(1, static_cast<char>(tag));
  const size_t size = content.size();
  if (size < 0x80) {
    out.push_back(static_cast<char>(size));
  } else {
    int octets = 1;
    while ((size >> (8 * octets)) != 0) ++octets;
    out.push_back(static_cast<char>(0x80 | octets));
    for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<char>(size >> (8 * i)));
  }
  out.append(content.data(), content.size());
  return out;
}

std::string Integer(uint64_t value) {
  std::string content;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<uint8_t>(value >> shift);
    if (content.empty() && octet == 0 && shift > 0) continue;
    if (content.empty() && (octet & 0x80) != 0) content.push_back('\0');
    content.push_back(static_cast<char>(octet));
  }
  return Tlv(kInteger, content);
}

std::string Oid(absl::string_view dotted) {
  std::vector<uint64_t> arcs;
  for (absl::string_view part : absl::StrSplit(dotted, '.')) {
    uint64_t arc = 0;
    if (!absl::SimpleAtoi(part, &arc)) return "";
    arcs.push_back(arc);
  }
  if (arcs.size() < 2) return "";
  std::string content;
  AppendBase128(arcs[0] * 40 + arcs[1], &content);
  for (size_t i = 2; i < arcs.size(); ++i) AppendBase128(arcs[i], &content);
  return Tlv(kOid, content);
}

std::string BitString(absl::string_view bytes) {
  return Tlv(kBitString, absl::StrCat(absl::string_view("\0", 1), bytes));
}

std::string GeneralizedTime(absl::Time time) {
  return Tlv(kGeneralizedTime, absl::FormatTime("%Y%m%d%H%M%SZ", time, absl::UTCTimeZone()));
}

absl::StatusOr<Element> Read(absl::string_view* rest) {
  const absl::string_view in = *rest;
  if (in.size() < 2) return Bad("element cut short");
  Element element;
  element.tag = static_cast<uint8_t>(in[0]);
  if ((element.tag & 0x1F) == 0x1F) return Bad("tag number above 30");
  const auto first = static_cast<uint8_t>(in[1]);
  size_t length = first;
  size_t header = 2;
  if (first >= 0x80) {
    const size_t octets = first & 0x7F;
    if (octets == 0 || octets > 4) return Bad("length indefinite or too long");
    if (in.size() < 2 + octets) return Bad("length cut short");
    length = 0;
    for (size_t i = 0; i < octets; ++i) length = (length << 8) | static_cast<uint8_t>(in[2 + i]);
    if (length < 0x80 || in[2] == '\0') return Bad("length not minimal");
    header += octets;
  }
  if (in.size() - header < length) return Bad("content cut short");
  element.whole = in.substr(0, header + length);
  element.content = in.substr(header, length);
  rest->remove_prefix(header + length);
  return element;
}

absl::StatusOr<Element> Expect(absl::string_view* rest, uint8_t tag) {
  ASSIGN_OR_RETURN(Element element, Read(rest));
  if (element.tag != tag) {
    return Bad(absl::StrCat("tag ", absl::Hex(element.tag), " where ", absl::Hex(tag), " belongs"));
  }
  return element;
}

absl::StatusOr<int64_t> ToInteger(const Element& element) {
  const absl::string_view in = element.content;
  if (element.tag != kInteger || in.empty() || in.size() > 8) return Bad("integer");
  if (in.size() > 1) {
    const auto first = static_cast<uint8_t>(in[0]);
    const bool high = (static_cast<uint8_t>(in[1]) & 0x80) != 0;
    if ((first == 0x00 && !high) || (first == 0xFF && high)) return Bad("integer not minimal");
  }
  uint64_t value = (static_cast<uint8_t>(in[0]) & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (const char c : in) value = (value << 8) | static_cast<uint8_t>(c);
  return static_cast<int64_t>(value);
}

absl::StatusOr<std::string> ToOid(const Element& element) {
  const absl::string_view in = element.content;
  if (element.tag != kOid || in.empty()) return Bad("object identifier");
  std::string dotted;
  uint64_t value = 0;
  bool starting = true;
  for (const char c : in) {
    const auto octet = static_cast<uint8_t>(c);
    if (starting && octet == 0x80) return Bad("object identifier not minimal");
    if (value >> 56 != 0) return Bad("object identifier arc too large");
    value = (value << 7) | (octet & 0x7F);
    starting = (octet & 0x80) == 0;
    if (!starting) continue;
    if (dotted.empty()) {
      const uint64_t top = value < 80 ? value / 40 : 2;
      absl::StrAppend(&dotted, top, ".", value - top * 40);
    } else {
      absl::StrAppend(&dotted, ".", value);
    }
    value = 0;
  }
  if (!starting) return Bad("object identifier cut short");
  return dotted;
}

absl::StatusOr<absl::string_view> ToBitString(const Element& element) {
  if (element.tag != kBitString || element.content.empty()) return Bad("bit string");
  if (element.content[0] != '\0') return Bad("bit string with unused bits");
  return element.content.substr(1);
}

absl::StatusOr<absl::Time> ToTime(const Element& element) {
  absl::string_view text = element.content;
  const size_t digits = element.tag == kGeneralizedTime ? 14 : element.tag == kUtcTime ? 12 : 0;
  if (digits == 0 || text.size() != digits + 1 || text.back() != 'Z' ||
      !AllDigits(text.substr(0, digits))) {
    return Bad("time");
  }
  int year = 0;
  if (digits == 14) {
    year = Two(text, 0) * 100 + Two(text, 2);
    text.remove_prefix(4);
  } else {
    year = Two(text, 0);
    year += year < 50 ? 2000 : 1900;  // X.509: UTCTime means 1950 to 2049
    text.remove_prefix(2);
  }
  const absl::CivilSecond civil(year, Two(text, 0), Two(text, 2), Two(text, 4), Two(text, 6),
                                Two(text, 8));
  // CivilSecond normalises: a field that moved was out of range.
  const auto read =
      std::make_tuple(civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second());
  if (read !=
      std::make_tuple(Two(text, 0), Two(text, 2), Two(text, 4), Two(text, 6), Two(text, 8))) {
    return Bad("time out of range");
  }
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

}  // namespace birthseal::signer::der
