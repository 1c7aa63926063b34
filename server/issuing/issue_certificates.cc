// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/issue_certificates.h"

#include <utility>

#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/issuing/finish_issue.h"
#include "server/issuing/known_case.h"
#include "server/issuing/seal_grounds.h"
#include "server/use_case/batch.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/stored_ids.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

// One item on its way through the steps.
struct Order {
  store::StoredCase filed;
  store::Reserve reserve;
  ReservedIssue issue;
  bool claimed = false;  // this call seals it
  bool waits = false;    // another call or the finisher seals it
};

// The sealer's signature over the face and, before anything is reserved, whatever else the seal
// will need. The ledger itself refuses the issuer as sealer and enters the attempt into the audit
// trail.
absl::Status CheckOrder(const IssuingRoom& room, const IssueItem& item, const certs::Face& face,
                        store::StoredCase filed) {
  storage::v1::CaseHead& head = filed.head;
  if (item.operator_id == head.issuer().operator_id()) return absl::OkStatus();
  RETURN_IF_ERROR(room.approvals
                      .Verify(item.operator_id, item.signature, signer::ApprovalRole::kSealer,
                              head.institution_code(), certs::FaceDigest(face))
                      .status());
  if (head.state() != static_cast<int>(certs::CaseState::kApproved)) return absl::OkStatus();
  head.mutable_sealer()->set_operator_id(item.operator_id);
  head.mutable_sealer()->set_signature(item.signature);
  return GatherGrounds(room, filed, face, room.clock.Now()).status();
}

// Steps 1 and 2: the case, and the sealer's signature over the face of today.
absl::StatusOr<store::Reserve> Prepare(const IssuingRoom& room, const Caller& caller,
                                       const IssueItem& item, Order* order) {
  ASSIGN_OR_RETURN(store::StoredCase filed, KnownCase(room, item.case_id));
  if (filed.head.institution_code() != caller.organisation_code()) return CaseUnknown();
  RETURN_IF_ERROR(Reached(room.step_hook, IssueStep::kOrderReceived));
  const storage::v1::CaseHead& head = filed.head;
  if (head.certificate_number().empty()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "CASE_STATE",
                        "the case is not approved", "case_id", "该办件尚未审批");
  }
  store::Reserve& reserve = order->reserve;
  const certs::Face face{filed.body.content, head.certificate_number(), item.issue_date};
  reserve.face_digest = certs::FaceDigest(face);
  RETURN_IF_ERROR(CheckOrder(room, item, face, filed));
  const certs::Profile* profile = room.profiles.Find(head.profile());
  if (profile == nullptr) {
    return certs::Error(absl::StatusCode::kUnavailable, "PROFILE_UNKNOWN",
                        "the profile that judged this case is not loaded");
  }
  ASSIGN_OR_RETURN(const certs::CreditCode institution,
                   certs::CreditCode::Parse(head.institution_code()));
  ASSIGN_OR_RETURN(const certs::LicenceId licence,
                   certs::LicenceId::Make(profile->licence_type_code, institution,
                                          head.certificate_number(), 1));
  reserve.organisation_code = caller.organisation_code();
  reserve.institution_code = head.institution_code();
  reserve.operator_id = item.operator_id;
  reserve.signature = item.signature;
  reserve.case_id = item.case_id;
  reserve.issue_date = item.issue_date;
  reserve.licence_id = licence.value();
  reserve.document_id = RandomHex32();
  reserve.salt = RandomSalt();
  reserve.font_version = room.font_version;
  order->filed = std::move(filed);
  RETURN_IF_ERROR(Reached(room.step_hook, IssueStep::kOrderVerified));
  return reserve;
}

// Step 3: the reservation as it stands, ours or the first one; or the certificate, when it is there
// already.
absl::Status TakeReservation(const IssuingRoom& room, store::ReservationAnswer reserved,
                             Order* order, IssueOutcome* outcome) {
  RETURN_IF_ERROR(Reached(room.step_hook, IssueStep::kReserved));
  if (reserved.issued_status_index) {
    ASSIGN_OR_RETURN(
        const storage::v1::CertificateHead head,
        Promised("status_index", room.registry.Certificate(*reserved.issued_status_index)));
    outcome->certificate = ViewOf(head);
    return absl::OkStatus();
  }
  ReservedIssue& issue = order->issue;
  issue.reservation = std::move(reserved.reservation);
  issue.path = std::move(reserved.path);
  issue.tree_size = reserved.tree_size;
  if (issue.reservation.document_id() == order->reserve.document_id) {
    issue.filed = std::move(order->filed);
    issue.filed.head.mutable_sealer()->set_operator_id(order->reserve.operator_id);
    issue.filed.head.mutable_sealer()->set_signature(order->reserve.signature);
  } else {  // reserved earlier, perhaps by another sealer
    ASSIGN_OR_RETURN(issue.filed, KnownCase(room, order->reserve.case_id));
  }
  order->claimed = room.open_issues.TryClaim(store::IntentKeyOf(issue.reservation));
  order->waits = !order->claimed;
  return absl::OkStatus();
}

