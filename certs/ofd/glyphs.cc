// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/glyphs.h"

#include <freetype/freetype.h>
#include <freetype/ftoutln.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>

#include "absl/strings/match.h"
#include "certs/errors.h"

namespace birthseal::certs::ofd {
namespace {

struct Point {
  double x = 0, y = 0;
  bool on = true;
};
using Contour = std::vector<Point>;

struct Unit {
  int x = 0, y = 0;
  bool on = true;
};

// Collects what FreeType decomposes: lines and quadratic curves, cubic ones approximated.
struct Collector {
  double scale = 1;
  std::vector<Contour> contours;

  Point Scaled(const FT_Vector* v, bool on) const {
    return {static_cast<double>(v->x) * scale, static_cast<double>(v->y) * scale, on};
  }
  static int MoveTo(const FT_Vector* to, void* self) {
    auto* c = static_cast<Collector*>(self);
    c->contours.push_back({c->Scaled(to, true)});
    return 0;
  }
  static int LineTo(const FT_Vector* to, void* self) {
    auto* c = static_cast<Collector*>(self);
    c->contours.back().push_back(c->Scaled(to, true));
    return 0;
  }
  static int ConicTo(const FT_Vector* control, const FT_Vector* to, void* self) {
    auto* c = static_cast<Collector*>(self);
    c->contours.back().push_back(c->Scaled(control, false));
    c->contours.back().push_back(c->Scaled(to, true));
    return 0;
  }
  static int CubicTo(const FT_Vector* a, const FT_Vector* b, const FT_Vector* to, void* self) {
    auto* c = static_cast<Collector*>(self);
    c->Cubic(c->Scaled(a, true), c->Scaled(b, true), c->Scaled(to, true));
    return 0;
  }

