// SPDX-License-Identifier: Apache-2.0
#include "certs/division.h"

#include "absl/strings/match.h"

namespace birthseal::certs {

DivisionLevel LevelOf(absl::string_view code) {
  const bool six_digits =
      code.size() == 6 && code.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!six_digits || absl::StartsWith(code, "00")) return DivisionLevel::kNone;
  if (absl::EndsWith(code, "0000")) return DivisionLevel::kProvince;
  return absl::EndsWith(code, "00") ? DivisionLevel::kCity : DivisionLevel::kCounty;
}

// Rule M2.
bool Covers(absl::string_view code, absl::string_view part) {
  const DivisionLevel level = LevelOf(code);
  if (level == DivisionLevel::kNone || LevelOf(part) == DivisionLevel::kNone) return false;
  return absl::StartsWith(part, code.substr(0, 2 * static_cast<size_t>(level)));
}

}  // namespace birthseal::certs
