// SPDX-License-Identifier: Apache-2.0
// Text that can be kept, and text that can be printed and seen: names, addresses, numbers of
// documents.
//
// Thread-safe: pure functions. Source: ICU's decoding of UTF-8; Unicode's blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace birthseal::certs {

// Code points of UTF-8 (no overlong forms, no surrogates). What is malformed comes as the largest
// number, which is no character: neither Han nor printable.
std::vector<uint32_t> CodePoints(absl::string_view text);

// May be kept: UTF-8 without C0, DEL and C1 controls and without the line and paragraph separators,
// which would break a printed line. Every text of a request that comes to stand in a stored record
// is such a text: another could be written and never read again.
bool IsPlainText(absl::string_view text);

// May stand on a certificate: plain text without invisible and private-use characters and U+FFFD.
bool IsPrintable(absl::string_view text);

}  // namespace birthseal::certs
