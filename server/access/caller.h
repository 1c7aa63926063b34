// SPDX-License-Identifier: Apache-2.0
// Who calls: the registered organisation behind a TLS certificate, with its roles.
//
// Made by the client directory alone (caller_maker.h), from the registry or the configuration; use
// cases decide by it. Who has one may copy it, and change nothing in it. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
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

class Caller {
 public:
  const std::string& organisation_code() const { return organisation_code_; }  // USCC
  RoleSet roles() const { return roles_; }
  const certs::Digest& certificate_sm3() const { return certificate_sm3_; }

  bool Has(Role role) const { return roles_.Has(role); }
  // A hospital speaks for itself, a connector for the facilities bound to it.
  bool MayPushFor(absl::string_view facility_code) const {
    if (Has(Role::kHospital) && facility_code == organisation_code_) return true;
    return Has(Role::kConnector) && std::find(facility_codes_.begin(), facility_codes_.end(),
                                              facility_code) != facility_codes_.end();
  }

 private:
  friend class CallerMaker;
  Caller(std::string organisation_code, RoleSet roles, std::vector<std::string> facility_codes,
         const certs::Digest& certificate_sm3)
      : organisation_code_(std::move(organisation_code)),
        roles_(roles),
        facility_codes_(std::move(facility_codes)),
        certificate_sm3_(certificate_sm3) {}

  std::string organisation_code_;
  RoleSet roles_;
  std::vector<std::string> facility_codes_;  // kConnector: for whom it may push
  certs::Digest certificate_sm3_;
};

}  // namespace birthseal::server
