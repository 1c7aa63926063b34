// SPDX-License-Identifier: Apache-2.0
// Cases: filing, approval with its number, misprint, withdrawal.
#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

using certs::CaseEvent;
using certs::CaseKind;
using certs::CaseState;
using storage::v1::CaseHead;
using storage::v1::DeliveryHead;
using storage::v1::Newborn;
using storage::v1::RequestAnswer;

namespace {

bool IsFirst(int kind) {
  return kind == static_cast<int>(CaseKind::kFirstIssue) ||
         kind == static_cast<int>(CaseKind::kBackfill);
}

// Rule E8.
absl::Status CertificateExists() {
  return certs::Error(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS",
                      "the newborn has a valid certificate; exchange or replacement is the way",
                      "newborn_id", "该新生儿已有有效《出生医学证明》，请办理换发或补发");
}

// Rule O6.
absl::Status NotYours() {
  return certs::Error(absl::StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS",
                      "the case belongs to another institution");
}

CaseEvent EventOf(CaseState judged) {
  switch (judged) {
    case CaseState::kSubmitted:
      return CaseEvent::kResubmitFit;
    case CaseState::kAwaitingPolice:
      return CaseEvent::kResubmitAwaiting;
    case CaseState::kRefused:
      return CaseEvent::kRefuse;
    default:
      return CaseEvent::kResubmitDefective;
  }
}

// What the rules make of a case that is filed; the other states are the ledger's to give.
absl::Status CheckJudged(CaseState state) {
  switch (state) {
    case CaseState::kReturned:
    case CaseState::kAwaitingPolice:
    case CaseState::kSubmitted:
    case CaseState::kRefused:
      return absl::OkStatus();
    default:
      return certs::Error(absl::StatusCode::kInvalidArgument, "CASE_STATE",
                          "no case is judged to be in this state", "state");
  }
}

// A certificate stands or falls with the kind of case that asks for another.
// Rule I1.
absl::Status CheckKind(const Turn& turn, int kind, const Newborn& newborn,
                       const std::string& predecessor) {
  if (NeedsPredecessor(kind)) return CheckPredecessor(turn, newborn, predecessor);
  if (!IsFirst(kind)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "CASE_KIND",
                        "no certificate comes from a case of this kind");
  }
  return newborn.valid_certificate() == 0 ? absl::OkStatus() : CertificateExists();
}

// The case that is filed: new, or the returned one again.
// Rule E10.
absl::StatusOr<CaseHead> OpenCase(const SubmitApplication& command, Turn& turn) {
  CaseHead head;
  if (!command.resubmission) {
    RETURN_IF_ERROR(CheckFree(turn, Family::kCases, IdKey(command.case_id), "case_id"));
    head.set_state(static_cast<int>(command.state));
    head.set_submitted_time(turn.micros);
    return head;
  }
  ASSIGN_OR_RETURN(head, CaseOf(turn, command.case_id));
  if (head.organisation_code() != command.organisation_code ||
      head.institution_code() != command.institution_code) {
    return NotYours();
  }
  if (head.newborn_id() != IdKey(command.newborn_id) ||
      head.kind() != static_cast<int>(command.kind)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "CASE_IDENTITY",
                        "a case keeps its newborn and its kind");
  }
  RETURN_IF_ERROR(Move(head, EventOf(command.state)));
  return head;
}

// Rule J3.
void Fill(const SubmitApplication& command, const Turn& turn, CaseHead& head) {
  head.set_newborn_id(IdKey(command.newborn_id));
  head.set_institution_code(command.institution_code);
  head.set_organisation_code(command.organisation_code);
  head.set_kind(static_cast<int>(command.kind));
  head.set_ground(static_cast<int>(command.ground));
  head.set_predecessor_number(command.predecessor_number);
  head.set_basis_delivery(Stored(command.basis_delivery));
  head.set_profile(command.profile);
  head.set_profile_version(command.profile_version);
  head.clear_content_digest();
  if (command.state == CaseState::kSubmitted) {
    head.set_content_digest(certs::Bytes(command.content_digest));
  }
  head.clear_defect_codes();
  for (const std::string& code : command.defect_codes) head.add_defect_codes(code);
  head.set_updated_time(turn.micros);
}

