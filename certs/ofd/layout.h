// SPDX-License-Identifier: Apache-2.0
// One layout of the page, from which both the OFD objects and the preview are drawn.
//
// Units: millimetres, origin top left, y down (GB/T 33190). Internal to certs/ofd.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/face.h"
#include "certs/ofd/glyphs.h"

namespace birthseal::certs::ofd {

inline constexpr double kPageWidth = 210, kPageHeight = 297;
inline constexpr double kSealX = 137, kSealY = 219, kSealSize = 40;

// Values are the IDs of the fonts in PublicRes.xml.
enum class FontRole { kTitle = 1, kLabel = 2, kValue = 3, kRare = 4 };

struct Colour {
  int red = 0, green = 0, blue = 0;
};
inline bool operator==(const Colour& a, const Colour& b) {
  return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

// A run of characters of one font on one line.
struct TextItem {
  std::u32string text;
  FontRole font = FontRole::kLabel;
  double x = 0, baseline = 0, size = 0;
  std::vector<double> advances;  // one for each character, letter spacing included
  Colour colour;
  absl::string_view key;  // of the face line it shows; empty for a constant
};

// Lines and curves relative to the boundary's corner: "M x y", "L x y", "B x1 y1 x2 y2 x y", "C".
struct PathItem {
  std::string data;
  double x = 0, y = 0, width = kPageWidth, height = kPageHeight;  // boundary: clips
  double line_width = 0;                                          // 0: filled, else stroked
  Colour colour;
};

struct Layout {
  std::vector<PathItem> paths;
  std::vector<TextItem> texts;
};

using GlyphMap = std::map<char32_t, const Glyph*>;

// Chooses fonts and measures. Built once per process from the constant texts of the template.
class TypeSetter {
 public:
  explicit TypeSetter(Faces faces);

  // Constant text: characters of the label or title font. Collects them for the constant parts.
  void Constant(absl::string_view text, FontRole font, double x, double baseline, double size,
                double spacing, Colour colour, Layout* layout);
  double ConstantWidth(absl::string_view text, FontRole font, double size, double spacing) const;
  // Words outside the template that shall come from the label font as well.
  void AddCommon(absl::string_view text);

  // Checks that every character has a glyph. Errors: kInvalidArgument GLYPH_PRIVATE_USE or
  // GLYPH_MISSING with the key of the line and the code point.
  absl::Status Check(const FaceLine& line) const;
  // Fits `line` into the box, as large as may be up to `size`, wrapped when needed.
  // Requires Check.
  void Fit(const FaceLine& line, double x, double y, double width, double height, double size,
           Layout* layout) const;

  const GlyphMap& label_glyphs() const { return label_; }
  const GlyphMap& title_glyphs() const { return title_; }
  const Glyph* Find(FontRole font, char32_t character) const;

 private:
  FontRole RoleOf(char32_t character, bool all_common) const;

  Faces faces_;
  GlyphMap label_, title_;
};

// The constant page (border, labels, rules); characters go into `setter`.
Layout TemplateLayout(TypeSetter* setter);
// What differs: 23 texts, barcode, QR code.
Layout CertificateLayout(const TypeSetter& setter, const std::vector<FaceLine>& lines,
                         absl::string_view qr_payload);

// Where each line of the face stands; also used by the template for its label.
struct Cell {
  double x, y, width, height;  // of the whole cell
  double label_width;
  absl::string_view label, english;
  double value_size;
};
// In the order of FaceLines: 23.
const std::vector<Cell>& Cells();

// Both fit into the given box; their data is empty when the text cannot be encoded.
PathItem Barcode(absl::string_view text, double x, double y, double width, double height);
PathItem QrCode(absl::string_view payload, double x, double y, double size);

// At most two decimals.
void AppendMm(double value, std::string* out);

}  // namespace birthseal::certs::ofd
