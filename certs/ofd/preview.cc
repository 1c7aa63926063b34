// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/preview.h"
#include "certs/ofd/font_state.h"

#include <cairo.h>
#include <freetype/freetype.h>
#include <freetype/ftoutln.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Surface = std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Deleter<cairo_destroy>>;

constexpr double kMmPerInch = 25.4;

// Outlines of one font. The font bytes must outlive it.
class DrawnFont {
 public:
  static absl::StatusOr<std::unique_ptr<DrawnFont>> Open(FT_Library library,
                                                         absl::string_view bytes) {
    auto font = std::make_unique<DrawnFont>();
    if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes.data()),
                           static_cast<FT_Long>(bytes.size()), 0, &font->face_) != 0) {
      return Error(absl::StatusCode::kInternal, "PREVIEW_FONT", "cannot read a subset");
    }
    return font;
  }
  ~DrawnFont() {
    if (face_ != nullptr) FT_Done_Face(face_);
  }

  // Adds the outline of a character at (x, y), `size` mm, to the current path.
  void Trace(cairo_t* cairo, char32_t character, double x, double y, double size) const;

 private:
  FT_Face face_ = nullptr;
};

struct Tracer {
  cairo_t* cairo;
  double x, y, scale;
  FT_Vector last = {0, 0};
  double X(const FT_Vector* v) const { return x + static_cast<double>(v->x) * scale; }
  double Y(const FT_Vector* v) const { return y - static_cast<double>(v->y) * scale; }
  static int MoveTo(const FT_Vector* to, void* self) {
    auto* t = static_cast<Tracer*>(self);
    cairo_move_to(t->cairo, t->X(to), t->Y(to));
    t->last = *to;
    return 0;
  }
  static int LineTo(const FT_Vector* to, void* self) {
    auto* t = static_cast<Tracer*>(self);
    cairo_line_to(t->cairo, t->X(to), t->Y(to));
    t->last = *to;
    return 0;
  }
  static int ConicTo(const FT_Vector* control, const FT_Vector* to, void* self) {
    auto* t = static_cast<Tracer*>(self);
    const double x0 = t->X(&t->last), y0 = t->Y(&t->last), x1 = t->X(control), y1 = t->Y(control);
    const double x2 = t->X(to), y2 = t->Y(to);
    cairo_curve_to(t->cairo, x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3, x2 + (x1 - x2) * 2 / 3,
                   y2 + (y1 - y2) * 2 / 3, x2, y2);
    t->last = *to;
    return 0;
  }
  static int CubicTo(const FT_Vector* a, const FT_Vector* b, const FT_Vector* to, void* self) {
    auto* t = static_cast<Tracer*>(self);
    cairo_curve_to(t->cairo, t->X(a), t->Y(a), t->X(b), t->Y(b), t->X(to), t->Y(to));
    t->last = *to;
    return 0;
  }
};

void DrawnFont::Trace(cairo_t* cairo, char32_t character, double x, double y, double size) const {
  const FT_UInt index = FT_Get_Char_Index(face_, character);
  if (index == 0 || FT_Load_Glyph(face_, index, FT_LOAD_NO_SCALE) != 0) return;
  Tracer tracer{cairo, x, y, size / face_->units_per_EM};
  FT_Outline_Funcs functions = {
      &Tracer::MoveTo, &Tracer::LineTo, &Tracer::ConicTo, &Tracer::CubicTo, 0, 0};
  FT_Outline_Decompose(&face_->glyph->outline, &functions, &tracer);
  cairo_close_path(cairo);
}