CaseAnswer FiledBefore(const RequestAnswer& first, const Turn& turn) {
  CaseAnswer answer;
  answer.case_id = IdFrom<CaseId>(first.subject());
  answer.state = static_cast<CaseState>(first.text().empty() ? 0 : first.text()[0]);
  answer.ledger_day = certs::LocalDay(turn.context.time);
  return answer;
}

}  // namespace

Result<SubmitApplication> Apply(SubmitApplication& command, Turn& turn) {
  RETURN_IF_ERROR(CheckJudged(command.state));
  ASSIGN_OR_RETURN(std::optional<RequestAnswer> first,
                   FirstAnswer(turn, command.request_key, command.content_sm3));
  if (first) return FiledBefore(*first, turn);
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, IdKey(command.newborn_id)));
  if (Stored(command.basis_delivery) != newborn.current_delivery() &&
      (IsFirst(static_cast<int>(command.kind)) || !command.basis_delivery.empty())) {
    return certs::Error(absl::StatusCode::kAborted, "RECORD_MOVED_ON",
                        "the case was judged by a record that is no longer current");
  }
  RETURN_IF_ERROR(
      CheckKind(turn, static_cast<int>(command.kind), newborn, command.predecessor_number));
  ASSIGN_OR_RETURN(CaseHead head, OpenCase(command, turn));
  Fill(command, turn, head);
  turn.view.PutRecord(Family::kCases, IdKey(command.case_id), head);
  turn.view.PutUnread(Family::kBodies, BodyKey(BodyKind::kCase, command.case_id),
                      std::move(command.sealed_body));
  Remember(turn, command.request_key, command.content_sm3, IdKey(command.case_id),
           std::string(1, static_cast<char>(head.state())));
  return CaseAnswerOf(turn, command.case_id, head);
}

namespace {

// The slot of the newborn is free for this case.
// Rules C14, E12, O7.
absl::Status CheckSlot(const Turn& turn, const CaseHead& head, const std::string& case_id,
                       const Newborn& newborn) {
  RETURN_IF_ERROR(CheckKind(turn, head.kind(), newborn, head.predecessor_number()));
  if (!newborn.slot_case().empty() && newborn.slot_case() != case_id) {
    return Refused("SLOT_TAKEN", "another case of this newborn is approved already");
  }
  if (InReview(newborn)) {
    return Refused("NEWBORN_IN_REVIEW", "a delivery record of the newborn waits for a person");
  }
  if (newborn.withdrawn()) {
    return Refused("NEWBORN_WITHDRAWN", "the delivery record was withdrawn");
  }
  if (head.basis_delivery() != newborn.current_delivery() &&
      (IsFirst(head.kind()) || !head.basis_delivery().empty())) {
    return Refused("DELIVERY_CHANGED", "the delivery record has changed: file the case again");
  }
  return absl::OkStatus();
}

// A claim of the case that belongs to another newborn: nothing is approved, both are held for a
// person, and that is kept.
// Rules I5, C15.
absl::Status CheckClaims(const Approve& command, const std::string& newborn_id, Newborn& newborn,
                         Turn& turn) {
  bool mother = newborn.has_mother_claim(), conflict = false;
  for (const certs::Claim& claim : command.claims) {
    mother = mother || claim.kind == certs::ClaimKind::kMother;
    ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
    if (owner.empty() || owner == newborn_id) continue;
    conflict = true;
    RETURN_IF_ERROR(HoldBoth(turn, newborn_id, newborn, owner));
  }
  if (conflict) {
    ASSIGN_OR_RETURN(std::optional<DeliveryHead> head,
                     turn.view.Find<DeliveryHead>(Family::kDeliveries, newborn.current_delivery()));
    if (head) {
      OpenReview(turn, newborn.current_delivery(), *head, newborn);
      turn.view.PutRecord(Family::kDeliveries, newborn.current_delivery(), *head);
    }
    turn.view.PutRecord(Family::kNewborns, newborn_id, newborn);
    turn.keep_refused = true;
    return Refused("CLAIM_CONFLICT", "the case names a birth that belongs to another newborn");
  }
  if (!mother) {
    return Refused("MOTHER_CLAIM_MISSING", "the mother of the newborn is not identified");
  }
  return absl::OkStatus();
}

bool Approved(const CaseHead& head) {
  return head.state() == static_cast<int>(CaseState::kApproved) ||
         head.state() == static_cast<int>(CaseState::kReserved) ||
         head.state() == static_cast<int>(CaseState::kIssued);
}

}  // namespace

