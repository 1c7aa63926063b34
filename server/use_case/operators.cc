// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/operators.h"

#include <memory>

#include "certs/status_macros.h"
#include "server/use_case/operator_directory.h"

namespace birthseal::server {

absl::StatusOr<signer::Operator> Operators::Find(absl::string_view id) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const signer::Operator> who, directory_->Find(id));
  return *who;
}

void OperatorChanges::Forget(absl::string_view id) const { directory_->Forget(id); }

}  // namespace birthseal::server
