// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/approve_cases.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/seal_grounds.h"
#include "server/use_case/batch.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

absl::Status CaseUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                      "no such case of this institution", "case_id");
}

// C1 of the case as filed, so that the ledger checks and keeps it with the approval.
absl::StatusOr<std::vector<certs::Claim>> MotherClaims(const IssuingRoom& room,
                                                       const store::StoredCase& filed) {
  ASSIGN_OR_RETURN(const store::Id newborn_id, StoredId(filed.head.newborn_id(), "newborn_id"));
  ASSIGN_OR_RETURN(const storage::v1::Newborn newborn, room.registry.Newborn(newborn_id));
  return MotherClaimsOf(room.claims, filed.body.application.mother,
                        absl::CivilDay(filed.body.content.birth_time), newborn.birth_order());
}

absl::Status Prepare(const IssuingRoom& room, const Caller& caller, const ApproveItem& item,
                     store::Approve* command) {
  const absl::StatusOr<store::StoredCase> filed = room.registry.Case(item.case_id);
  if (absl::IsNotFound(filed.status())) return CaseUnknown();
  RETURN_IF_ERROR(filed.status());
  const storage::v1::CaseHead& head = filed->head;
  if (head.institution_code() != caller.organisation_code) return CaseUnknown();
  ASSIGN_OR_RETURN(const certs::Digest current,
                   StoredDigest(head.content_digest(), "content_digest"));
  if (current == certs::Digest{}) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "CASE_STATE",
                        "the case is not fit to be approved", "case_id", "该申请尚不具备审批条件");
  }
  if (current != item.content_digest) {
    return certs::Error(absl::StatusCode::kAborted, "CONTENT_CHANGED",
                        "the case has other content than the issuer saw", "content_digest",
                        "申请内容已变化，请重新核对");
  }
  RETURN_IF_ERROR(CheckInstitutionInForce(room, filed->body.content));
  RETURN_IF_ERROR(room.approvals
                      .Verify(item.operator_id, item.signature, signer::ApprovalRole::kIssuer,
                              head.institution_code(), item.content_digest)
                      .status());
  command->organisation_code = caller.organisation_code;
  command->institution_code = head.institution_code();
  command->operator_id = item.operator_id;
  command->signature = item.signature;
  command->case_id = item.case_id;
  command->content_digest = item.content_digest;
  ASSIGN_OR_RETURN(command->claims, MotherClaims(room, *filed));
  return absl::OkStatus();
}

}  // namespace

// Rule G9.
absl::StatusOr<std::vector<ApproveOutcome>> ApproveCases(const IssuingRoom& room,
                                                         const Caller& caller,
                                                         const std::vector<ApproveItem>& items) {
  RETURN_IF_ERROR(CheckBatchSize(items.size()));
  RETURN_IF_ERROR(room.freshness.MayIssue());
  std::vector<ApproveOutcome> outcomes(items.size());
  std::vector<store::Approve> approvals(items.size());
  // 1. Cases and signatures, off the ledger thread.
  room.workers.ForEach(items.size(), [&](size_t i) {
    outcomes[i].case_id = items[i].case_id;
    outcomes[i].status = Prepare(room, caller, items[i], &approvals[i]);
  });
  // 2. Slots and numbers, durably.
  std::vector<store::Approve> commands;
  std::vector<size_t> of;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!outcomes[i].status.ok()) continue;
    commands.push_back(std::move(approvals[i]));
    of.push_back(i);
  }
  if (commands.empty()) return outcomes;
  const std::vector<absl::StatusOr<store::CaseAnswer>> answers =
      room.ledger.CallAll(std::move(commands));
  // 3. What the sealer signs.
  for (size_t k = 0; k < of.size(); ++k) {
    ApproveOutcome& outcome = outcomes[of[k]];
    const absl::StatusOr<store::CaseAnswer>& answer = answers[k];
    outcome.status = answer.status();
    if (!answer.ok()) continue;
    outcome.certificate_number = answer->certificate_number;
    outcome.issue_date = answer->ledger_day;
    outcome.face_digest = certs::FaceDigest(items[of[k]].content_digest, outcome.certificate_number,
                                            outcome.issue_date);
  }
  return outcomes;
}

}  // namespace birthseal::server
