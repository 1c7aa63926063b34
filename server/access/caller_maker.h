// SPDX-License-Identifier: Apache-2.0
// Makes callers, for the client directory, which knows them. In the service nobody else reads this
// header (layers.json).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "certs/digest.h"
#include "server/access/caller.h"

namespace birthseal::server {

class CallerMaker {
 public:
  // `roles`: numbers of Role.
  template <class Roles>
  static Caller Make(std::string organisation_code, const Roles& roles,
                     std::vector<std::string> facility_codes,
                     const certs::Digest& certificate_sm3) {
    RoleSet set;
    for (const auto role : roles) set.Add(static_cast<Role>(role));
    return Caller(std::move(organisation_code), set, std::move(facility_codes), certificate_sm3);
  }
};

}  // namespace birthseal::server
