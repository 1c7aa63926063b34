// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/embedded_font.h"

#include <optional>
#include <utility>
#include <vector>

#include "certs/canonical.h"
#include "certs/errors.h"

namespace birthseal::certs::ofd {
namespace {

constexpr size_t kHeaderSize = 12, kEntrySize = 16;

// Reads outside the bytes give zero and are remembered. What is then wrong with the font shows when
// it is written again.
class Input {
 public:
  explicit Input(absl::string_view bytes) : bytes_(bytes) {}
  uint32_t U16(size_t at) { return Number(at, 2); }
  uint32_t U32(size_t at) { return Number(at, 4); }
  int Signed16(size_t at) { return static_cast<int16_t>(U16(at)); }
  absl::string_view Part(size_t at, size_t size) {
    if (at > bytes_.size() || size > bytes_.size() - at) return Outside();
    return bytes_.substr(at, size);
  }
  bool outside() const { return outside_; }

 private:
  uint32_t Number(size_t at, size_t size) {
    return static_cast<uint32_t>(ReadBigEndian(Part(at, size)));
  }
  absl::string_view Outside() {
    outside_ = true;
    return {};
  }
  absl::string_view bytes_;
  bool outside_ = false;
};

class FontReader {
 public:
  explicit FontReader(absl::string_view font)
      : font_(font), loca_(Table("loca")), hmtx_(Table("hmtx")), glyf_(Table("glyf")) {}

  std::optional<std::map<char32_t, Glyph>> Read() {
    Input maxp(Table("maxp")), head(Table("head"));
    count_ = maxp.U16(4);
    long_loca_ = head.U16(50) != 0;
    const auto characters = Characters();
    std::map<char32_t, Glyph> glyphs;
    for (const auto& [character, index] : characters) {
      const std::optional<Glyph> glyph = GlyphAt(index);
      if (!glyph.has_value()) return std::nullopt;
      glyphs.emplace(character, *glyph);
    }
    for (const Input* table : {&font_, &maxp, &head, &loca_, &hmtx_, &glyf_}) {
      if (table->outside()) return std::nullopt;
    }
    if (damaged_) return std::nullopt;
    return glyphs;
  }

 private:
  absl::string_view Table(absl::string_view tag) {
    const size_t tables = font_.U16(4);
    for (size_t i = 0; i < tables && !font_.outside(); ++i) {
      const size_t at = kHeaderSize + i * kEntrySize;
      if (font_.Part(at, 4) == tag) return font_.Part(font_.U32(at + 8), font_.U32(at + 12));
    }
    damaged_ = true;
    return {};
  }

  std::vector<std::pair<char32_t, size_t>> Characters();
  std::optional<Glyph> GlyphAt(size_t index);

  bool damaged_ = false;  // first: the tables below set it
  Input font_, loca_, hmtx_, glyf_;
  size_t count_ = 0;  // glyphs, .notdef among them
  bool long_loca_ = false;
};

// Runs of characters whose glyphs follow each other, from the table that has them all: format 12
// where there is a character beyond U+FFFF, else format 4.
std::vector<std::pair<char32_t, size_t>> FontReader::Characters() {
  std::vector<std::pair<char32_t, size_t>> found;
  if (count_ <= 1) return found;  // no character at all: its cmap names a blank that is not there
  Input cmap(Table("cmap"));
  const auto add = [&](char32_t first, char32_t last, size_t glyph) {
    if (last < first || last - first >= count_ || found.size() + (last - first) >= count_) {
      damaged_ = true;
      return;
    }
    for (char32_t c = first; c <= last; ++c) found.emplace_back(c, glyph + (c - first));
  };
  const bool full = cmap.U16(2) == 2;
  const size_t at = cmap.U32(full ? 16 : 8);
  const size_t runs = full ? cmap.U32(at + 12) : cmap.U16(at + 6) / 2 - 1;
  for (size_t i = 0; i < runs && !damaged_ && !cmap.outside(); ++i) {
    if (full) {
      const size_t group = at + 16 + 12 * i;
      add(cmap.U32(group), cmap.U32(group + 4), cmap.U32(group + 8));
    } else {
      const size_t end = at + 14 + 2 * i, start = end + 2 * (runs + 1) + 2;
      const char32_t first = cmap.U16(start);
      add(first, cmap.U16(end), (cmap.U16(start + 2 * (runs + 1)) + first) & 0xffff);
    }
  }
  damaged_ |= cmap.outside();
  return found;
}

std::optional<Glyph> FontReader::GlyphAt(size_t index) {
  if (index == 0 || index >= count_) return std::nullopt;
  const auto place = [&](size_t i) -> size_t {
    return long_loca_ ? loca_.U32(4 * i) : 2 * size_t{loca_.U16(2 * i)};
  };
  const size_t from = place(index), to = place(index + 1);
  if (to < from) return std::nullopt;
  Glyph glyph;
  glyph.advance = static_cast<int>(hmtx_.U16(4 * index));
  glyph.outline = std::string(glyf_.Part(from, to - from));
  if (!glyph.outline.empty()) {
    Input outline(glyph.outline);
    glyph.contours = outline.Signed16(0);
    glyph.x_min = outline.Signed16(2), glyph.y_min = outline.Signed16(4);
    glyph.x_max = outline.Signed16(6), glyph.y_max = outline.Signed16(8);
    if (glyph.contours < 1) return std::nullopt;  // composites have fewer than none
    glyph.points = 1 + static_cast<int>(outline.U16(8 + 2 * static_cast<size_t>(glyph.contours)));
    if (outline.outside()) return std::nullopt;
  }
  return glyph;
}

}  // namespace

absl::StatusOr<std::map<char32_t, Glyph>> ReadFont(absl::string_view family,
                                                   absl::string_view font) {
  std::optional<std::map<char32_t, Glyph>> glyphs = FontReader(font).Read();
  if (glyphs.has_value()) {
    std::map<char32_t, const Glyph*> written;
    for (const auto& [character, glyph] : *glyphs) written.emplace(character, &glyph);
    if (BuildFont(family, written) == font) return *std::move(glyphs);
  }
  return Error(absl::StatusCode::kInvalidArgument, "FONT_NOT_OURS",
               "an embedded font is not as this program writes fonts");
}

}  // namespace birthseal::certs::ofd
