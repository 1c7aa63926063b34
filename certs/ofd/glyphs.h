// SPDX-License-Identifier: Apache-2.0
// Glyphs of a base font, reduced once to a compact TrueType form and kept for every later subset.
//
// Outlines are flattened (no composites, no hints), turned into quadratic curves where the base
// font has cubic ones, and rounded to kUnitsPerEm: 256 units on a 5 mm character are 0.02 mm, 1,300
// dpi. A glyph is converted at its first use and cached, 1 MB for each 2,000 characters in use;
// what it saves beside hb-subset stands in DECISIONS.md. Thread-safe. Internal to certs/ofd.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs::ofd {

inline constexpr int kUnitsPerEm = 256;

struct Glyph {
  std::string outline;  // entry of the glyf table; empty for a blank
  int advance = 0;      // units
  int x_min = 0, y_min = 0, x_max = 0, y_max = 0;
  int points = 0, contours = 0;
};

// Where the glyphs of characters come from: base fonts, or what is embedded in a document.
class GlyphFinder {
 public:
  virtual ~GlyphFinder() = default;
  // Null when there is no such character. The glyph lives as long as the finder.
  virtual const Glyph* Find(char32_t character) const = 0;
};

// The glyphs of the roles a font plays on the page; all outlive whoever sets with them.
struct Faces {
  const GlyphFinder* value;
  const GlyphFinder* title;
  const GlyphFinder* rare;
};

class GlyphSource : public GlyphFinder {
 public:
  // A TrueType or OpenType font; of a collection the simplified Chinese face.
  // Errors: kInvalidArgument not a usable font.
  static absl::StatusOr<std::unique_ptr<GlyphSource>> Open(std::string bytes);
  ~GlyphSource() override;
  const std::string& family() const;
  const Glyph* Find(char32_t character) const override;

 private:
  GlyphSource();
  struct State;
  std::unique_ptr<State> state_;
};

// A TrueType font with these characters in a Unicode cmap. Same input, same bytes.
std::string BuildFont(absl::string_view family, const std::map<char32_t, const Glyph*>& glyphs);

}  // namespace birthseal::certs::ofd
