// SPDX-License-Identifier: Apache-2.0
#include "certs/printable.h"

#include <unicode/utf8.h>

#include <algorithm>

namespace birthseal::certs {
namespace {

bool PrivateUse(uint32_t c) { return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000; }

// Invisible and layout characters would let two different names look the same.
bool Invisible(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFF) || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

std::vector<uint32_t> CodePoints(absl::string_view text) {
  std::vector<uint32_t> points;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT(bytes, at, size, c);
    points.push_back(static_cast<uint32_t>(c));
  }
  return points;
}

bool IsPlainText(absl::string_view text) {
  const std::vector<uint32_t> points = CodePoints(text);
  return std::none_of(points.begin(), points.end(), [](uint32_t c) {
    return c > 0x10FFFF || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
  });
}

bool IsPrintable(absl::string_view text) {
  for (const uint32_t c : CodePoints(text)) {
    if (PrivateUse(c) || Invisible(c)) return false;
  }
  return true;
}

}  // namespace birthseal::certs
