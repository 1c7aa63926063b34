// SPDX-License-Identifier: Apache-2.0
// The sealer (盖章人员) orders the seal; answered when the certificates are durable (ISSUANCE.md).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "server/issuing/issuing_room.h"
#include "server/use_case/certificate_view.h"
#include "store/commands.h"

namespace birthseal::server {

struct IssueItem {
  certs::CaseId case_id;
  absl::CivilDay issue_date;
  std::string operator_id, signature;  // over the face digest of number and issue date
};
struct IssueOutcome {
  absl::Status status;  // of this item; the others are not affected
  certs::CaseId case_id;
  CertificateView certificate;  // without content
};

// One outcome for each item, in order; asking again gives the same certificate. Once reserved, an
// issue goes on whether or not the caller still waits: an item may answer kUnavailable
// "ISSUE_UNFINISHED" and be finished a moment later by the finisher.
// Errors of items: kNotFound "CASE_UNKNOWN"; kFailedPrecondition "CASE_STATE"; kUnavailable
// "PROFILE_UNKNOWN"; those of ApprovalVerifier, GatherGrounds (seal_grounds.h), store::Reserve and
// SealIssue (finish_issue.h). Of the call: those of Freshness::MayIssue. The API has bounded the
// number of items.
absl::StatusOr<std::vector<IssueOutcome>> IssueCertificates(const IssuingRoom& room,
                                                            const Caller& caller,
                                                            const std::vector<IssueItem>& items);

}  // namespace birthseal::server
