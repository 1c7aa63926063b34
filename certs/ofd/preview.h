// SPDX-License-Identifier: Apache-2.0
// Draws layouts with cairo, the text from the very fonts that stand in the document.
// Thread-safe: each call works on its own surface. Internal to certs/ofd.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/ofd/layout.h"

namespace birthseal::certs::ofd {

struct PreviewOptions {
  std::map<FontRole, absl::string_view> fonts;  // font files
  absl::string_view seal_png;                   // empty: none
  double seal_mm = kSealSize;
  absl::string_view watermark;  // drawn with the base font `watermark_font`
  absl::string_view watermark_font;
  int dpi = 150;
};

// PNG of the page. Errors: kInvalidArgument the seal is no PNG, or dpi outside 72 to 300;
// kInternal the drawing library failed.
absl::StatusOr<std::string> DrawPng(const std::vector<const Layout*>& layouts,
                                    const PreviewOptions& options);

}  // namespace birthseal::certs::ofd
