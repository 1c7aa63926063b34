// SPDX-License-Identifier: Apache-2.0
// Fonts of the certificate: glyph cover and subsets.
//
// Font bytes come in as arguments (this folder opens no files). A glyph is reduced once to a small
// TrueType form (glyphs.h) and then copied into the subset of each certificate: TrueType and CFF
// fonts and collections (the simplified Chinese face is chosen) serve alike. Thread-safe: const use
// from any thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs::ofd {

// The three roles a font plays on the certificate.
struct FontFiles {
  std::string value;  // Song (宋体) with all of the 通用规范汉字表
  std::string title;  // Kai (楷体) for the title
  std::string rare;   // characters that `value` lacks
};

class FontSet {
 public:
  // Errors: kInvalidArgument a file is no usable font.
  static absl::StatusOr<std::shared_ptr<const FontSet>> Load(FontFiles files);
  ~FontSet();
  // SM3 of the three files. A reservation notes it, of the time when it was made: the document is
  // drawn with the fonts of whoever finishes it.
  const std::string& version() const;

  struct State;  // font_state.h
  const State& state() const { return *state_; }

 private:
  FontSet();
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::certs::ofd
