// SPDX-License-Identifier: Apache-2.0
// Code 128 (ISO/IEC 15417) and QR code (ISO/IEC 18004) as paths.
#include <cmath>
#include <qrcodegen/qrcodegen.hpp>

#include "certs/ofd/layout.h"

namespace birthseal::certs::ofd {
namespace {

// Widths of bar, space, bar, space, bar, space of the symbol characters 0 to 105; 106 is stop.
constexpr const char* kPatterns[] = {
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112"};
// Any of the eight masks reads; to find the one that looks best costs more than the rest of the
// code.
constexpr int kQrMask = 2;
constexpr size_t kMostQrCharacters = 1000;
constexpr int kCodeC = 99, kStartB = 104, kStop = 106;

// Modules are whole parts of a millimetre, which keeps the coordinates short.
double ModuleSize(double size, int modules, int parts) {
  return std::floor(size / modules * parts) / parts;
}

// Both codes are filled, never stroked: how far a line reaches beyond its ends is for each reader
// to choose, and some choose half a module.
void AppendBar(double x, double y, double width, double height, std::string* out) {
  const double points[4][2] = {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
  for (int i = 0; i < 4; ++i) {
    out->append(i == 0 ? "M " : "L ");
    AppendMm(points[i][0], out);
    out->push_back(' ');
    AppendMm(points[i][1], out);
    out->push_back(' ');
  }
  out->append("C ");
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

PathItem Barcode(absl::string_view text, double x, double y, double width, double height) {
  // Code set B, then C as soon as an even number of digits is all that is left.
  std::vector<int> symbols = {kStartB};
  size_t at = 0;
  const auto digits_left = [&] {
    for (char c : text.substr(at)) {
      if (!IsDigit(c)) return false;
    }
    return (text.size() - at) % 2 == 0;
  };
  for (; at < text.size() && !digits_left(); ++at) {
    if (text[at] < ' ' || text[at] > '~') return {};
    symbols.push_back(text[at] - ' ');
  }
  if (at < text.size()) symbols.push_back(kCodeC);
  for (; at < text.size(); at += 2) {
    symbols.push_back((text[at] - '0') * 10 + (text[at + 1] - '0'));
  }
  int sum = symbols[0], modules = 2;
  for (size_t i = 1; i < symbols.size(); ++i) sum += static_cast<int>(i) * symbols[i];
  symbols.push_back(sum % 103);
  symbols.push_back(kStop);
  modules += 11 * static_cast<int>(symbols.size());
  const double module = ModuleSize(width, modules, 100);
  PathItem item;
  item.x = x, item.y = y, item.width = modules * module, item.height = height;
  int position = 0;
  for (int symbol : symbols) {
    bool bar = true;
    for (const char* w = kPatterns[symbol]; *w != '\0'; ++w, bar = !bar) {
      const int wide = *w - '0';
      if (bar) AppendBar(position * module, 0, wide * module, height, &item.data);
      position += wide;
    }
  }
  return item;
}

PathItem QrCode(absl::string_view payload, double x, double y, double size) {
  PathItem item;
  const std::string text(payload);
  if (text.size() > kMostQrCharacters || !qrcodegen::QrSegment::isAlphanumeric(text.c_str())) {
    return item;
  }
  const qrcodegen::QrCode code = qrcodegen::QrCode::encodeSegments(
      {qrcodegen::QrSegment::makeAlphanumeric(text.c_str())}, qrcodegen::QrCode::Ecc::MEDIUM, 1, 40,
      kQrMask, /*boostEcl=*/false);
  const double module = ModuleSize(size, code.getSize(), 10);
  item.width = item.height = code.getSize() * module;
  item.x = x + (size - item.width) / 2;
  item.y = y + (size - item.height) / 2;
  for (int row = 0; row < code.getSize(); ++row) {
    for (int from = 0; from < code.getSize(); ++from) {
      if (!code.getModule(from, row)) continue;
      int to = from + 1;
      while (to < code.getSize() && code.getModule(to, row)) ++to;
      AppendBar(from * module, row * module, (to - from) * module, module, &item.data);
      from = to;
    }
  }
  return item;
}

void AppendMm(double value, std::string* out) {
  // Hundredths, without trailing zeros: 0.01 mm is finer than any printer.
  long scaled = std::lround(value * 100);
  if (scaled < 0) {
    out->push_back('-');
    scaled = -scaled;
  }
  char digits[24];
  int n = 0;
  long whole = scaled / 100, part = scaled % 100;
  do digits[n++] = static_cast<char>('0' + whole % 10);
  while ((whole /= 10) > 0);
  while (n > 0) out->push_back(digits[--n]);
  if (part == 0) return;
  out->push_back('.');
  for (long unit = 10; part > 0; unit /= 10) {
    out->push_back(static_cast<char>('0' + part / unit));
    part %= unit;
  }
}

}  // namespace birthseal::certs::ofd
