// SPDX-License-Identifier: Apache-2.0
// Two different people of one institution sign the same digest:
// to revoke, to cancel a reservation, to say after a recovery where held numbers go on.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "server/use_case/basis.h"
#include "server/use_case/operators.h"
#include "signer/sealing/approval.h"

namespace birthseal::server {

struct OperatorSignature {
  std::string operator_id, signature;  // DER over the 32 bytes of the digest
};

// Two different people of `institution`, each in the proper role, over `digest`.
// Errors: kPermissionDenied "SAME_PERSON_MAY_NOT_SEAL"; those of signer::ApprovalVerifier.
absl::Status CheckTwoPeople(signer::ApprovalVerifier& approvals, absl::string_view institution,
                            const OperatorSignature& issuer, const OperatorSignature& sealer,
                            const certs::Digest& digest);

// The same; both are of `concerned`, or both of one institution that manages it. Errors: also those
// of managing.h.
absl::Status CheckTwoPeopleOver(const Basis& basis, const Operators& operators,
                                signer::ApprovalVerifier& approvals, absl::string_view concerned,
                                const OperatorSignature& issuer, const OperatorSignature& sealer,
                                const certs::Digest& digest);

}  // namespace birthseal::server
