// SPDX-License-Identifier: Apache-2.0
// The picture of a development seal: a red round official seal with its text along the arcs.
//
// Layout of the national seal rule: name of the seal on the upper arc, star in the middle, county
// below it, legal name of the institution on the lower arc. Production pictures come from the
// seal maker. Fonts by fontconfig: for tools and tests only. Thread-safe: pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace birthseal::signer::devpki {

struct SealText {
  std::string seal;    // 出生医学证明专用章 or 出生医学证明补发专用章
  std::string county;  // may be empty
  std::string institution;
};

// PNG with transparent ground, 2-bit palette, square, `pixels` (400 or more) a side.
std::string SealPicturePng(const SealText& text, int pixels = 400);

}  // namespace birthseal::signer::devpki
