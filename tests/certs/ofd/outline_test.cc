// SPDX-License-Identifier: Apache-2.0
// Which points of an outline say nothing: those that are left out, and their neighbours that are
// not. glyphs_test.cc holds what is drawn to what the font draws.
#include <map>
#include <string>
#include <vector>

#include "certs/ofd/glyphs.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs::ofd {
namespace {

struct Dot {
  int x, y;
  bool on = true;
};
using Contour = std::vector<Dot>;

// A glyph of this one contour, as a font has it: every difference in two bytes.
Glyph GlyphOf(const Contour& contour) {
  Glyph glyph;
  std::string flags, xs, ys;
  const auto put = [](int value, std::string* to) {
    to->push_back(static_cast<char>(value >> 8));
    to->push_back(static_cast<char>(value));
  };
  Dot last{0, 0};
  for (const Dot& dot : contour) {
    flags.push_back(dot.on ? 1 : 0);
    put(dot.x - last.x, &xs);
    put(dot.y - last.y, &ys);
    last = dot;
  }
  const int count = static_cast<int>(contour.size());
  for (const int value : {1, 0, 0, 256, 256, count - 1, 0}) put(value, &glyph.outline);
  glyph.outline += flags + xs + ys;
  if (glyph.outline.size() % 2 != 0) glyph.outline.push_back('\0');
  glyph.advance = glyph.x_max = glyph.y_max = kUnitsPerEm;
  glyph.points = count;
  glyph.contours = 1;
  return glyph;
}

int PointsLeft(const Contour& contour) {
  const Glyph glyph = GlyphOf(contour);
  const auto source = GlyphSource::Open(BuildFont("outline", {{U'a', &glyph}}));
  EXPECT_OK(source);
  if (!source.ok() || (*source)->Find(U'a') == nullptr) return -1;
  return (*source)->Find(U'a')->points;
}

constexpr bool kOff = false;

TEST(OutlineTest, CornersStayAndPointsOnALineDoNot) {
  EXPECT_EQ(PointsLeft({{0, 0}, {200, 0}, {200, 200}, {0, 200}}), 4);
  EXPECT_EQ(PointsLeft({{0, 0}, {100, 0}, {200, 0}, {200, 200}, {0, 200}}), 4);
  EXPECT_EQ(PointsLeft({{0, 0}, {100, 3}, {200, 0}, {200, 200}, {0, 200}}), 5);
}

TEST(OutlineTest, ALineThatTurnsBackKeepsItsEnd) {
  EXPECT_EQ(PointsLeft({{0, 0}, {200, 0}, {100, 0}, {100, 200}, {0, 200}}), 5);
}

TEST(OutlineTest, APointHalfWayBetweenTwoControlsIsImplied) {
  const auto with = [](int x, int y) {
    return PointsLeft({{0, 0}, {0, 100, kOff}, {x, y}, {100, 200, kOff}, {200, 200}, {200, 0}});
  };
  EXPECT_EQ(with(50, 150), 5);
  EXPECT_EQ(with(52, 150), 6);
  EXPECT_EQ(with(50, 152), 6);
}

// The first point is implied as well, so the last control stands between two others.
TEST(OutlineTest, AControlHalfWayBetweenTwoControlsIsNot) {
  EXPECT_EQ(PointsLeft({{100, 0},
                        {200, 0, kOff},
                        {200, 100},
                        {200, 200, kOff},
                        {100, 200},
                        {0, 200, kOff},
                        {-100, 100},
                        {-200, 0, kOff},
                        {-100, 0},
                        {0, 0, kOff}}),
            5);
}

TEST(OutlineTest, APointBetweenALineAndACurveIsNot) {
  EXPECT_EQ(PointsLeft({{0, 0}, {50, 50}, {100, 100, kOff}, {200, 100}, {200, 0}}), 5);
  EXPECT_EQ(PointsLeft({{0, 0}, {0, 100, kOff}, {50, 150}, {100, 200}, {200, 0}}), 5);
}

}  // namespace
}  // namespace birthseal::certs::ofd
