// SPDX-License-Identifier: Apache-2.0
// What stands in a subset is what the source font draws: outline by outline, read by FreeType.
#include "certs/ofd/glyphs.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "certs/ofd/font_state.h"
#include "gtest/gtest.h"
#include "tests/support/sample_certificate.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::certs::ofd {
namespace {

struct Dot {
  double x, y;
};
using Line = std::vector<Dot>;

// A face opened by FreeType alone.
class Face {
 public:
  // The face of this family, or the only one.
  Face(const std::string& bytes, const std::string& family) {
    EXPECT_EQ(FT_Init_FreeType(&library_), 0);
    for (FT_Long i = 0; i == 0 || i < face_->num_faces; ++i) {
      if (face_ != nullptr) FT_Done_Face(face_);
      EXPECT_EQ(FT_New_Memory_Face(library_, reinterpret_cast<const FT_Byte*>(bytes.data()),
                                   static_cast<FT_Long>(bytes.size()), i, &face_),
                0);
      if (face_->family_name != nullptr && face_->family_name == family) return;
    }
  }
  ~Face() {
    FT_Done_Face(face_);
    FT_Done_FreeType(library_);
  }
  // Closed contours of the character as many short lines, in units of kUnitsPerEm.
  std::vector<Line> Drawn(char32_t character, double* advance) {
    lines_.clear();
    const FT_UInt index = FT_Get_Char_Index(face_, character);
    EXPECT_NE(index, 0u) << std::hex << static_cast<uint32_t>(character);
    EXPECT_EQ(FT_Load_Glyph(face_, index, FT_LOAD_NO_SCALE | FT_LOAD_NO_HINTING), 0);
    scale_ = static_cast<double>(kUnitsPerEm) / face_->units_per_EM;
    *advance = static_cast<double>(face_->glyph->metrics.horiAdvance) * scale_;
    const FT_Outline_Funcs functions = {&Move, &To, &Conic, &Cubic, 0, 0};
    EXPECT_EQ(FT_Outline_Decompose(&face_->glyph->outline, &functions, this), 0);
    for (Line& line : lines_) line.push_back(line.front());
    return std::move(lines_);
  }

 private:
  static constexpr int kSteps = 12;
  Dot At(const FT_Vector* v) const {
    return {static_cast<double>(v->x) * scale_, static_cast<double>(v->y) * scale_};
  }
  static int Move(const FT_Vector* to, void* self) {
    auto* face = static_cast<Face*>(self);
    face->lines_.push_back({face->At(to)});
    return 0;
  }
  static int To(const FT_Vector* to, void* self) {
    auto* face = static_cast<Face*>(self);
    face->lines_.back().push_back(face->At(to));
    return 0;
  }
  static int Conic(const FT_Vector* control, const FT_Vector* to, void* self) {
    auto* face = static_cast<Face*>(self);
    const Dot a = face->lines_.back().back(), b = face->At(control), c = face->At(to);
    for (int i = 1; i <= kSteps; ++i) {
      const double t = static_cast<double>(i) / kSteps, u = 1 - t;
      face->lines_.back().push_back({u * u * a.x + 2 * u * t * b.x + t * t * c.x,
                                     u * u * a.y + 2 * u * t * b.y + t * t * c.y});
    }
    return 0;
  }
  static int Cubic(const FT_Vector* one, const FT_Vector* two, const FT_Vector* to, void* self) {
    auto* face = static_cast<Face*>(self);
    const Dot a = face->lines_.back().back(), b = face->At(one), c = face->At(two),
              d = face->At(to);
    for (int i = 1; i <= kSteps; ++i) {
      const double t = static_cast<double>(i) / kSteps, u = 1 - t;
      face->lines_.back().push_back(
          {u * u * u * a.x + 3 * u * u * t * b.x + 3 * u * t * t * c.x + t * t * t * d.x,
           u * u * u * a.y + 3 * u * u * t * b.y + 3 * u * t * t * c.y + t * t * t * d.y});
    }
    return 0;
  }

