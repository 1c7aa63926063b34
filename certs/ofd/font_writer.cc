// SPDX-License-Identifier: Apache-2.0
// The tables of a small TrueType font (ISO/IEC 14496-22), written from finished glyphs.
#include <algorithm>
#include <array>

#include "certs/ofd/glyphs.h"

namespace birthseal::certs::ofd {
namespace {

constexpr int kAscent = kUnitsPerEm * 88 / 100, kDescent = kUnitsPerEm * 12 / 100;

class Bytes {
 public:
  Bytes& U8(int v) {
    out_.push_back(static_cast<char>(v));
    return *this;
  }
  Bytes& U16(int v) { return U8(v >> 8).U8(v); }
  Bytes& U32(uint32_t v) { return U16(static_cast<int>(v >> 16)).U16(static_cast<int>(v)); }
  Bytes& Zeros(size_t n) {
    out_.append(n, '\0');
    return *this;
  }
  Bytes& Text(absl::string_view text) {
    out_.append(text.data(), text.size());
    return *this;
  }
  size_t size() const { return out_.size(); }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

uint32_t Sum(absl::string_view table) {
  uint32_t sum = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(table[i])) << (24 - 8 * (i % 4));
  }
  return sum;
}

// Characters in order; glyph i + 1 is that of the i-th (glyph 0 is .notdef).
using Characters = std::vector<char32_t>;

std::string Cmap(const Characters& characters) {
  Bytes segments_end, segments_start, segments_delta, groups;
  int segments = 0, group_count = 0;
  for (size_t i = 0; i < characters.size();) {
    size_t end = i;
    while (end + 1 < characters.size() && characters[end + 1] == characters[end] + 1) ++end;
    groups.U32(characters[i]).U32(characters[end]).U32(static_cast<uint32_t>(i + 1));
    ++group_count;
    if (characters[end] < 0xffff) {  // a run never crosses planes: U+FFFF is no character
      segments_end.U16(static_cast<int>(characters[end]));
      segments_start.U16(static_cast<int>(characters[i]));
      segments_delta.U16(static_cast<int>(i + 1) - static_cast<int>(characters[i]));
      ++segments;
    }
    i = end + 1;
  }
  segments_end.U16(0xffff);
  segments_start.U16(0xffff);
  segments_delta.U16(1);
  ++segments;
  int selector = 0;
  while ((2 << selector) <= segments) ++selector;
  Bytes format4;
  format4.U16(4).U16(16 + 8 * segments).U16(0).U16(2 * segments).U16(2 << selector).U16(selector);
  format4.U16(2 * segments - (2 << selector));
  format4.Text(segments_end.Take()).U16(0).Text(segments_start.Take());
  format4.Text(segments_delta.Take()).Zeros(2 * static_cast<size_t>(segments));
  const bool full = !characters.empty() && characters.back() > 0xffff;
  Bytes cmap;
  const uint32_t at4 = full ? 20 : 12;
  cmap.U16(0).U16(full ? 2 : 1).U16(3).U16(1).U32(at4);
  if (full) cmap.U16(3).U16(10).U32(at4 + static_cast<uint32_t>(format4.size()));
  cmap.Text(format4.Take());
  if (full) {
    cmap.U16(12).U16(0).U32(16 + 12 * static_cast<uint32_t>(group_count)).U32(0);
    cmap.U32(static_cast<uint32_t>(group_count)).Text(groups.Take());
  }
  return cmap.Take();
}

std::string Name(absl::string_view family) {
  std::string postscript;
  for (char c : family) {
    if (c != ' ') postscript.push_back(c);
  }
  const std::array<std::pair<int, std::string>, 5> names = {{{1, std::string(family)},
                                                             {2, "Regular"},
                                                             {4, std::string(family)},
                                                             {5, "Version 1.0"},
                                                             {6, postscript}}};
  Bytes records, text;
  for (const auto& [id, value] : names) {
    records.U16(3).U16(1).U16(0x409).U16(id).U16(static_cast<int>(2 * value.size()));
    records.U16(static_cast<int>(text.size()));
    for (char c : value) text.U16(static_cast<uint8_t>(c));
  }
  Bytes name;
  name.U16(0).U16(static_cast<int>(names.size())).U16(6 + 12 * static_cast<int>(names.size()));
  return name.Text(records.Take()).Text(text.Take()).Take();
}

struct Extent {
  int x_min = 0, y_min = 0, x_max = 0, y_max = 0, advance = 0, points = 0, contours = 0;
};

std::string Os2(const Characters& characters) {
  Bytes os2;
  os2.U16(4).U16(kUnitsPerEm).U16(400).U16(5).U16(0);  // embedding: installable
  for (int v : {kUnitsPerEm / 2, kUnitsPerEm / 2, 0, kUnitsPerEm / 8}) os2.U16(v);  // subscript
  for (int v : {kUnitsPerEm / 2, kUnitsPerEm / 2, 0, kUnitsPerEm / 3}) os2.U16(v);  // superscript
  os2.U16(kUnitsPerEm / 20).U16(kUnitsPerEm / 4).U16(0).Zeros(10);
  os2.U32(1).U32(1u << 27).U32(0).U32(0).Text("    ").U16(0x40);
  const auto clamp = [](char32_t c) { return static_cast<int>(std::min<char32_t>(c, 0xffff)); };
  os2.U16(clamp(characters.front())).U16(clamp(characters.back()));
  os2.U16(kAscent).U16(-kDescent).U16(0).U16(kAscent).U16(kDescent);
  os2.U32(1u << 18).U32(0).U16(kUnitsPerEm / 2).U16(kUnitsPerEm * 7 / 10).U16(0).U16(32).U16(1);
  return os2.Take();
}

std::string Head(const Extent& extent, bool long_loca) {
  Bytes head;
  head.U32(0x00010000).U32(0x00010000).U32(0).U32(0x5f0f3cf5).U16(3).U16(kUnitsPerEm);
  head.Zeros(16);  // no dates: same input, same bytes
  head.U16(extent.x_min).U16(extent.y_min).U16(extent.x_max).U16(extent.y_max);
  return head.U16(0).U16(6).U16(2).U16(long_loca ? 1 : 0).U16(0).Take();
}

std::string Assemble(const std::vector<std::pair<absl::string_view, std::string>>& tables) {
  int selector = 0;
  while ((2 << selector) <= static_cast<int>(tables.size())) ++selector;
  Bytes file;
  const int count = static_cast<int>(tables.size());
  file.U32(0x00010000).U16(count).U16(16 << selector).U16(selector);
  file.U16(16 * count - (16 << selector));
  uint32_t offset = 12 + 16 * static_cast<uint32_t>(count);
  size_t head_at = 0;
  for (const auto& [tag, table] : tables) {
    if (tag == "head") head_at = offset;
    file.Text(tag).U32(Sum(table)).U32(offset).U32(static_cast<uint32_t>(table.size()));
    offset += static_cast<uint32_t>((table.size() + 3) / 4 * 4);
  }
  for (const auto& [tag, table] : tables) file.Text(table).Zeros((4 - table.size() % 4) % 4);
  std::string out = file.Take();
  const uint32_t adjustment = 0xb1b0afbau - Sum(out);
  for (int i = 0; i < 4; ++i) out[head_at + 8 + i] = static_cast<char>(adjustment >> (24 - 8 * i));
  return out;
}

void Widen(const Glyph& glyph, Extent* extent) {
  extent->x_min = std::min(extent->x_min, glyph.x_min);
  extent->y_min = std::min(extent->y_min, glyph.y_min);
  extent->x_max = std::max(extent->x_max, glyph.x_max);
  extent->y_max = std::max(extent->y_max, glyph.y_max);
  extent->advance = std::max(extent->advance, glyph.advance);
  extent->points = std::max(extent->points, glyph.points);
  extent->contours = std::max(extent->contours, glyph.contours);
}

}  // namespace

