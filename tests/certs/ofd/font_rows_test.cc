// SPDX-License-Identifier: Apache-2.0
// Fonts made here: what they lack makes them unusable, and what they draw is not always shown.
#include <ft2build.h>
#include FT_FREETYPE_H

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/ofd/font.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/glyphs.h"
#include "certs/ofd/layout.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A triangle: one contour, three points on the line, all differences in two bytes.
Glyph Triangle() {
  Glyph glyph;
  for (const int value : {1, 0, 0, 200, 200, 2, 0}) {  // contours, box, last point, instructions
    glyph.outline += {static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  glyph.outline += std::string("\1\1\1", 3);
  for (const int value : {0, 200, 0, 0, 0, 200}) {
    glyph.outline += {static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  glyph.outline.push_back('\0');
  glyph.advance = kUnitsPerEm;
  glyph.x_max = glyph.y_max = 200;
  glyph.points = 3;
  glyph.contours = 1;
  return glyph;
}

std::string FontOf(const std::u32string& characters, const Glyph& glyph = Triangle()) {
  std::map<char32_t, const Glyph*> glyphs;
  for (const char32_t c : characters) glyphs.emplace(c, &glyph);
  return BuildFont("made here", glyphs);
}

// What FreeType alone says of these bytes.
struct Opened {
  explicit Opened(const std::string& bytes) {
    FT_Init_FreeType(&library);
    if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes.data()),
                           static_cast<FT_Long>(bytes.size()), 0, &face) != 0) {
      face = nullptr;
    }
  }
  ~Opened() {
    if (face != nullptr) FT_Done_Face(face);
    FT_Done_FreeType(library);
  }
  FT_Library library = nullptr;
  FT_Face face = nullptr;
};

TEST(FontRowsTest, AFontMadeHereIsUsable) {
  const auto source = GlyphSource::Open(FontOf(U"ab"));
  ASSERT_OK(source);
  const Glyph* glyph = (*source)->Find(U'a');
  ASSERT_NE(glyph, nullptr);
  EXPECT_EQ(glyph->points, 3);
  EXPECT_EQ((*source)->Find(U'c'), nullptr);
}

TEST(FontRowsTest, AFontOfPicturesIsNotUsable) {
  const std::string font =
      "STARTFONT 2.1\nFONT -made-here-medium-r-normal--8-80-75-75-c-80-iso10646-1\nSIZE 8 75 75\n"
      "FONTBOUNDINGBOX 8 8 0 0\nSTARTPROPERTIES 2\nCHARSET_REGISTRY \"ISO10646\"\n"
      "CHARSET_ENCODING \"1\"\nENDPROPERTIES\nCHARS 1\nSTARTCHAR A\nENCODING 65\nSWIDTH 500 0\n"
      "DWIDTH 8 0\nBBX 8 2 0 0\nBITMAP\nFF\nFF\nENDCHAR\nENDFONT\n";
  const Opened opened(font);
  ASSERT_NE(opened.face, nullptr);
  EXPECT_EQ(FT_Select_Charmap(opened.face, FT_ENCODING_UNICODE), 0);
  EXPECT_FALSE(FT_IS_SCALABLE(opened.face));
  EXPECT_THAT(GlyphSource::Open(font), StatusIs(kInvalid, "FONT_UNUSABLE"));
}

TEST(FontRowsTest, AFontWithoutUnicodeIsNotUsable) {
  std::string font = FontOf(U"ab");
  const size_t entry = font.find("cmap");
  ASSERT_NE(entry, std::string::npos);
  size_t table = 0;
  for (size_t i = 8; i < 12; ++i) table = table << 8 | static_cast<uint8_t>(font[entry + i]);
  ASSERT_EQ(font[table + 7], 1);
  font[table + 7] = 0;  // symbols of its own
  const Opened opened(font);
  ASSERT_NE(opened.face, nullptr);
  EXPECT_TRUE(FT_IS_SCALABLE(opened.face));
  EXPECT_THAT(GlyphSource::Open(font), StatusIs(kInvalid, "FONT_UNUSABLE"));
}

TEST(FontRowsTest, AnOutlineThatIsBrokenIsNoGlyph) {
  Glyph broken = Triangle();
  broken.outline[11] = 100;  // a hundred points, of which three are there
  const auto source = GlyphSource::Open(FontOf(U"a", broken));
  ASSERT_OK(source);
  EXPECT_EQ((*source)->Find(U'a'), nullptr);
}

// Every one of them has a glyph: what is not shown is not shown for what it is.
TEST(FontRowsTest, WhatNoCertificateShowsIsRefusedThoughTheFontDrawsIt) {
  const std::u32string controls = {0x01, 0x0a, 0x1f, 0x7f, 0x9f, 0xfffd, 0xfeff};
  const std::u32string private_use = {0xe000, 0xf8ff, 0xf0000, 0x10ffff};
  const std::u32string shown = {0x20, 0x7e, 0xa0, 0xf900, 0xfffc};
  const std::string font = FontOf(controls + private_use + shown);
  const auto set = FontSet::Load({font, font, FontOf(U"\U00020000")});
  ASSERT_OK(set);
  const TypeSetter setter((*set)->state().faces());
  const auto check = [&](char32_t c) {
    FaceLine line;
    line.key = "KZ_X";
    AppendUtf8(c, &line.text);
    EXPECT_TRUE((*set)->state().value->Find(c) != nullptr ||
                (*set)->state().rare->Find(c) != nullptr || c == U'c')
        << static_cast<uint32_t>(c);
    return setter.Check(line);
  };
  for (const char32_t c : shown) EXPECT_OK(check(c)) << static_cast<uint32_t>(c);
  EXPECT_OK(check(0x20000));  // of the other font
  EXPECT_THAT(check(U'c'), StatusIs(kInvalid, "GLYPH_MISSING"));
  for (const char32_t c : controls) {
    EXPECT_THAT(check(c), StatusIs(kInvalid, "GLYPH_MISSING")) << static_cast<uint32_t>(c);
  }
  for (const char32_t c : private_use) {
    EXPECT_THAT(check(c), StatusIs(kInvalid, "GLYPH_PRIVATE_USE")) << static_cast<uint32_t>(c);
  }
}

// Every character is as wide as it is high: six of them to a line.
std::vector<std::u32string> LinesOf(const std::string& text) {
  const std::string font = FontOf(U"AMaimnr 慕容星遥听雨");
  const auto set = FontSet::Load({font, font, font});
  EXPECT_OK(set);
  FaceLine line;
  line.text = text;
  Layout layout;
  TypeSetter((*set)->state().faces()).Fit(line, 0, 0, 6 * 4, 100, 4, &layout);
  std::vector<std::u32string> lines;
  for (const TextItem& item : layout.texts) lines.push_back(item.text);
  return lines;
}

TEST(FontRowsTest, WordsAreKeptWholeAndChineseBreaksAnywhere) {
  using Lines = std::vector<std::u32string>;
  EXPECT_EQ(LinesOf("Anna Maria"), (Lines{U"Anna ", U"Maria"}));
  EXPECT_EQ(LinesOf("Annamaria"), (Lines{U"Annama", U"ria"}));  // longer than a line
  EXPECT_EQ(LinesOf("慕 容星遥听雨"), (Lines{U"慕 容星遥听", U"雨"}));
}

}  // namespace
}  // namespace birthseal::certs::ofd
