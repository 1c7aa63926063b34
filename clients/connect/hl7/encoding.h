// SPDX-License-Identifier: Apache-2.0
// From the bytes a hospital sends to UTF-8, before any delimiter is looked for.
//
// 464 common GB18030 characters have a delimiter of HL7 as their second byte (玘 is AB 5E, and 5E
// is '^'), so a message is transcoded whole, first. GB 18030-2022 replaces the private-use code
// points of the 2005 mapping; what is left in the private-use area is an error, never a glyph.
//
// Thread-safe: pure. Errors: kInvalidArgument "ENCODING_...": the message is then refused.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::connect::hl7 {

enum class Charset { kUtf8, kGb18030, kLatin1 };

// Names of HL7 table 0211 and what senders really write ("GB 18030-2000", "GBK", "UNICODE UTF-8",
// "8859/1"); empty: `configured`. Errors: kInvalidArgument "ENCODING_UNSUPPORTED" (UTF-16 too).
absl::StatusOr<Charset> CharsetNamed(absl::string_view msh18, Charset configured);

// Errors: "ENCODING_INVALID" a byte sequence is not of the charset; "ENCODING_PRIVATE_USE" a
// character without a standard code point is left.
absl::StatusOr<std::string> ToUtf8(absl::string_view bytes, Charset charset);
// For the answer: characters the charset lacks become '?'.
std::string FromUtf8(absl::string_view utf8, Charset charset);

}  // namespace birthseal::connect::hl7