  // Equal steps of the parameter; the error of one quadratic per step is |d| sqrt(3) / (36 n^3).
  void Cubic(Point a, Point b, Point end) {
    Contour& contour = contours.back();
    const Point start = contour.back();
    const double dx = end.x - 3 * b.x + 3 * a.x - start.x;
    const double dy = end.y - 3 * b.y + 3 * a.y - start.y;
    const double error = std::hypot(dx, dy) * 0.0481;
    const int n = std::max(1, static_cast<int>(std::ceil(std::cbrt(error / 0.4))));
    const auto at = [&](double t, double* x, double* y, double* tx, double* ty) {
      const double u = 1 - t;
      *x = u * u * u * start.x + 3 * u * u * t * a.x + 3 * u * t * t * b.x + t * t * t * end.x;
      *y = u * u * u * start.y + 3 * u * u * t * a.y + 3 * u * t * t * b.y + t * t * t * end.y;
      *tx = u * u * (a.x - start.x) + 2 * u * t * (b.x - a.x) + t * t * (end.x - b.x);
      *ty = u * u * (a.y - start.y) + 2 * u * t * (b.y - a.y) + t * t * (end.y - b.y);
    };
    double x0, y0, tx0, ty0;
    at(0, &x0, &y0, &tx0, &ty0);
    for (int i = 1; i <= n; ++i) {
      double x1, y1, tx1, ty1;
      at(static_cast<double>(i) / n, &x1, &y1, &tx1, &ty1);
      // Control point of the sub-curve's best quadratic: mean of its two end tangents' points.
      const double h = 3.0 / (4.0 * n);
      contour.push_back({(x0 + x1) / 2 + h * (tx0 - tx1), (y0 + y1) / 2 + h * (ty0 - ty1), false});
      contour.push_back({x1, y1, true});
      x0 = x1, y0 = y1, tx0 = tx1, ty0 = ty1;
    }
  }
};

// Whether the outline loses no more than half a unit without `here`.
bool SaysNothing(const Unit& before, const Unit& here, const Unit& after) {
  const int64_t ax = here.x - before.x, ay = here.y - before.y;
  const int64_t bx = after.x - here.x, by = after.y - here.y;
  if (!before.on || !after.on) {
    // An on-curve point half-way between two controls is implied by TrueType.
    return here.on && !before.on && !after.on && std::abs(ax - bx) <= 1 && std::abs(ay - by) <= 1;
  }
  if (ax * bx + ay * by <= 0) return false;
  // The height of the corner over the chord; a curve rises to half of its control point.
  const double chord = std::hypot(static_cast<double>(ax + bx), static_cast<double>(ay + by));
  return std::abs(static_cast<double>(ax * by - ay * bx)) <= (here.on ? 0.5 : 1.0) * chord;
}

// Rounds, and drops points that say nothing.
std::vector<Unit> Reduce(const Contour& contour) {
  std::vector<Unit> units;
  for (const Point& p : contour) {
    const Unit unit{static_cast<int>(std::lround(p.x)), static_cast<int>(std::lround(p.y)), p.on};
    if (!units.empty() && units.back().x == unit.x && units.back().y == unit.y && units.back().on &&
        unit.on) {
      continue;
    }
    units.push_back(unit);
  }
  while (units.size() > 1 && units.front().on && units.back().on &&
         units.front().x == units.back().x && units.front().y == units.back().y) {
    units.pop_back();
  }
  for (size_t i = 0; i < units.size() && units.size() > 3;) {
    if (SaysNothing(units[(i + units.size() - 1) % units.size()], units[i],
                    units[(i + 1) % units.size()])) {
      units.erase(units.begin() + static_cast<long>(i));
    } else {
      ++i;
    }
  }
  return units;
}

void Put16(std::string* out, int value) {
  out->push_back(static_cast<char>((value >> 8) & 0xff));
  out->push_back(static_cast<char>(value & 0xff));
}

constexpr int kOn = 1, kXShort = 2, kYShort = 4, kRepeat = 8, kXSame = 16, kYSame = 32;

// One coordinate difference: its flag bits, and its bytes appended to `out`.
int PutDelta(int delta, int short_bit, int same_bit, std::string* out) {
  if (delta == 0) return same_bit;
  if (std::abs(delta) < 256) {
    out->push_back(static_cast<char>(std::abs(delta)));
    return short_bit | (delta > 0 ? same_bit : 0);
  }
  Put16(out, delta);
  return 0;
}

void Encode(const std::vector<std::vector<Unit>>& contours, Glyph* glyph) {
  std::string flags, xs, ys, ends;
  int x = 0, y = 0, last_flag = -1, count = 0;
  bool repeating = false;
  for (const std::vector<Unit>& contour : contours) {
    for (const Unit& p : contour) {
      const int flag = (p.on ? kOn : 0) | PutDelta(p.x - x, kXShort, kXSame, &xs) |
                       PutDelta(p.y - y, kYShort, kYSame, &ys);
      if (repeating && flag == last_flag && static_cast<uint8_t>(flags.back()) < 255) {
        flags.back() = static_cast<char>(flags.back() + 1);
      } else if (!repeating && flag == last_flag) {
        flags.back() = static_cast<char>(flag | kRepeat);
        flags.push_back(1);
        repeating = true;
      } else {
        flags.push_back(static_cast<char>(flag));
        repeating = false;
      }
      last_flag = flag;
      if (count == 0) glyph->x_min = glyph->x_max = p.x, glyph->y_min = glyph->y_max = p.y;
      glyph->x_min = std::min(glyph->x_min, p.x), glyph->x_max = std::max(glyph->x_max, p.x);
      glyph->y_min = std::min(glyph->y_min, p.y), glyph->y_max = std::max(glyph->y_max, p.y);
      x = p.x, y = p.y;
      ++count;
    }
    Put16(&ends, count - 1);
  }
  glyph->points = count;
  glyph->contours = static_cast<int>(contours.size());
  std::string& out = glyph->outline;
  for (int v : {glyph->contours, glyph->x_min, glyph->y_min, glyph->x_max, glyph->y_max}) {
    Put16(&out, v);
  }
  out += ends;
  Put16(&out, 0);  // no instructions
  out += flags + xs + ys;
  if (out.size() % 2 != 0) out.push_back('\0');  // short loca counts pairs of bytes
}

absl::Status BadFont() {
  return Error(absl::StatusCode::kInvalidArgument, "FONT_UNUSABLE", "a font file is not usable");
}

}  // namespace

struct GlyphSource::State {
  std::string bytes;
  std::string family;
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  mutable std::mutex mutex;  // guards `face` and `cache`; FreeType faces are not thread-safe
  mutable std::unordered_map<char32_t, std::unique_ptr<const Glyph>> cache;

