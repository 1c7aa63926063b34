// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/approve_cases.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/known_case.h"
#include "server/issuing/seal_grounds.h"
#include "server/use_case/batch.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

// C1 of the case as filed, so that the ledger checks and keeps it with the approval.
absl::StatusOr<std::vector<certs::Claim>> ClaimsOf(const IssuingRoom& room,
                                                   const store::StoredCase& filed) {
  ASSIGN_OR_RETURN(const certs::NewbornId newborn_id,
                   StoredId<certs::NewbornId>(filed.head.newborn_id(), "newborn_id"));
  ASSIGN_OR_RETURN(const storage::v1::Newborn newborn,
                   Promised("newborn_id", room.registry.Newborn(newborn_id)));
  return MotherClaimsOf(room.claims, filed.body.application.mother,
                        absl::CivilDay(filed.body.content.birth_time), newborn.birth_order());
}

absl::StatusOr<store::Approve> Prepare(const IssuingRoom& room, const Caller& caller,
                                       const ApproveItem& item) {
  ASSIGN_OR_RETURN(const store::StoredCase filed, KnownCase(room, item.case_id));
  const storage::v1::CaseHead& head = filed.head;
  if (head.institution_code() != caller.organisation_code()) return CaseUnknown();
  ASSIGN_OR_RETURN(const certs::Digest current,
                   StoredDigest(head.content_digest(), "content_digest"));
  if (current == certs::Digest{}) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "CASE_STATE",
                        "the case is not fit to be approved", "case_id", "该办件尚不具备审批条件");
  }
  if (current != item.content_digest) {
    return certs::Error(absl::StatusCode::kAborted, "CONTENT_CHANGED",
                        "the case has other content than the issuer saw", "content_digest",
                        "办件内容已变化，请重新核对");
  }
  RETURN_IF_ERROR(CheckInstitutionInForce(room, filed.body.content));
  RETURN_IF_ERROR(room.approvals
                      .Verify(item.operator_id, item.signature, signer::ApprovalRole::kIssuer,
                              head.institution_code(), item.content_digest)
                      .status());
  store::Approve command;
  command.organisation_code = caller.organisation_code();
  command.institution_code = head.institution_code();
  command.operator_id = item.operator_id;
  command.signature = item.signature;
  command.case_id = item.case_id;
  command.content_digest = item.content_digest;
  ASSIGN_OR_RETURN(command.claims, ClaimsOf(room, filed));
  return command;
}

}  // namespace

// Rule G9.
absl::StatusOr<std::vector<ApproveOutcome>> ApproveCases(const IssuingRoom& room,
                                                         const Caller& caller,
                                                         const std::vector<ApproveItem>& items) {
  RETURN_IF_ERROR(room.freshness.MayIssue());
  // Cases and signatures, off the ledger thread; then slots and numbers, durably.
  const std::vector<absl::StatusOr<store::CaseAnswer>> answers =
      CallBatch<store::Approve>(room.workers, room.ledger, items.size(),
                                [&](size_t i) { return Prepare(room, caller, items[i]); });
  // What the sealer signs.
  std::vector<ApproveOutcome> outcomes(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    ApproveOutcome& outcome = outcomes[i];
    outcome.case_id = items[i].case_id;
    outcome.status = answers[i].status();
    if (!answers[i].ok()) continue;
    outcome.certificate_number = answers[i]->certificate_number;
    outcome.issue_date = answers[i]->ledger_day;
    outcome.face_digest =
        certs::FaceDigest(items[i].content_digest, outcome.certificate_number, outcome.issue_date);
  }
  return outcomes;
}

}  // namespace birthseal::server
