// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/embedded_font.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A square of this size, as an entry of the glyf table.
Glyph Square(int side, int advance) {
  Glyph glyph;
  glyph.advance = advance;
  glyph.x_max = glyph.y_max = side;
  glyph.points = 4, glyph.contours = 1;
  const auto put = [&](int value) {
    glyph.outline.push_back(static_cast<char>(value >> 8));
    glyph.outline.push_back(static_cast<char>(value));
  };
  for (int value : {1, 0, 0, side, side, 3, 0}) put(value);
  // On the curve; steps of one byte: up, right, down.
  for (int flag : {0x31, 0x35, 0x33, 0x25}) glyph.outline.push_back(static_cast<char>(flag));
  for (int step : {side, side, side}) glyph.outline.push_back(static_cast<char>(step));
  if (glyph.outline.size() % 2 != 0) glyph.outline.push_back('\0');
  return glyph;
}

using Glyphs = std::map<char32_t, Glyph>;

std::string Written(const Glyphs& glyphs) {
  std::map<char32_t, const Glyph*> pointers;
  for (const auto& [character, glyph] : glyphs) pointers.emplace(character, &glyph);
  return BuildFont("Test", pointers);
}

// Runs, a lone character, and one beyond the first plane.
Glyphs Some() {
  return {{U' ', {"", 64}},
          {U'A', Square(100, 128)},
          {U'B', Square(101, 129)},
          {U'\u4e00', Square(200, 256)},
          {U'\U00020000', Square(201, 256)}};
}

void ExpectSame(const Glyphs& read, const Glyphs& written) {
  ASSERT_EQ(read.size(), written.size());
  for (const auto& [character, glyph] : written) {
    const auto found = read.find(character);
    ASSERT_NE(found, read.end()) << std::hex << static_cast<uint32_t>(character);
    const Glyph& other = found->second;
    EXPECT_EQ(other.outline, glyph.outline);
    EXPECT_EQ(other.advance, glyph.advance);
    EXPECT_EQ(other.x_min, glyph.x_min);
    EXPECT_EQ(other.x_max, glyph.x_max);
    EXPECT_EQ(other.y_max, glyph.y_max);
    EXPECT_EQ(other.points, glyph.points);
    EXPECT_EQ(other.contours, glyph.contours);
  }
}

TEST(EmbeddedFont, GivesBackTheGlyphsThatWereWritten) {
  Glyphs first_plane = Some();
  first_plane.erase(U'\U00020000');
  for (const Glyphs& glyphs : {Some(), first_plane, Glyphs{{U'A', Square(1, 2)}}, Glyphs{}}) {
    const auto read = ReadFont("Test", Written(glyphs));
    ASSERT_OK(read);
    ExpectSame(*read, glyphs);
  }
}

TEST(EmbeddedFont, GivesBackAFontOfManyGlyphs) {
  Glyphs many;
  for (char32_t c = 0x4e00; c < 0x6e00; ++c)
    many.emplace(c, Square(static_cast<int>(c % 250), 256));
  ASSERT_GT(Written(many).size(), 0x20000u);  // long loca
  const auto read = ReadFont("Test", Written(many));
  ASSERT_OK(read);
  ExpectSame(*read, many);
}

TEST(EmbeddedFont, RefusesAnotherFamily) {
  EXPECT_THAT(ReadFont("Other", Written(Some())), StatusIs(kInvalid, "FONT_NOT_OURS"));
}

// No table, gap or sum is free: one turned bit of an outline breaks the sum of its table.
TEST(EmbeddedFont, RefusesEveryFlippedBit) {
  const std::string font = Written(Some());
  for (size_t bit = 0; bit < font.size() * 8; ++bit) {
    std::string flipped = font;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_THAT(ReadFont("Test", flipped), StatusIs(kInvalid, "FONT_NOT_OURS")) << "bit " << bit;
  }
}

TEST(EmbeddedFont, RefusesEveryCutAndWhatFollows) {
  const std::string font = Written(Some());
  for (size_t size = 0; size < font.size(); ++size) {
    EXPECT_THAT(ReadFont("Test", font.substr(0, size)), StatusIs(kInvalid, "FONT_NOT_OURS"))
        << size;
  }
  EXPECT_THAT(ReadFont("Test", font + '\0'), StatusIs(kInvalid, "FONT_NOT_OURS"));
}

}  // namespace
}  // namespace birthseal::certs::ofd
