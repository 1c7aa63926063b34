// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/profile_set.h"

#include <utility>

#include "certs/division.h"

namespace birthseal::server {

const certs::Profile* ProfileSet::Find(absl::string_view name) const {
  const auto found = by_name.find(name.empty() ? default_name : std::string(name));
  return found == by_name.end() ? nullptr : &found->second;
}

// Rule J1.
const certs::Profile* ProfileSet::Of(const storage::v1::Institution& institution,
                                     absl::CivilDay day) const {
  if (!institution.profile().empty()) return Find(institution.profile());
  const certs::Profile* best = nullptr;
  const auto rank = [](const certs::Profile& profile) {
    return std::pair(certs::LevelOf(profile.division), profile.effective_from);
  };
  for (const auto& [name, profile] : by_name) {
    if (!certs::Covers(profile.division, institution.county_code())) continue;
    if (day < profile.effective_from) continue;
    if (best == nullptr || rank(*best) < rank(profile)) best = &profile;
  }
  return best != nullptr ? best : Find("");
}

}  // namespace birthseal::server
