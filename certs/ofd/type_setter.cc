// SPDX-License-Identifier: Apache-2.0
// Choice of font, measuring, and fitting of values into their boxes.
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/errors.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/layout.h"

namespace birthseal::certs::ofd {
namespace {

constexpr double kLineHeight = 1.22;
constexpr double kSmallest = 1.6;  // mm: 4.5 pt, for the longest of long addresses
constexpr double kStep = 0.2;

double Advance(const Glyph* glyph, double size) { return glyph->advance * size / kUnitsPerEm; }

struct Placed {
  char32_t character;
  FontRole font;
  double advance;  // at size 1
};

// Splits into lines no wider than `width`; Latin words and numbers are kept whole where they fit.
std::vector<std::pair<size_t, size_t>> Wrap(const std::vector<Placed>& text, double width) {
  const auto joins = [](char32_t c) { return c > 0x20 && c < 0x2e80; };
  std::vector<std::pair<size_t, size_t>> lines;
  for (size_t from = 0; from < text.size();) {
    double used = 0;
    size_t to = from;
    while (to < text.size() && (to == from || used + text[to].advance <= width)) {
      used += text[to++].advance;
    }
    size_t cut = to;
    while (to < text.size() && cut > from && joins(text[cut - 1].character) &&
           joins(text[cut].character)) {
      --cut;
    }
    if (cut == from) cut = to;
    lines.emplace_back(from, cut);
    from = cut;
  }
  return lines;
}

}  // namespace

TypeSetter::TypeSetter(Faces faces) : faces_(faces) {
  // Numbers, foreign names and the punctuation of addresses.
  for (char c = ' '; c <= 'z'; ++c) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(" '()+,-./", c)) {
      AddCommon(absl::string_view(&c, 1));
    }
  }
}

void TypeSetter::AddCommon(absl::string_view text) {
  for (char32_t c : CodePoints(text)) {
    if (const Glyph* glyph = faces_.value->Find(c)) label_.emplace(c, glyph);
  }
}

const Glyph* TypeSetter::Find(FontRole font, char32_t character) const {
  switch (font) {
    case FontRole::kTitle:
      return faces_.title->Find(character);
    case FontRole::kRare:
      return faces_.rare->Find(character);
    case FontRole::kLabel:
    case FontRole::kValue:
      break;
  }
  return faces_.value->Find(character);
}

double TypeSetter::ConstantWidth(absl::string_view text, FontRole font, double size,
                                 double spacing) const {
  double width = -spacing;
  for (char32_t c : CodePoints(text)) {
    const Glyph* glyph = Find(font, c);
    if (glyph != nullptr) width += Advance(glyph, size) + spacing;
  }
  return width;
}

void TypeSetter::Constant(absl::string_view text, FontRole font, double x, double baseline,
                          double size, double spacing, Colour colour, Layout* layout) {
  TextItem item;
  item.font = font;
  item.x = x, item.baseline = baseline, item.size = size, item.colour = colour;
  for (char32_t c : CodePoints(text)) {
    const Glyph* glyph = Find(font, c);
    if (glyph == nullptr) continue;
    (font == FontRole::kTitle ? title_ : label_).emplace(c, glyph);
    item.text.push_back(c);
    item.advances.push_back(Advance(glyph, size) + spacing);
  }
  layout->texts.push_back(std::move(item));
}

absl::Status TypeSetter::Check(const FaceLine& line) const {
  for (char32_t c : CodePoints(line.text)) {
    const bool found = faces_.value->Find(c) != nullptr || faces_.rare->Find(c) != nullptr;
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd || c == 0xfeff;
    if (IsPrivateUse(c) || control || !found) {
      const char* reason = IsPrivateUse(c) ? "GLYPH_PRIVATE_USE" : "GLYPH_MISSING";
      return Error(absl::StatusCode::kInvalidArgument, reason,
                   absl::StrCat(reason, ": ", line.key, " ",
                                absl::StrFormat("U+%04X", static_cast<uint32_t>(c))),
                   line.key);
    }
  }
  return absl::OkStatus();
}

// Latin and digits always come from the label font; Chinese characters only when the whole line
// does, so that no line mixes two parts without need.
FontRole TypeSetter::RoleOf(char32_t c, bool all_common) const {
  if ((all_common || c < 0x80) && label_.count(c) > 0) return FontRole::kLabel;
  return faces_.value->Find(c) != nullptr ? FontRole::kValue : FontRole::kRare;
}

void TypeSetter::Fit(const FaceLine& line, double x, double y, double width, double height,
                     double size, Layout* layout) const {
  const std::u32string characters = CodePoints(line.text);
  const bool all_common = std::all_of(characters.begin(), characters.end(),
                                      [this](char32_t c) { return label_.count(c) > 0; });
  std::vector<Placed> placed;
  for (char32_t c : characters) {
    FontRole font = RoleOf(c, all_common);
    // A blank stays with its neighbour: XML readers drop text that is blank alone.
    if (c == ' ' && !placed.empty() && placed.back().font != FontRole::kRare) {
      font = placed.back().font;
    }
    const Glyph* glyph = Find(font, c);
    if (glyph != nullptr) placed.push_back({c, font, Advance(glyph, 1)});
  }
  std::vector<std::pair<size_t, size_t>> lines = Wrap(placed, width / size);
  while (size > kSmallest && static_cast<double>(lines.size()) * size * kLineHeight > height) {
    size -= kStep;
    lines = Wrap(placed, width / size);
  }
  const double block = static_cast<double>(lines.size() - 1) * size * kLineHeight;
  double baseline = y + height / 2 - block / 2 + size * 0.36;
  for (const auto& [from, to] : lines) {
    double at = x;
    for (size_t i = from; i < to; ++i) {
      if (i == from || placed[i].font != placed[i - 1].font) {
        TextItem item;
        item.font = placed[i].font;
        item.x = at, item.baseline = baseline, item.size = size;
        item.key = line.key;
        layout->texts.push_back(std::move(item));
      }
      layout->texts.back().text.push_back(placed[i].character);
      layout->texts.back().advances.push_back(placed[i].advance * size);
      at += placed[i].advance * size;
    }
    baseline += size * kLineHeight;
  }
}

}  // namespace birthseal::certs::ofd
