// SPDX-License-Identifier: Apache-2.0
// An HL7 v2 message as segments, fields, repetitions, components and subcomponents.
//
// Delimiters are read from MSH-1 and MSH-2. Values are unescaped last. Unknown segments are kept.
// Accepts CR, LF and CRLF between segments, and none after the last. Thread-safe: immutable.
// Errors: kInvalidArgument "HL7_MSH" when there is no usable MSH.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::connect::hl7 {

struct Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
};

// One segment; views into the message.
class Segment {
 public:
  Segment(absl::string_view text, const Delimiters* delimiters);
  absl::string_view name() const { return fields_[0]; }
  // Field as HL7 counts (PID-3 is 3; for MSH, MSH-1 is the separator itself); raw, empty if absent.
  absl::string_view Raw(size_t field) const;
  // Repetitions of a field; at least one.
  std::vector<absl::string_view> Repetitions(size_t field) const;
  // Unescaped text of a component (from 1) of a repetition; absent is empty. The null value ("")
  // reads as empty here: ask IsNull.
  std::string Text(size_t field, size_t component = 1) const;
  std::string TextOf(absl::string_view repetition, size_t component, size_t sub = 1) const;
  // Every subcomponent of a repetition that is not empty, unescaped, with its component (from 1).
  std::vector<std::pair<size_t, std::string>> TextsOf(absl::string_view repetition) const;
  // How many fields follow the name.
  size_t fields() const { return fields_.size() - 1; }
  // The field is the HL7 null "": delete the value.
  bool IsNull(size_t field) const { return Raw(field) == "\"\""; }

 private:
  std::vector<absl::string_view> fields_;
  const Delimiters* delimiters_;
  bool is_header_;
};

class Message {
 public:
  // `utf8` is transcoded already. The message owns its text.
  static absl::StatusOr<Message> Parse(std::string utf8);
  Message(Message&&) noexcept;
  Message& operator=(Message&&) = delete;

  const Segment& msh() const { return segments_[0]; }
  const std::vector<Segment>& segments() const { return segments_; }
  // Another MSH, in any letters and with any delimiters, at the begin of a segment or glued to the
  // one before: the frame holds more than one message, or one and half of another.
  bool HasSecondHeader() const;
  // A control character other than CR, LF and TAB: no text of HL7 holds one, but what is left of
  // two frames or a broken line does.
  bool HasControl() const;
  // The first segment of this name at or after `from`, or null.
  const Segment* Find(absl::string_view name, size_t from = 0) const;

 private:
  Message() = default;
  // On the heap, so that views survive a move.
  struct Text;
  std::shared_ptr<const Text> text_;
  std::vector<Segment> segments_;
};

// MSH-18 of a message that is not yet transcoded: the field is ASCII in every charset read here.
std::string DeclaredCharset(absl::string_view raw);
// The message without MSH-7, its time stamp: what the content digest is made of.
std::string WithoutTimestamp(absl::string_view raw);

}  // namespace birthseal::connect::hl7