void SetColour(cairo_t* cairo, Colour colour) {
  cairo_set_source_rgb(cairo, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

// Reads the path data back as they stand in the document, so that a wrong path shows.
void DrawPath(cairo_t* cairo, const PathItem& path) {
  cairo_save(cairo);
  cairo_rectangle(cairo, path.x, path.y, path.width, path.height);
  cairo_clip(cairo);
  cairo_translate(cairo, path.x, path.y);
  const std::vector<absl::string_view> words = absl::StrSplit(path.data, ' ', absl::SkipEmpty());
  const auto number = [&](size_t i) {
    double value = 0;
    return i < words.size() && absl::SimpleAtod(words[i], &value) ? value : 0.0;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    switch (words[i][0]) {
      case 'M':
        cairo_move_to(cairo, number(i + 1), number(i + 2));
        break;
      case 'L':
        cairo_line_to(cairo, number(i + 1), number(i + 2));
        break;
      case 'B':
        cairo_curve_to(cairo, number(i + 1), number(i + 2), number(i + 3), number(i + 4),
                       number(i + 5), number(i + 6));
        break;
      case 'C':
        cairo_close_path(cairo);
        break;
      default:
        break;
    }
  }
  SetColour(cairo, path.colour);
  if (path.line_width > 0) {
    cairo_set_line_width(cairo, path.line_width);
    cairo_stroke(cairo);
  } else {
    cairo_fill(cairo);
  }
  cairo_restore(cairo);
}

absl::Status DrawSeal(cairo_t* cairo, absl::string_view png, double size) {
  struct Source {
    absl::string_view rest;
    static cairo_status_t Read(void* self, unsigned char* out, unsigned int n) {
      auto* source = static_cast<Source*>(self);
      if (source->rest.size() < n) return CAIRO_STATUS_READ_ERROR;
      std::memcpy(out, source->rest.data(), n);
      source->rest.remove_prefix(n);
      return CAIRO_STATUS_SUCCESS;
    }
  } source{png};
  const Surface seal(cairo_image_surface_create_from_png_stream(&Source::Read, &source));
  if (cairo_surface_status(seal.get()) != CAIRO_STATUS_SUCCESS) {
    return Error(absl::StatusCode::kInvalidArgument, "SEAL_PICTURE", "the seal is no PNG");
  }
  cairo_save(cairo);
  cairo_translate(cairo, kSealX + (kSealSize - size) / 2, kSealY + (kSealSize - size) / 2);
  cairo_scale(cairo, size / cairo_image_surface_get_width(seal.get()),
              size / cairo_image_surface_get_height(seal.get()));
  cairo_set_source_surface(cairo, seal.get(), 0, 0);
  // A seal is ink: what is below shows through.
  cairo_set_operator(cairo, CAIRO_OPERATOR_MULTIPLY);
  cairo_paint(cairo);
  cairo_restore(cairo);
  return absl::OkStatus();
}

// Along the diagonal, large enough to be seen, never so large that it hides the certificate.
void DrawWatermark(cairo_t* cairo, const DrawnFont& font, absl::string_view text) {
  const std::u32string characters = CodePoints(text);
  const auto advance = [](char32_t c) { return c < 0x80 ? 0.55 : 1.0; };
  double ems = 0;
  for (char32_t c : characters) ems += advance(c);
  const double size = std::min(20.0, 230.0 / std::max(1.0, ems));
  cairo_save(cairo);
  cairo_translate(cairo, kPageWidth / 2, kPageHeight / 2);
  cairo_rotate(cairo, -0.95);
  double x = -size * ems / 2;
  for (char32_t c : characters) {
    font.Trace(cairo, c, x, size * 0.35, size);
    x += size * advance(c);
  }
  cairo_set_source_rgba(cairo, 0.6, 0.1, 0.1, 0.18);
  cairo_fill(cairo);
  cairo_restore(cairo);
}

// Once a call has failed, cairo passes over whatever is drawn next, the watermark too: such a page
// must not be shown. Its target is then a surface that cannot be written.
absl::StatusOr<std::string> ToPng(cairo_t* cairo) {
  std::string png;
  const auto write = [](void* out, const unsigned char* data, unsigned int size) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
  };
  if (cairo_surface_write_to_png_stream(cairo_get_target(cairo), write, &png) !=
      CAIRO_STATUS_SUCCESS) {
    return Error(absl::StatusCode::kInternal, "PREVIEW_DRAW", "cannot draw the page");
  }
  return png;
}

absl::StatusOr<std::string> DrawWith(FT_Library library, const std::vector<const Layout*>& layouts,
                                     const PreviewOptions& options) {
  std::map<FontRole, std::unique_ptr<DrawnFont>> fonts;
  for (const auto& [role, bytes] : options.fonts) {
    ASSIGN_OR_RETURN(fonts[role], DrawnFont::Open(library, bytes));
  }
  const double scale = options.dpi / kMmPerInch;
  const Surface surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(std::lround(kPageWidth * scale)),
      static_cast<int>(std::lround(kPageHeight * scale))));
  const Context context(cairo_create(surface.get()));
  cairo_t* cairo = context.get();
  cairo_scale(cairo, scale, scale);
  SetColour(cairo, {255, 255, 255});
  cairo_paint(cairo);
  for (const Layout* layout : layouts) {
    for (const PathItem& path : layout->paths) DrawPath(cairo, path);
    for (const TextItem& text : layout->texts) {
      double x = text.x;
      for (size_t i = 0; i < text.text.size(); ++i) {
        const auto font = fonts.find(text.font);
        if (font != fonts.end()) {
          font->second->Trace(cairo, text.text[i], x, text.baseline, text.size);
        }
        x += text.advances[i];
      }
      SetColour(cairo, text.colour);
      cairo_fill(cairo);
    }
  }
  if (!options.seal_png.empty()) {
    RETURN_IF_ERROR(DrawSeal(cairo, options.seal_png, options.seal_mm));
  }
  if (!options.watermark.empty()) {
    ASSIGN_OR_RETURN(const auto font, DrawnFont::Open(library, options.watermark_font));
    DrawWatermark(cairo, *font, options.watermark);
  }
  return ToPng(cairo);
}

}  // namespace

absl::StatusOr<std::string> DrawPng(const std::vector<const Layout*>& layouts,
                                    const PreviewOptions& options) {
  if (options.dpi < 72 || options.dpi > 300) {
    return Error(absl::StatusCode::kInvalidArgument, "PREVIEW_DPI", "dpi must be 72 to 300");
  }
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) {
    return Error(absl::StatusCode::kInternal, "PREVIEW_FONT", "cannot start the font library");
  }
  const std::unique_ptr<FT_LibraryRec_, Deleter<FT_Done_FreeType>> owner(library);
  return DrawWith(library, layouts, options);
}

}  // namespace birthseal::certs::ofd