// Steps 1 to 3.
void ReserveAll(const IssuingRoom& room, const Caller& caller, const std::vector<IssueItem>& items,
                std::vector<Order>* orders, std::vector<IssueOutcome>* outcomes) {
  std::vector<absl::StatusOr<store::ReservationAnswer>> answers = CallBatch<store::Reserve>(
      room.workers, room.ledger, items.size(),
      [&](size_t i) { return Prepare(room, caller, items[i], &(*orders)[i]); });
  for (size_t i = 0; i < items.size(); ++i) {
    IssueOutcome& outcome = (*outcomes)[i];
    outcome.case_id = items[i].case_id;
    outcome.status = answers[i].status();
    if (!answers[i].ok()) continue;
    outcome.status = TakeReservation(room, *std::move(answers[i]), &(*orders)[i], &outcome);
  }
}

void FinishClaimed(const IssuingRoom& room, std::vector<Order>* orders,
                   std::vector<IssueOutcome>* outcomes) {
  std::vector<ReservedIssue> issues;
  std::vector<size_t> of;
  for (size_t i = 0; i < orders->size(); ++i) {
    if (!(*orders)[i].claimed) continue;
    issues.push_back(std::move((*orders)[i].issue));
    of.push_back(i);
  }
  if (issues.empty()) return;
  const std::vector<absl::StatusOr<storage::v1::CertificateHead>> heads =
      FinishIssues(room, issues);
  for (size_t k = 0; k < of.size(); ++k) {
    room.open_issues.Release(store::IntentKeyOf(issues[k].reservation));
    IssueOutcome& outcome = (*outcomes)[of[k]];
    outcome.status = heads[k].status();
    if (heads[k].ok()) outcome.certificate = ViewOf(*heads[k]);
  }
}

// Somebody else is at work on it: the answer is what they commit. Should they give it up (the
// finisher may look before the checkpoint of a fresh INTENT is signed), this call goes on itself.
void AwaitOthers(const IssuingRoom& room, const Order& order, IssueOutcome* outcome) {
  const storage::v1::Reservation& reservation = order.issue.reservation;
  const store::IntentKey intent = store::IntentKeyOf(reservation);
  room.open_issues.WaitUntilFree(intent);
  absl::StatusOr<storage::v1::CertificateHead> head =
      room.registry.Certificate(store::StatusIndexOf(reservation));
  if (absl::IsNotFound(head.status()) && room.open_issues.TryClaim(intent)) {
    head = FinishIssues(room, {order.issue}).front();
    room.open_issues.Release(intent);
  }
  if (head.ok()) {
    outcome->certificate = ViewOf(*head);
  } else {
    outcome->status = certs::Error(absl::StatusCode::kUnavailable, "ISSUE_UNFINISHED",
                                   "the issue is reserved and will be finished; ask again");
  }
}

}  // namespace

absl::StatusOr<std::vector<IssueOutcome>> IssueCertificates(const IssuingRoom& room,
                                                            const Caller& caller,
                                                            const std::vector<IssueItem>& items) {
  RETURN_IF_ERROR(room.freshness.MayIssue());
  std::vector<Order> orders(items.size());
  std::vector<IssueOutcome> outcomes(items.size());
  // 1 to 3. Cases and signatures; then everything that goes into the documents is fixed, durably.
  ReserveAll(room, caller, items, &orders, &outcomes);
  // 4 to 10. From here the service owns them.
  FinishClaimed(room, &orders, &outcomes);
  for (size_t i = 0; i < items.size(); ++i) {
    if (orders[i].waits) AwaitOthers(room, orders[i], &outcomes[i]);
  }
  // 11. Answer.
  for (IssueOutcome& outcome : outcomes) {
    if (outcome.status.ok()) outcome.status = Reached(room.step_hook, IssueStep::kAnswerReady);
  }
  return outcomes;
}

}  // namespace birthseal::server