// Rule O5.
Result<Approve> Apply(Approve& command, Turn& turn) {
  const std::string case_id = IdKey(command.case_id);
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, command.case_id));
  if (head.institution_code() != command.institution_code) return NotYours();
  const bool same_content = head.content_digest() == certs::Bytes(command.content_digest);
  if (Approved(head) && same_content) return CaseAnswerOf(turn, command.case_id, head);
  RETURN_IF_ERROR(Move(head, CaseEvent::kApprove));
  if (!same_content) {
    return Refused("CONTENT_CHANGED", "the signed content is not that of the case");
  }
  const std::string newborn_id = head.newborn_id();
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, newborn_id));
  RETURN_IF_ERROR(CheckSlot(turn, head, case_id, newborn));
  RETURN_IF_ERROR(CheckClaims(command, newborn_id, newborn, turn));
  RETURN_IF_ERROR(CheckMap(turn, newborn, command.claims));
  ASSIGN_OR_RETURN(std::string number,
                   AllotNumber(turn, command.institution_code, command.case_id, newborn_id));
  RETURN_IF_ERROR(AddClaims(turn, command.claims, newborn_id, newborn));
  newborn.set_slot_case(case_id);
  head.set_certificate_number(number);
  head.mutable_issuer()->set_operator_id(command.operator_id);
  head.mutable_issuer()->set_signature(command.signature);
  head.mutable_issuer()->set_time(turn.micros);
  head.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kNewborns, newborn_id, newborn);
  turn.view.PutRecord(Family::kCases, case_id, head);
  return CaseAnswerOf(turn, command.case_id, head);
}

// Rule S6.
Result<Misprint> Apply(Misprint& command, Turn& turn) {
  const std::string case_id = IdKey(command.case_id);
  const certs::Digest content = certs::Sm3Of(absl::StrCat(case_id, command.number));
  ASSIGN_OR_RETURN(std::optional<RequestAnswer> first,
                   FirstAnswer(turn, command.request_key, content));
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, command.case_id));
  if (first) {
    CaseAnswer answer = CaseAnswerOf(turn, command.case_id, head);
    answer.certificate_number = first->text();
    return answer;
  }
  RETURN_IF_ERROR(Move(head, CaseEvent::kMisprint));
  if (head.certificate_number() != command.number) {
    return Refused("NUMBER_NOT_ALLOTTED", "the number is not the one of this case");
  }
  ASSIGN_OR_RETURN(std::string number,
                   AllotNumber(turn, head.institution_code(), command.case_id, head.newborn_id()));
  RETURN_IF_ERROR(MoveNumber(turn, command.number, certs::NumberState::kWaste, command.reason));
  head.set_certificate_number(number);
  head.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kCases, case_id, head);
  Remember(turn, command.request_key, content, case_id, number);
  return CaseAnswerOf(turn, command.case_id, head);
}

// Rule S7.
Result<Withdraw> Apply(Withdraw& command, Turn& turn) {
  const std::string case_id = IdKey(command.case_id);
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, command.case_id));
  if (head.state() == static_cast<int>(CaseState::kWithdrawn)) {
    return CaseAnswerOf(turn, command.case_id, head);
  }
  const bool approved = head.state() == static_cast<int>(CaseState::kApproved);
  RETURN_IF_ERROR(Move(head, CaseEvent::kWithdraw));
  if (approved) {
    RETURN_IF_ERROR(
        MoveNumber(turn, head.certificate_number(), certs::NumberState::kWaste, command.reason));
    ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, head.newborn_id()));
    newborn.clear_slot_case();
    turn.view.PutRecord(Family::kNewborns, head.newborn_id(), newborn);
  }
  head.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kCases, case_id, head);
  return CaseAnswerOf(turn, command.case_id, head);
}

}  // namespace birthseal::store::apply
