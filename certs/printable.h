// SPDX-License-Identifier: Apache-2.0
// Text that can be printed, and seen: names, addresses, numbers of documents.
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

// False for malformed UTF-8, control characters, private-use code points and U+FFFD.
bool Printable(absl::string_view text);

}  // namespace birthseal::certs
