// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr size_t kHeaderBytes = 8;  // MSH|^~\&

absl::string_view Nth(absl::string_view text, char separator, size_t n) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, separator);
  return n >= 1 && n <= parts.size() ? parts[n - 1] : absl::string_view();
}

std::vector<absl::string_view> LinesOf(absl::string_view bytes) {
  return absl::StrSplit(bytes, absl::ByAnyChar("\r\n"), absl::SkipEmpty());
}

// HL7 2.x chapter 2, "Use of escape sequences in text fields": \F\ \S\ \T\ \R\ \E\ \Xhh..\ \.br\.
std::string Unescape(absl::string_view text, const Delimiters& d) {
  if (text.find(d.escape) == absl::string_view::npos) return std::string(text);
  std::string out;
  while (!text.empty()) {
    size_t end = text[0] == d.escape ? text.find(d.escape, 1) : absl::string_view::npos;
    if (end == absl::string_view::npos) {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    absl::string_view code = text.substr(1, end - 1);
    if (code == "F")
      out.push_back(d.field);
    else if (code == "S")
      out.push_back(d.component);
    else if (code == "T")
      out.push_back(d.subcomponent);
    else if (code == "R")
      out.push_back(d.repetition);
    else if (code == "E")
      out.push_back(d.escape);
    else if (code == ".br")
      out.push_back('\n');
    // Highlighting, local and hexadecimal escapes carry no text that we print.
    text.remove_prefix(end + 1);
  }
  return out;
}

bool FiveDelimiters(absl::string_view used) {
  for (size_t i = 0; i < used.size(); ++i) {
    const bool letter = absl::ascii_isalnum(static_cast<unsigned char>(used[i])) || used[i] <= ' ';
    if (letter || used.find(used[i], i + 1) != absl::string_view::npos) return false;
  }
  return used.size() == 5;
}

// A header that is glued to what stands before it, whatever its letters and delimiters.
bool BeginsHeader(absl::string_view text) {
  return absl::StartsWithIgnoreCase(text, "MSH") && FiveDelimiters(text.substr(3, 5)) &&
         text.substr(kHeaderBytes, 1) == text.substr(3, 1);
}

// A comment may quote the begin of a header; one that goes on to the type of a message is one.
bool HoldsHeader(absl::string_view line) {
  constexpr size_t kLongestQuote = 512;
  const bool comment = absl::StartsWith(line, "NTE");
  for (size_t at = line.find_first_of("Mm", 1); at != absl::string_view::npos;
       at = line.find_first_of("Mm", at + 1)) {
    const absl::string_view text = line.substr(at);
    if (!BeginsHeader(text)) continue;
    if (!comment || !Nth(text.substr(0, kLongestQuote), text[3], 9).empty()) return true;
  }
  return false;
}

absl::Status BadHeader(absl::string_view why) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "HL7_MSH", why, "MSH");
}

}  // namespace

Segment::Segment(absl::string_view text, const Delimiters* delimiters)
    : fields_(absl::StrSplit(text, delimiters->field)),
      delimiters_(delimiters),
      is_header_(fields_[0] == "MSH" || fields_[0] == "FHS" || fields_[0] == "BHS") {}

absl::string_view Segment::Raw(size_t field) const {
  // MSH-1 is the separator, so that MSH-2 is the first text after it.
  size_t index = is_header_ ? field - 1 : field;
  return index < fields_.size() ? fields_[index] : absl::string_view();
}

std::vector<absl::string_view> Segment::Repetitions(size_t field) const {
  // An absent field has no bytes to split, and StrSplit of none gives no part at all.
  const absl::string_view raw = Raw(field);
  if (raw.empty()) return {raw};
  return absl::StrSplit(raw, delimiters_->repetition);
}

std::string Segment::TextOf(absl::string_view repetition, size_t component, size_t sub) const {
  absl::string_view part = Nth(repetition, delimiters_->component, component);
  part = Nth(part, delimiters_->subcomponent, sub);
  if (part == "\"\"") return "";
  return Unescape(part, *delimiters_);
}

std::vector<std::pair<size_t, std::string>> Segment::TextsOf(absl::string_view repetition) const {
  std::vector<std::pair<size_t, std::string>> texts;
  size_t component = 0;
  for (absl::string_view part : absl::StrSplit(repetition, delimiters_->component)) {
    ++component;
    for (absl::string_view sub : absl::StrSplit(part, delimiters_->subcomponent)) {
      if (!sub.empty() && sub != "\"\"") texts.emplace_back(component, Unescape(sub, *delimiters_));
    }
  }
  return texts;
}

std::string Segment::Text(size_t field, size_t component) const {
  return TextOf(Nth(Raw(field), delimiters_->repetition, 1), component);
}

struct Message::Text {
  std::string bytes;
  Delimiters delimiters;
};

Message::Message(Message&&) noexcept = default;

absl::StatusOr<Message> Message::Parse(std::string utf8) {
  if (!absl::StartsWith(utf8, "MSH")) {
    return BadHeader("the message does not start with an MSH segment");
  }
  auto text = std::make_shared<Text>();
  text->bytes = std::move(utf8);
  const std::string& b = text->bytes;
  if (!FiveDelimiters(absl::string_view(b).substr(3, 5))) {
    return BadHeader("MSH-1 and MSH-2 must name five different delimiters");
  }
  text->delimiters = {b[3], b[4], b[5], b[6], b[7]};
  Message message;
  for (absl::string_view line : LinesOf(b)) {
    message.segments_.emplace_back(line, &text->delimiters);
  }
  message.text_ = std::move(text);
  return message;
}

const Segment* Message::Find(absl::string_view name, size_t from) const {
  for (size_t i = from; i < segments_.size(); ++i) {
    if (segments_[i].name() == name) return &segments_[i];
  }
  return nullptr;
}

bool Message::HasSecondHeader() const {
  bool first = true;
  for (const absl::string_view line : LinesOf(text_->bytes)) {
    const bool named =
        absl::StartsWithIgnoreCase(line, "MSH") &&
        (line.size() == 3 || !absl::ascii_isalnum(static_cast<unsigned char>(line[3])));
    if ((named && !first) || HoldsHeader(line)) return true;
    first = false;
  }
  return false;
}

bool Message::HasControl() const {
  const std::string& bytes = text_->bytes;
  return std::any_of(bytes.begin(), bytes.end(), [](unsigned char c) {
    return c < ' ' && c != '\r' && c != '\n' && c != '\t';
  });
}

namespace {

absl::string_view FirstLine(absl::string_view raw) {
  return raw.substr(0, raw.find_first_of("\r\n"));
}

}  // namespace

std::string DeclaredCharset(absl::string_view raw) {
  absl::string_view line = FirstLine(raw);
  if (line.size() < 4) return "";
  // MSH-18 is field 17 after the name when counted by separators; the first repetition counts.
  absl::string_view field = Nth(line, line[3], 18);
  return std::string(field.substr(0, field.find('~')));
}

std::string WithoutTimestamp(absl::string_view raw) {
  absl::string_view line = FirstLine(raw);
  if (line.size() < 4) return std::string(raw);
  absl::string_view field = Nth(line, line[3], 7);
  if (field.empty()) return std::string(raw);
  size_t at = static_cast<size_t>(field.data() - raw.data());
  return absl::StrCat(raw.substr(0, at), raw.substr(at + field.size()));
}

}  // namespace birthseal::connect::hl7
