// SPDX-License-Identifier: Apache-2.0
// Every disclosing read is recorded, durably, before anything is released.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/use_case/services.h"

namespace birthseal::server {

// `subject` is the id or the status index read, as bytes. Errors: those of the ledger; then
// nothing may be released.
inline absl::Status RecordAccess(const Services& services, const Caller& caller,
                                 absl::string_view method, absl::string_view use_cause,
                                 std::string subject) {
  store::Access access;
  access.organisation_code = caller.organisation_code;
  access.method = std::string(method);
  access.use_cause = std::string(use_cause);
  access.subjects.push_back(std::move(subject));
  return services.ledger.Call(std::move(access)).status;
}

}  // namespace birthseal::server