  FT_Library library_ = nullptr;
  FT_Face face_ = nullptr;
  double scale_ = 1;
  std::vector<Line> lines_;
};

double ToSegment(const Dot& p, const Dot& a, const Dot& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double t =
      length == 0 ? 0 : std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

// The farthest that any point of `from` lies from all of `to`.
double Farthest(const std::vector<Line>& from, const std::vector<Line>& to) {
  double farthest = 0;
  for (const Line& line : from) {
    for (const Dot& dot : line) {
      double nearest = 1e9;
      for (const Line& other : to) {
        for (size_t i = 0; i + 1 < other.size(); ++i) {
          nearest = std::min(nearest, ToSegment(dot, other[i], other[i + 1]));
        }
      }
      farthest = std::max(farthest, nearest);
    }
  }
  return farthest;
}

// Rounding to whole units, curves of another degree and dropped points together.
constexpr double kTolerance = 2.5;

void ExpectSameDrawing(const std::string& bytes, const std::u32string& characters) {
  const auto source = GlyphSource::Open(bytes);
  ASSERT_OK(source);
  std::map<char32_t, const Glyph*> glyphs;
  for (const char32_t c : characters) {
    const Glyph* glyph = (*source)->Find(c);
    if (glyph != nullptr) glyphs.emplace(c, glyph);
  }
  ASSERT_GT(glyphs.size(), characters.size() / 2);
  const std::string subset = BuildFont((*source)->family(), glyphs);
  Face whole(bytes, (*source)->family()), part(subset, "");
  for (const auto& [c, glyph] : glyphs) {
    double wide = 0, narrow = 0;
    const std::vector<Line> expected = whole.Drawn(c, &wide), drawn = part.Drawn(c, &narrow);
    SCOPED_TRACE(static_cast<uint32_t>(c));
    EXPECT_NEAR(narrow, wide, 0.51);
    EXPECT_EQ(drawn.empty(), expected.empty());
    EXPECT_EQ(drawn.size(), static_cast<size_t>(glyph->contours));
    if (drawn.empty()) continue;
    ASSERT_LT(Farthest(expected, drawn), kTolerance);
    ASSERT_LT(Farthest(drawn, expected), kTolerance);
  }
}

std::u32string Every(char32_t step, char32_t from, char32_t to) {
  std::u32string characters;
  for (char32_t c = from; c < to; c += step) characters.push_back(c);
  return characters;
}

class GlyphsTest : public testing::Test {
 protected:
  static std::string Font(const std::string& name) {
    const std::string path = "/usr/share/fonts/" + name;
    return std::filesystem::exists(path) ? tests::ReadFile(path) : "";
  }
};

TEST_F(GlyphsTest, TheFontOfValuesIsDrawnAsItStands) {
  const std::string bytes = Font("opentype/noto/NotoSerifCJK-Regular.ttc");
  if (bytes.empty()) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  ExpectSameDrawing(bytes, Every(1, 0x20, 0x7f));
  ExpectSameDrawing(bytes, Every(31, 0x4e00, 0x9fa6));
  ExpectSameDrawing(bytes, CodePoints("新生儿姓名性别出生时间孕周体重身长地点医疗机构名称母亲年龄"
                                      "国籍民族住址有效身份证件号码父亲签发机构日期编号·（）"));
}

TEST_F(GlyphsTest, TheFontOfTheTitleIsDrawnAsItStands) {
  const std::string bytes = Font("truetype/arphic/ukai.ttc");
  if (bytes.empty()) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  ExpectSameDrawing(bytes, CodePoints("出生医学证明"));
  ExpectSameDrawing(bytes, Every(101, 0x4e00, 0x9fa6));
}

TEST_F(GlyphsTest, TheFontOfRareCharactersIsDrawnAsItStands) {
  const std::string bytes = Font("truetype/hanazono/HanaMinB.ttf");
  if (bytes.empty()) GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  ExpectSameDrawing(bytes, Every(257, 0x20000, 0x2a6d7));
}

// An outline of `count` points whose differences are all alike in kind: one flag, over and over.
std::string Saw(int count) {
  std::string flags, xs, ys, out;
  const auto put = [](int value, std::string* to) {
    to->push_back(static_cast<char>((value >> 8) & 0xff));
    to->push_back(static_cast<char>(value & 0xff));
  };
  int x = 0, y = 0;
  for (int i = 0; i < count; ++i) {
    const int dx = i % 2 == 0 ? 3 : 1, dy = i % 2 == 0 ? 1 : 3;
    flags.push_back(1);
    put(dx, &xs);
    put(dy, &ys);
    x += dx, y += dy;
  }
  flags.push_back(1);  // back to below the first: a closed figure
  put(0, &xs);
  put(-y, &ys);
  for (int value : {1, 0, 0, x, y, count, 0}) put(value, &out);  // one contour; no instructions
  out += flags + xs + ys;
  if (out.size() % 2 != 0) out.push_back('\0');
  return out;
}

// A repeated flag is counted in one byte.
TEST_F(GlyphsTest, RunsOfOneFlagOfAnyLengthAreDrawnAsTheyStand) {
  for (const int count : {2, 3, 4, 255, 256, 257, 258, 259, 300, 512, 515}) {
    SCOPED_TRACE(count);
    Glyph glyph;
    glyph.outline = Saw(count);
    glyph.advance = kUnitsPerEm;
    glyph.x_max = glyph.y_max = 2 * count + 2;
    glyph.points = count + 1;
    glyph.contours = 1;
    ExpectSameDrawing(BuildFont("saw", {{U'a', &glyph}}), U"a");
  }
}

}  // namespace
}  // namespace birthseal::certs::ofd
