// SPDX-License-Identifier: Apache-2.0
// What the texts of a newborn's group mention of life and death, wherever they stand.
//
// A mention takes an outcome away and never gives one: it is found inside words, codes with
// prefixes and free text, where an exact reading (outcome.h) sees nothing. Thread-safe: pure.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {

struct Mention {
  bool life = false, death = false;
};

// Width and case folded, each run of blanks one blank.
std::string FoldedText(absl::string_view text);
Mention MentionIn(absl::string_view text);

// Calls `take` for each field of the segment in which something is mentioned, with its location.
// Names, numbers, places, embedded documents and questions (OBX-3) are not looked at.
void ForEachMention(const Segment& segment,
                    const std::function<void(const Mention&, const std::string& location)>& take);

}  // namespace birthseal::connect::hl7
