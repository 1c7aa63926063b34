// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/operators.h"

#include "server/use_case/operator_directory.h"

namespace birthseal::server {

absl::StatusOr<std::shared_ptr<const signer::Operator>> Operators::Find(
    absl::string_view id) const {
  return directory_->Find(id);
}

void OperatorChanges::Forget(absl::string_view id) const { directory_->Forget(id); }

}  // namespace birthseal::server
