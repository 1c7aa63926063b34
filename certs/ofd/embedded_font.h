// SPDX-License-Identifier: Apache-2.0
// Reads back a font that BuildFont wrote, so that a page can be set again without the base fonts.
//
// Strict: writing the glyphs again gives the very same bytes, so nothing is in the file that is not
// a glyph of a character. Bounded by the file; never reads outside it. Thread-safe: pure. Internal
// to certs/ofd. Errors: kInvalidArgument "FONT_NOT_OURS".
#pragma once

#include <map>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/ofd/glyphs.h"

namespace birthseal::certs::ofd {

absl::StatusOr<std::map<char32_t, Glyph>> ReadFont(absl::string_view family,
                                                   absl::string_view font);

}  // namespace birthseal::certs::ofd
