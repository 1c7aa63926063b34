// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/approvals.h"

#include <memory>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {

absl::StatusOr<signer::VerifiedApproval> Approvals::Verify(absl::string_view operator_id,
                                                           absl::string_view signature,
                                                           signer::ApprovalRole role,
                                                           absl::string_view institution_code,
                                                           const certs::Digest& digest) {
  absl::StatusOr<std::shared_ptr<const signer::Operator>> who = operators_.Find(operator_id);
  if (absl::IsNotFound(who.status())) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN",
                        "no such operator is registered", signer::NameOf(role));
  }
  RETURN_IF_ERROR(who.status());
  return verifier_.Verify(*std::move(who), signature, role, institution_code, digest);
}

}  // namespace birthseal::server
