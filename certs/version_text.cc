// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "certs/version.h"

namespace birthseal::certs {

std::string VersionText(absl::string_view program) {
  return absl::StrCat(program, " ", Version(), " (commit ", Commit(), ")\nformats: store ",
                      kStoreFormat, ", face ", kFaceFormat, ", leaf ", kLeafFormat, ", receipt ",
                      kReceiptFormat);
}

}  // namespace birthseal::certs
