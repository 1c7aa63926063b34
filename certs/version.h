// SPDX-License-Identifier: Apache-2.0
// Which build a program is, and which formats it reads and writes.
//
// VERSION at the root follows semantic versioning (SemVer); the commit is taken at each build.
// Thread-safe: pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs {

// A store of another format is not opened (store/FORMAT.md §7).
inline constexpr uint32_t kStoreFormat = 2;
// The v of the canonical types birthseal/face, birthseal/leaf and birthseal/receipt.
inline constexpr uint32_t kFaceFormat = 1, kLeafFormat = 1, kReceiptFormat = 1;

// "0.1.0"
absl::string_view Version();
// Of the checkout that was built, "-dirty" behind it when files had changed; "unknown" without git.
absl::string_view Commit();
// What --version prints: program, version, commit, formats.
inline std::string VersionText(absl::string_view program) {
  return absl::StrCat(program, " ", Version(), " (commit ", Commit(), ")\nformats: store ",
                      kStoreFormat, ", face ", kFaceFormat, ", leaf ", kLeafFormat, ", receipt ",
                      kReceiptFormat);
}

}  // namespace birthseal::certs
