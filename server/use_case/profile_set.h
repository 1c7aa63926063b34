// SPDX-License-Identifier: Apache-2.0
// The jurisdiction profiles (管辖规则) that this service has loaded, and which of them judges a
// case.
//
// Immutable once the service runs: thread-safe.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/profile.h"

namespace birthseal::server {

struct ProfileSet {
  std::map<std::string, certs::Profile> by_name;
  std::string default_name;
  // The profile of this name; of the default when empty. Null: there is none.
  const certs::Profile* Find(absl::string_view name) const;
  // The profile of an institution's cases filed on `day`: the one its record names; else, of those
  // in force whose division holds its own, that of the smallest area, the newest of these; else the
  // default. Null: its record names one that is not loaded.
  const certs::Profile* Of(const storage::v1::Institution& institution, absl::CivilDay day) const;
};

}  // namespace birthseal::server
