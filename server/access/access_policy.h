// SPDX-License-Identifier: Apache-2.0
// Who may call which method, as declared on the methods of the proto files.
//
// Deny by default: a path that is no method of ours, or a method without declaration, is denied to
// everyone. Health and reflection, which carry no data, are open to every registered client.
// Thread-safe: immutable.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/caller.h"

namespace birthseal::server {

struct MethodAccess {
  RoleSet allowed;         // empty: nobody
  bool discloses = false;  // an ACCESS entry is durable before the answer is released
};

class AccessPolicy {
 public:
  // Reads the generated descriptors of all services of birthseal.v1.
  AccessPolicy();

  // `path` is "/birthseal.v1.Verification/GetStatus".
  // Errors: kPermissionDenied "ROLE_NOT_ALLOWED", "METHOD_NOT_DECLARED".
  absl::Status Check(absl::string_view path, const Caller& caller) const;
  static bool Allows(const MethodAccess& access, const Caller& caller);
  // Null for a path that is no method of ours.
  const MethodAccess* Find(absl::string_view path) const;
  // By path, sorted: for the golden list.
  const std::map<std::string, MethodAccess, std::less<>>& methods() const { return methods_; }

 private:
  std::map<std::string, MethodAccess, std::less<>> methods_;
};

}  // namespace birthseal::server