std::string BuildFont(absl::string_view family, const std::map<char32_t, const Glyph*>& glyphs) {
  Characters characters;
  Bytes glyf, loca_long, loca_short, hmtx;
  Extent extent;
  const auto mark = [&] {
    loca_long.U32(static_cast<uint32_t>(glyf.size()));
    loca_short.U16(static_cast<int>(glyf.size() / 2));
  };
  mark();
  mark();  // .notdef is blank: a missing character is an error long before
  hmtx.U16(kUnitsPerEm).U16(0);
  extent.advance = kUnitsPerEm;
  for (const auto& [character, glyph] : glyphs) {
    characters.push_back(character);
    glyf.Text(glyph->outline);
    mark();
    hmtx.U16(glyph->advance).U16(glyph->x_min);
    Widen(*glyph, &extent);
  }
  if (characters.empty()) characters.push_back(U' ');
  const bool long_loca = glyf.size() > 0x1fffe;
  const int count = static_cast<int>(glyphs.size()) + 1;
  Bytes hhea, maxp, post;
  hhea.U32(0x00010000).U16(kAscent).U16(-kDescent).U16(0).U16(extent.advance).U16(extent.x_min);
  hhea.U16(0).U16(extent.x_max).U16(1).U16(0).U16(0).Zeros(10).U16(count);
  maxp.U32(0x00010000).U16(count).U16(extent.points).U16(extent.contours).Zeros(4).U16(2);
  maxp.Zeros(16);
  post.U32(0x00030000).Zeros(28);
  if (glyf.size() == 0) glyf.Zeros(2);
  return Assemble({{"OS/2", Os2(characters)},
                   {"cmap", Cmap(characters)},
                   {"glyf", glyf.Take()},
                   {"head", Head(extent, long_loca)},
                   {"hhea", hhea.Take()},
                   {"hmtx", hmtx.Take()},
                   {"loca", long_loca ? loca_long.Take() : loca_short.Take()},
                   {"maxp", maxp.Take()},
                   {"name", Name(family)},
                   {"post", post.Take()}});
}

}  // namespace birthseal::certs::ofd
