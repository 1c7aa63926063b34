// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/access_book.h"

#include <utility>

namespace birthseal::server {

// Rule U2.
absl::Status AccessBook::Record(const Caller& caller, absl::string_view method,
                                absl::string_view use_cause, std::string subject) {
  store::Access access;
  access.organisation_code = caller.organisation_code();
  access.method = std::string(method);
  access.use_cause = std::string(use_cause);
  access.subjects.push_back(std::move(subject));
  return ledger_.Call(std::move(access)).status();
}

store::DurableRoot AccessBook::Head() const { return ledger_.Head(); }

}  // namespace birthseal::server