  ~State() {
    if (face != nullptr) FT_Done_Face(face);
    if (library != nullptr) FT_Done_FreeType(library);
  }
  std::unique_ptr<const Glyph> Convert(char32_t character) const;
};

std::unique_ptr<const Glyph> GlyphSource::State::Convert(char32_t character) const {
  const FT_UInt index = FT_Get_Char_Index(face, character);
  if (index == 0 || FT_Load_Glyph(face, index, FT_LOAD_NO_SCALE | FT_LOAD_NO_HINTING) != 0 ||
      face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) {
    return nullptr;
  }
  auto glyph = std::make_unique<Glyph>();
  Collector collector;
  collector.scale = static_cast<double>(kUnitsPerEm) / face->units_per_EM;
  glyph->advance = static_cast<int>(
      std::lround(static_cast<double>(face->glyph->metrics.horiAdvance) * collector.scale));
  FT_Outline_Funcs functions = {
      &Collector::MoveTo, &Collector::LineTo, &Collector::ConicTo, &Collector::CubicTo, 0, 0};
  if (FT_Outline_Decompose(&face->glyph->outline, &functions, &collector) != 0) return nullptr;
  std::vector<std::vector<Unit>> contours;
  for (const Contour& contour : collector.contours) {
    std::vector<Unit> units = Reduce(contour);
    if (units.size() > 2) contours.push_back(std::move(units));
  }
  if (!contours.empty()) Encode(contours, glyph.get());
  return glyph;
}

GlyphSource::GlyphSource() : state_(std::make_unique<State>()) {}
GlyphSource::~GlyphSource() = default;
const std::string& GlyphSource::family() const { return state_->family; }

absl::StatusOr<std::unique_ptr<GlyphSource>> GlyphSource::Open(std::string bytes) {
  std::unique_ptr<GlyphSource> source(new GlyphSource());
  State& state = *source->state_;
  state.bytes = std::move(bytes);
  if (FT_Init_FreeType(&state.library) != 0) return BadFont();
  FT_Long faces = 1;
  for (FT_Long i = 0; i < faces; ++i) {
    FT_Face face = nullptr;
    if (FT_New_Memory_Face(state.library, reinterpret_cast<const FT_Byte*>(state.bytes.data()),
                           static_cast<FT_Long>(state.bytes.size()), i, &face) != 0) {
      return BadFont();
    }
    faces = face->num_faces;
    const absl::string_view family = face->family_name != nullptr ? face->family_name : "";
    if (i == 0 || absl::EndsWith(family, " SC") || absl::EndsWith(family, " CN")) {
      if (state.face != nullptr) FT_Done_Face(state.face);
      state.face = face;
      state.family = std::string(family);
      if (i > 0) break;
    } else {
      FT_Done_Face(face);
    }
  }
  if (!FT_IS_SCALABLE(state.face) || FT_Select_Charmap(state.face, FT_ENCODING_UNICODE) != 0) {
    return BadFont();
  }
  return source;
}

const Glyph* GlyphSource::Find(char32_t character) const {
  std::lock_guard<std::mutex> lock(state_->mutex);
  const auto found = state_->cache.find(character);
  if (found != state_->cache.end()) return found->second.get();
  return state_->cache.emplace(character, state_->Convert(character)).first->second.get();
}

}  // namespace birthseal::certs::ofd
