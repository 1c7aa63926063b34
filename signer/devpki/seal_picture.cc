// SPDX-License-Identifier: Apache-2.0
#include "signer/devpki/seal_picture.h"

#include <cairo.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// Cairo keeps the fonts it has used. Fontconfig links the parts of a pattern by offsets instead of
// pointers, so the leak checker cannot follow them and calls what is in use lost.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so"; }
#endif
#endif

namespace birthseal::signer::devpki {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRadius = 200;  // all drawing is in units of a 400 x 400 seal
constexpr int kLevels = 4;       // palette: one red, 4 steps of alpha, 2 bits a pixel

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

// UTF-8 text as one string for each character.
std::vector<std::string> Characters(const std::string& text) {
  std::vector<std::string> characters;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80 && !characters.empty()) {
      characters.back() += text[i];
    } else {
      characters.emplace_back(1, text[i]);
    }
  }
  return characters;
}

// One character centred on the origin, squeezed to `width`.
void DrawCharacter(cairo_t* cairo, const std::string& character, double size, double width) {
  cairo_text_extents_t extents;
  cairo_set_font_size(cairo, size);
  cairo_text_extents(cairo, character.c_str(), &extents);
  cairo_scale(cairo, std::min(1.0, width / size), 1);
  cairo_move_to(cairo, -extents.x_advance / 2, size * 0.37);
  cairo_show_text(cairo, character.c_str());
}

struct Arc {
  double radius;    // of the middle of the characters
  double size;      // height of a character
  double max_step;  // degrees between two characters, at most
  double max_span;  // degrees of the whole text, at most
  bool upper;       // heads outwards on the upper arc, inwards on the lower one
};

void DrawOnArc(cairo_t* cairo, const std::string& text, const Arc& arc) {
  const std::vector<std::string> characters = Characters(text);
  if (characters.empty()) return;
  const double count = static_cast<double>(characters.size());
  const double step = std::min(arc.max_step, arc.max_span / count) * kPi / 180;
  const double width = 0.96 * step * arc.radius;
  for (size_t i = 0; i < characters.size(); ++i) {
    const double angle = (static_cast<double>(i) - (count - 1) / 2) * step;
    cairo_save(cairo);
    cairo_rotate(cairo, arc.upper ? angle : -angle);
    cairo_translate(cairo, 0, arc.upper ? -arc.radius : arc.radius);
    DrawCharacter(cairo, characters[i], arc.size, width);
    cairo_restore(cairo);
  }
}

void DrawLine(cairo_t* cairo, const std::string& text, double y, double size, double max_width) {
  const std::vector<std::string> characters = Characters(text);
  if (characters.empty()) return;
  const double count = static_cast<double>(characters.size());
  const double step = std::min(size * 1.08, max_width / count);
  for (size_t i = 0; i < characters.size(); ++i) {
    cairo_save(cairo);
    cairo_translate(cairo, (static_cast<double>(i) - (count - 1) / 2) * step, y);
    DrawCharacter(cairo, characters[i], size, step);
    cairo_restore(cairo);
  }
}

void DrawStar(cairo_t* cairo, double y, double radius) {
  const double inner = radius * std::sin(kPi / 10) / std::sin(7 * kPi / 10);
  cairo_new_path(cairo);
  for (int i = 0; i < 10; ++i) {
    const double r = i % 2 == 0 ? radius : inner;
    const double angle = i * kPi / 5;
    cairo_line_to(cairo, r * std::sin(angle), y - r * std::cos(angle));
  }
  cairo_close_path(cairo);
  cairo_fill(cairo);
}

void DrawSeal(cairo_t* cairo, const SealText& text) {
  cairo_set_source_rgb(cairo, 0, 0, 0);
  cairo_set_line_width(cairo, 11);
  cairo_arc(cairo, 0, 0, kRadius - 7.5, 0, 2 * kPi);
  cairo_stroke(cairo);
  cairo_select_font_face(cairo, "BabelStone Han", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  DrawOnArc(cairo, text.seal, {147, 52, 24, 212, true});
  DrawStar(cairo, 0, 60);
  DrawLine(cairo, text.county, 84, 32, 190);
  DrawOnArc(cairo, text.institution, {158, 31, 12, 126, false});
}

void AppendBytes(png_structp png, png_bytep data, png_size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(data), size);
}

// Palette of one red with rising alpha: a third of the size of RGBA, and the seal stands in the
// file twice.
std::string EncodePng(const uint8_t* alpha, int stride, int pixels) {
  std::string out;
  const int row_bytes = (pixels + 3) / 4;
  std::vector<uint8_t> rows(static_cast<size_t>(row_bytes) * static_cast<size_t>(pixels), 0);
  std::vector<png_bytep> row_pointers;
  for (int y = 0; y < pixels; ++y) {
    uint8_t* row = rows.data() + static_cast<size_t>(y) * static_cast<size_t>(row_bytes);
    for (int x = 0; x < pixels; ++x) {
      const int level = (alpha[y * stride + x] * (kLevels - 1) + 127) / 255;
      row[x / 4] = static_cast<uint8_t>(row[x / 4] | level << (6 - 2 * (x % 4)));
    }
    row_pointers.push_back(row);
  }
  png_color palette[kLevels];
  png_byte transparency[kLevels];
  for (int i = 0; i < kLevels; ++i) {
    palette[i] = {0xD2, 0x14, 0x1E};
    transparency[i] = static_cast<png_byte>(i * 255 / (kLevels - 1));
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, AppendBytes, nullptr);
  png_set_compression_level(png, 9);
  png_set_filter(png, 0, PNG_FILTER_NONE);
  png_set_IHDR(png, info, static_cast<png_uint_32>(pixels), static_cast<png_uint_32>(pixels), 2,
               PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_PLTE(png, info, palette, kLevels);
  png_set_tRNS(png, info, transparency, kLevels, nullptr);
  png_write_info(png, info);
  png_write_image(png, row_pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

}  // namespace

std::string SealPicturePng(const SealText& text, int pixels) {
  const std::unique_ptr<cairo_surface_t, SurfaceDeleter> surface(
      cairo_image_surface_create(CAIRO_FORMAT_A8, pixels, pixels));
  const std::unique_ptr<cairo_t, ContextDeleter> cairo(cairo_create(surface.get()));
  cairo_scale(cairo.get(), pixels / (2 * kRadius), pixels / (2 * kRadius));
  cairo_translate(cairo.get(), kRadius, kRadius);
  DrawSeal(cairo.get(), text);
  cairo_surface_flush(surface.get());
  return EncodePng(cairo_image_surface_get_data(surface.get()),
                   cairo_image_surface_get_stride(surface.get()), pixels);
}

}  // namespace birthseal::signer::devpki
