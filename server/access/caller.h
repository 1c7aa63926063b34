// SPDX-License-Identifier: Apache-2.0
// Who calls: the registered organisation behind a TLS certificate, with its roles.
//
// Made by the client directory from the registry or the configuration; use cases decide by it.
// Thread-safe: immutable value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::server {

// Values are those of birthseal.v1.Role.
enum class Role {
  kHospital = 1,
  kConnector = 2,
  kIssuingInstitution = 3,
  kManagingInstitution = 4,
  kPlatform = 5,
  kPolice = 6,
  kRelyingParty = 7,
  kAdministrator = 8,
  kAuditor = 9,
  kWitness = 10,
};

// A set of roles as bits.
class RoleSet {
 public:
  RoleSet() = default;
  void Add(Role role) { bits_ |= Bit(role); }
  bool Has(Role role) const { return (bits_ & Bit(role)) != 0; }
  bool Meets(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static uint32_t Bit(Role role) { return 1u << static_cast<int>(role); }
  uint32_t bits_ = 0;
};

struct Caller {
  std::string organisation_code;  // USCC
  RoleSet roles;
  std::vector<std::string> facility_codes;  // kConnector: for whom it may push
  certs::Digest certificate_sm3{};

  bool Has(Role role) const { return roles.Has(role); }
  // A hospital speaks for itself, a connector for the facilities bound to it.
  bool MayPushFor(absl::string_view facility_code) const {
    if (Has(Role::kHospital) && facility_code == organisation_code) return true;
    return Has(Role::kConnector) && std::find(facility_codes.begin(), facility_codes.end(),
                                              facility_code) != facility_codes.end();
  }
};

}  // namespace birthseal::server
