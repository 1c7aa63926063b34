// SPDX-License-Identifier: Apache-2.0
// Inside of FontSet, for the layout. Internal to certs/ofd.
#pragma once

#include <memory>
#include <string>

#include "certs/ofd/font.h"
#include "certs/ofd/glyphs.h"

namespace birthseal::certs::ofd {

struct FontSet::State {
  std::unique_ptr<GlyphSource> value, title, rare;
  std::string version;

  Faces faces() const { return {value.get(), title.get(), rare.get()}; }
};

// The code points of UTF-8 text; malformed bytes give U+FFFD, which no certificate may show.
std::u32string CodePoints(absl::string_view text);
void AppendUtf8(char32_t character, std::string* out);
bool IsPrivateUse(char32_t character);

}  // namespace birthseal::certs::ofd
