// SPDX-License-Identifier: Apache-2.0
// Approvals of registered operators, each signature verified once.
//
// Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/use_case/operator_directory.h"
#include "signer/sealing/approval.h"

namespace birthseal::server {

class Approvals {
 public:
  // `operators` outlives this.
  explicit Approvals(OperatorDirectory* operators) : operators_(*operators) {}

  // Errors: those of signer::ApprovalVerifier; kPermissionDenied "OPERATOR_UNKNOWN"; kDataLoss.
  absl::StatusOr<signer::VerifiedApproval> Verify(absl::string_view operator_id,
                                                  absl::string_view signature,
                                                  signer::ApprovalRole role,
                                                  absl::string_view institution_code,
                                                  const certs::Digest& digest);
  OperatorDirectory& operators() { return operators_; }

 private:
  OperatorDirectory& operators_;
  signer::ApprovalVerifier verifier_;
};

}  // namespace birthseal::server
