// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/cancel_reservation.h"

#include <optional>
#include <utility>

#include "certs/errors.h"
#include "certs/lifecycle.h"
#include "certs/status_macros.h"
#include "server/issuing/known_case.h"
#include "server/use_case/managing.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/stated_reason.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

bool Is(const storage::v1::CaseHead& head, certs::CaseState state) {
  return head.state() == static_cast<int>(state);
}

// Withdrawn after it was reserved: there is no other way from the one to the other.
bool Cancelled(const storage::v1::CaseHead& head) {
  return Is(head, certs::CaseState::kWithdrawn) && store::IntentKeyOf(head);
}

absl::StatusOr<storage::v1::CaseHead> CaseFor(const IssuingRoom& room, const Caller& caller,
                                              const certs::CaseId& id) {
  ASSIGN_OR_RETURN(storage::v1::CaseHead head, KnownCaseHead(room, id));
  if (head.institution_code() == caller.organisation_code()) return head;
  if (!caller.Has(Role::kManagingInstitution)) return CaseUnknown();
  RETURN_IF_ERROR(CheckManages(room, caller, head.institution_code()));
  return head;
}

}  // namespace

// Rule G11.
absl::Status CancelReservation(const IssuingRoom& room, const Caller& caller,
                               const CancelReservationInput& input) {
  RETURN_IF_ERROR(CheckReason(input.reason));
  ASSIGN_OR_RETURN(const storage::v1::CaseHead head, CaseFor(room, caller, input.case_id));
  // Of a store that lacks what was signed for, neither the reservation nor the log is the last
  // word.
  RETURN_IF_ERROR(room.freshness.MayIssue());
  RETURN_IF_ERROR(CheckTwoPeopleOver(
      room, room.operators, room.approvals, head.institution_code(), input.issuer, input.sealer,
      certs::CancellationDigest(certs::View(input.case_id), input.reason)));
  if (Cancelled(head)) return absl::OkStatus();
  const std::optional<store::IntentKey> intent = store::IntentKeyOf(head);
  if (!Is(head, certs::CaseState::kReserved) || !intent) {
    return certs::Error(absl::StatusCode::kNotFound, "NO_SUCH_INTENT",
                        "the case has no open reservation", "case_id", "该办件没有待办的预留");
  }
  if (!room.open_issues.TryClaim(*intent)) {
    return certs::Error(absl::StatusCode::kAborted, "ISSUE_IN_PROGRESS",
                        "the certificate is being sealed now", "case_id",
                        "证件正在盖章，暂不能取消");
  }
  store::CancelReservation command{caller.organisation_code(),
                                   input.issuer.operator_id,
                                   input.sealer.operator_id,
                                   input.reason,
                                   input.case_id,
                                   *intent,
                                   RandomSalt()};
  absl::Status status = room.ledger.Call(std::move(command)).status();
  room.open_issues.Release(*intent);
  if (certs::ReasonOf(status) != "NO_SUCH_INTENT") return status;
  // Ended since the case was read: by the same order, or by its certificate.
  ASSIGN_OR_RETURN(const storage::v1::CaseHead now, KnownCaseHead(room, input.case_id));
  return Cancelled(now) ? absl::OkStatus() : status;
}

}  // namespace birthseal::server
