// SPDX-License-Identifier: Apache-2.0
// The issuer (签发人员) approves cases; each gets its certificate number.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "certs/digest.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct ApproveItem {
  certs::CaseId case_id;
  certs::Digest content_digest{};  // the content the issuer saw
  std::string operator_id, signature;
};
struct ApproveOutcome {
  absl::Status status;  // of this item; the others are not affected
  certs::CaseId case_id;
  std::string certificate_number;
  absl::CivilDay issue_date;    // to be signed by the sealer
  certs::Digest face_digest{};  // of content, number and issue date
};

// One outcome for each item, in order. Errors of items: kNotFound "CASE_UNKNOWN" (also a case of
// another institution); kFailedPrecondition "CASE_STATE"; kAborted "CONTENT_CHANGED"; those of
// CheckInstitutionInForce (seal_grounds.h), of ApprovalVerifier and of store::Approve. Of the call:
// those of Freshness::MayIssue. The API has bounded the number of items.
absl::StatusOr<std::vector<ApproveOutcome>> ApproveCases(const IssuingRoom& room,
                                                         const Caller& caller,
                                                         const std::vector<ApproveItem>& items);

}  // namespace birthseal::server
