// SPDX-License-Identifier: Apache-2.0
// 有效身份证件 (identity document, CV02.01.101): how its number is kept, compared and judged.
//
// One place, so that a feed, an application, a verification and a claim can never disagree about
// which two spellings are one number, or whether a number names anybody at all. Numbers are
// personal data: never log them. Thread-safe: pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "certs/codes.h"
#include "certs/identifiers.h"

namespace birthseal::certs {

// The number as kept and printed: full-width forms (U+FF01 to U+FF5E) as ASCII, ASCII letters
// upper case, blanks and invisible characters gone. Every door folds before anything else looks.
std::string FoldedIdNumber(absl::string_view typed);
// What is hashed and compared: folded, and ASCII punctuation, dashes and middle dots dropped.
std::string NormalisedIdNumber(absl::string_view number);
bool SameIdNumber(absl::string_view a, absl::string_view b);
// Of two sources: width, case, blanks, dots and dashes make no other person.
bool SamePersonName(absl::string_view a, absl::string_view b);

enum class IdFault {
  kNone,
  kTypeNotAccepted,  // a driving licence, or no type at all
  kCitizenNumber,    // the form of a citizen number under a type that has none
  kPlaceholder,      // 待补, masked, one digit repeated, counted up: names nobody
  kForm,             // breaks the type's own rule (GB 11643 check character, length, letters)
};
// Judges a folded number under its type.
IdFault FaultOf(IdType type, absl::string_view number);

// The type under which the number is claimed: a number that passes GB 11643 is its holder's
// citizen number, whatever document it was read from. Otherwise `type`.
IdType ClaimedType(IdType type, absl::string_view number);
// The number names one person and may so make a claim: GB 11643 holds, or it has no fault.
bool NamesOnePerson(IdType type, absl::string_view number);
// The GB 11643 number inside the document; empty when the type has none or it is not valid.
CitizenId NumberWithBirthDate(IdType type, absl::string_view number);

}  // namespace birthseal::certs
