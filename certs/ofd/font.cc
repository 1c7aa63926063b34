// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/font.h"

#include "absl/strings/escaping.h"
#include "certs/digest.h"
#include "certs/ofd/font_state.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// Length of the sequence that `lead` opens, 0 for none.
int SequenceLength(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

}  // namespace

std::u32string CodePoints(absl::string_view text) {
  static constexpr char32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto lead = static_cast<uint8_t>(text[0]);
    const int length = SequenceLength(lead);
    char32_t c = length < 2 ? lead : lead & (0x7f >> length);
    bool good = length > 0 && text.size() >= static_cast<size_t>(length);
    for (int i = 1; good && i < length; ++i) {
      const auto next = static_cast<uint8_t>(text[i]);
      good = (next & 0xc0) == 0x80;
      c = c << 6 | (next & 0x3f);
    }
    good = good && c >= kLowest[length] && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000);
    out.push_back(good ? c : kReplacement);
    text.remove_prefix(good ? length : 1);
  }
  return out;
}

void AppendUtf8(char32_t c, std::string* out) {
  const auto put = [out](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

bool IsPrivateUse(char32_t c) {
  return (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && c <= 0x10ffff);
}

absl::StatusOr<std::shared_ptr<const FontSet>> FontSet::Load(FontFiles files) {
  Sm3 sum;
  for (const std::string* file : {&files.value, &files.title, &files.rare}) {
    sum.Add(View(Sm3Of(*file)));
  }
  std::shared_ptr<FontSet> set(new FontSet());
  set->state_->version = absl::BytesToHexString(View(sum.Finish()));
  ASSIGN_OR_RETURN(set->state_->value, GlyphSource::Open(std::move(files.value)));
  ASSIGN_OR_RETURN(set->state_->title, GlyphSource::Open(std::move(files.title)));
  ASSIGN_OR_RETURN(set->state_->rare, GlyphSource::Open(std::move(files.rare)));
  return std::shared_ptr<const FontSet>(std::move(set));
}

FontSet::FontSet() : state_(std::make_unique<State>()) {}
FontSet::~FontSet() = default;
const std::string& FontSet::version() const { return state_->version; }

}  // namespace birthseal::certs::ofd
