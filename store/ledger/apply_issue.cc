// SPDX-License-Identifier: Apache-2.0
// From reservation to certificate, and its end: every step that writes the log.
#include <optional>

#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/newborn.h"
#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

using certs::CaseEvent;
using certs::CaseState;
using certs::CertificateState;
using storage::v1::CaseHead;
using storage::v1::CertificateHead;
using storage::v1::Newborn;
using storage::v1::RequestAnswer;
using storage::v1::Reservation;
using storage::v1::SealRecord;

namespace {

// Its checkpoint was signed in a log that has ended: no receipt of it can be made any more.
absl::Status CheckEpoch(const Turn& turn, const Reservation& reservation) {
  if (reservation.log_epoch() == turn.view.meta().log_epoch()) return absl::OkStatus();
  return Refused("LOG_EPOCH_ENDED",
                 "the reservation is of a log epoch that has ended: two people must cancel it");
}

absl::StatusOr<CertificateHead> CertificateOf(const Turn& turn, certs::StatusIndex status_index) {
  ASSIGN_OR_RETURN(std::optional<CertificateHead> head,
                   turn.view.Find<CertificateHead>(Family::kCertificates, IndexKey(status_index)));
  if (!head) {
    return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN", "no such certificate");
  }
  return *std::move(head);
}

// Reserved before: the same reservation again; issued: the certificate's.
Result<Reserve> ReservedBefore(const CaseHead& head, const Turn& turn) {
  ReservationAnswer answer;
  if (head.state() == static_cast<int>(CaseState::kIssued)) {
    ASSIGN_OR_RETURN(CertificateHead certificate, CertificateOf(turn, StatusIndexOf(head)));
    answer.reservation = std::move(*certificate.mutable_reservation());
    answer.issued_status_index = StatusIndexOf(head);
  } else {
    std::optional<Reservation> stored;
    if (const std::optional<IntentKey> intent = IntentKeyOf(head)) {
      ASSIGN_OR_RETURN(stored,
                       turn.view.Find<Reservation>(Family::kReservations, IndexKey(*intent)));
    }
    if (!stored) {
      return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                          "a reservation is missing");
    }
    RETURN_IF_ERROR(CheckEpoch(turn, *stored));
    answer.reservation = *std::move(stored);
  }
  return answer;
}

absl::Status CheckSeal(const Turn& turn, const std::string& institution_code) {
  ASSIGN_OR_RETURN(std::optional<SealRecord> seal,
                   turn.view.Find<SealRecord>(Family::kRegistry,
                                              RegistryKey(RegistryKind::kSeal, institution_code)));
  if (!seal) return Refused("SEAL_UNKNOWN", "no seal of the institution is enrolled");
  if (seal->suspended()) return Refused("SEAL_SUSPENDED", "the institution's seal is suspended");
  return absl::OkStatus();
}

// Rules I9, G5, G6.
absl::Status CheckReserve(const Reserve& command, const CaseHead& head, const Turn& turn) {
  if (command.operator_id == head.issuer().operator_id()) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
                        "who approved the case may not seal it");
  }
  if (command.issue_date != certs::LocalDay(turn.context.time)) {
    return Refused("ISSUE_DATE_PASSED", "the signed issue date is not the ledger's day");
  }
  const std::optional<certs::Digest> content = certs::DigestFrom(head.content_digest());
  if (!content || certs::FaceDigest(*content, head.certificate_number(), command.issue_date) !=
                      command.face_digest) {
    return Refused("CONTENT_CHANGED", "the signed face is not that of the case");
  }
  RETURN_IF_ERROR(CheckSeal(turn, head.institution_code()));
  return CheckFree(turn, Family::kLicences, LicenceKey(command.licence_id), "licence_id");
}

// Rule I1.
absl::Status CheckNewborn(const CaseHead& head, const std::string& case_id, const Newborn& newborn,
                          const Turn& turn) {
  if (newborn.slot_case() != case_id) {
    return Refused("SLOT_TAKEN", "the case does not hold the newborn's slot");
  }
  if (InReview(newborn)) {
    return Refused("NEWBORN_IN_REVIEW", "a delivery record of the newborn waits for a person");
  }
  if (newborn.withdrawn()) {
    return Refused("NEWBORN_WITHDRAWN", "the delivery record was withdrawn");
  }
  if (NeedsPredecessor(head.kind())) {
    RETURN_IF_ERROR(CheckPredecessor(turn, newborn, head.predecessor_number()));
  } else if (newborn.valid_certificate() != 0) {
    return Refused("CERTIFICATE_EXISTS", "the newborn has a valid certificate");
  }
  return CheckMap(turn, newborn);
}

// Everything that goes into the document is fixed here.
// Rule G7.
Reservation MakeReservation(const Reserve& command, const CaseHead& head, Turn& turn) {
  storage::v1::Meta& meta = turn.view.meta();
  Reservation reservation;
  reservation.set_case_id(IdKey(command.case_id));
  reservation.set_newborn_id(head.newborn_id());
  reservation.set_status_index(meta.next_status_index());
  meta.set_next_status_index(meta.next_status_index() + 1);
  reservation.set_certificate_number(head.certificate_number());
  reservation.set_licence_id(command.licence_id);
  reservation.set_document_id(command.document_id);
  reservation.set_issue_date(absl::FormatCivilTime(command.issue_date));
  reservation.set_signing_time(turn.micros / 1'000'000);
  reservation.set_salt(command.salt);
  reservation.set_face_digest(certs::Bytes(command.face_digest));
  reservation.set_institution_code(head.institution_code());
  reservation.set_template_version(command.template_version);
  reservation.set_font_version(command.font_version);
  reservation.set_log_epoch(meta.log_epoch());
  certs::Leaf leaf = LeafOf(certs::LeafKind::kIntent, turn, reservation);
  leaf.commitment = certs::Commit(
      command.salt,
      certs::IntentOpening(command.face_digest, command.licence_id, command.document_id));
  reservation.set_intent_index(turn.view.AppendLeaf(leaf).value());
  reservation.set_leaf(turn.view.leaves().back().bytes);
  return reservation;
}

}  // namespace

Result<Reserve> Apply(Reserve& command, Turn& turn) {
  const std::string case_id = IdKey(command.case_id);
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, command.case_id));
  if (head.institution_code() != command.institution_code) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS",
                        "the case belongs to another institution");
  }
  if (head.state() == static_cast<int>(CaseState::kReserved) ||
      head.state() == static_cast<int>(CaseState::kIssued)) {
    return ReservedBefore(head, turn);
  }
  RETURN_IF_ERROR(Move(head, CaseEvent::kReserve));
  RETURN_IF_ERROR(CheckReserve(command, head, turn));
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, head.newborn_id()));
  RETURN_IF_ERROR(CheckNewborn(head, case_id, newborn, turn));

  ReservationAnswer answer;
  answer.reservation = MakeReservation(command, head, turn);
  const Reservation& reservation = answer.reservation;
  head.set_intent_index(IntentKeyOf(reservation).value() + 1);
  head.set_status_index(reservation.status_index());
  head.mutable_sealer()->set_operator_id(command.operator_id);
  head.mutable_sealer()->set_signature(command.signature);
  head.mutable_sealer()->set_time(turn.micros);
  head.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kCases, case_id, head);
  turn.view.PutRecord(Family::kReservations, IndexKey(IntentKeyOf(reservation)), reservation);
  turn.view.Put(Family::kLicences, LicenceKey(command.licence_id),
                IndexKey(reservation.status_index()));
  return answer;
}

namespace {

absl::Status NoSuchIntent() {
  return certs::Error(absl::StatusCode::kNotFound, "NO_SUCH_INTENT", "no such reservation");
}

// No open reservation: the certificate is there already, or there never was such an intent.
Result<CommitIssue> CommittedBefore(const Turn& turn, IntentKey intent) {
  ASSIGN_OR_RETURN(std::optional<std::string> bytes, turn.view.LeafAt(intent.value()));
  if (!bytes) return NoSuchIntent();
  const absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(*bytes);
  if (!leaf.ok()) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a leaf");
  }
  if (leaf->kind != certs::LeafKind::kIntent) return NoSuchIntent();
  absl::StatusOr<CertificateHead> head =
      CertificateOf(turn, certs::StatusIndex(leaf->status_index));
  if (absl::IsNotFound(head.status())) return NoSuchIntent();
  if (!head.ok()) return head.status();
  return CertificateAnswer{*std::move(head), false};
}

// The one edge out of VALID, with its leaf and its event.
// Rule I11.
absl::Status Void(Turn& turn, CertificateState state, absl::string_view reason,
                  absl::string_view salt, absl::string_view successor, const Newborn& newborn,
                  CertificateHead& head) {
  certs::Leaf leaf = LeafOf(certs::LeafKind::kVoided, turn, head.reservation());
  leaf.commitment = certs::Commit(salt, reason);
  const certs::LeafIndex index = turn.view.AppendLeaf(leaf);
  RETURN_IF_ERROR(MapVoided(turn, index, newborn, StatusIndexOf(head.reservation())));
  head.set_voided_leaf(turn.view.PlaceOf(index) + 1);
  head.set_voided_salt(std::string(salt));
  head.set_state(static_cast<int>(state));
  head.set_superseded_by(std::string(successor));
  head.set_void_reason(std::string(reason));
  const uint64_t status_index = head.reservation().status_index();
  turn.view.PutRecord(Family::kCertificates, IndexKey(status_index), head);
  turn.view.AddOutboxEvent("VOIDED", status_index, head.reservation().newborn_id(), turn.micros);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_certificates_voided(meta.certificates_voided() + 1);
  return absl::OkStatus();
}

// Rule I10.
absl::Status VoidPredecessor(const CommitIssue& command, const CaseHead& head,
                             const Newborn& newborn, Turn& turn) {
  if (!NeedsPredecessor(head.kind())) return absl::OkStatus();
  RETURN_IF_ERROR(CheckPredecessor(turn, newborn, head.predecessor_number()));
  ASSIGN_OR_RETURN(CertificateHead old, CertificateOf(turn, ValidCertificateOf(newborn)));
  const bool exchange = head.kind() == static_cast<int>(certs::CaseKind::kExchange);
  return Void(turn, exchange ? CertificateState::kExchanged : CertificateState::kReplaced,
              exchange ? "EXCHANGED" : "REPLACED", command.salt, head.certificate_number(), newborn,
              old);
}

// Rule I3.
absl::StatusOr<CertificateHead> MakeCertificate(const CommitIssue& command, const CaseHead& head,
                                                const Reservation& reservation,
                                                const Newborn& newborn, Turn& turn) {
  CertificateHead certificate;
  *certificate.mutable_reservation() = reservation;
  certificate.set_state(static_cast<int>(CertificateState::kValid));
  certs::Leaf leaf = LeafOf(certs::LeafKind::kIssued, turn, reservation);
  leaf.intent_index = reservation.intent_index() + 1;
  leaf.commitment = certs::Commit(command.salt, certs::View(command.file_sm3));
  const certs::LeafIndex index = turn.view.AppendLeaf(leaf);
  RETURN_IF_ERROR(MapIssued(turn, index, newborn, StatusIndexOf(reservation)));
  certificate.set_issued_leaf(turn.view.PlaceOf(index));
  certificate.set_issued_salt(command.salt);
  certificate.set_file_sm3(certs::Bytes(command.file_sm3));
  certificate.set_file_size(command.file_size);
  certificate.set_to_be_signed_sm3(certs::Bytes(command.to_be_signed_sm3));
  certificate.set_issued_time(turn.micros);
  certificate.set_supersedes(head.predecessor_number());
  certificate.set_kind(head.kind());
  return certificate;
}

// The certificate and all that leads to it.
// Rule C4.
void StoreCertificate(CommitIssue& command, const CertificateHead& certificate, Newborn& newborn,
                      Turn& turn) {
  const Reservation& reservation = certificate.reservation();
  const std::string index = IndexKey(reservation.status_index());
  newborn.set_valid_certificate(reservation.status_index());
  newborn.add_certificates(reservation.status_index());
  newborn.clear_slot_case();
  turn.view.PutRecord(Family::kNewborns, reservation.newborn_id(), newborn);
  turn.view.PutRecord(Family::kCertificates, index, certificate);
  turn.view.Put(Family::kLicences, LicenceKey(reservation.certificate_number()), index);
  turn.view.Put(
      Family::kClaims,
      DigestKey(certs::NumberClaim(turn.context.index_key, reservation.certificate_number())),
      reservation.newborn_id());
  turn.view.PutUnread(Family::kDocuments, index, std::move(command.sealed_recipe));
  for (auto& [digest, part] : command.constants) {
    turn.view.PutUnread(Family::kConstants, DigestKey(digest), std::move(part));
  }
  turn.view.Erase(Family::kReservations, IndexKey(IntentKeyOf(reservation)));
  turn.view.AddOutboxEvent("ISSUED", reservation.status_index(), reservation.newborn_id(),
                           turn.micros);
  storage::v1::Meta& meta = turn.view.meta();
  meta.set_certificates_issued(meta.certificates_issued() + 1);
}

}  // namespace

Result<CommitIssue> Apply(CommitIssue& command, Turn& turn) {
  ASSIGN_OR_RETURN(
      std::optional<Reservation> reservation,
      turn.view.Find<Reservation>(Family::kReservations, IndexKey(command.intent.value())));
  if (!reservation) return CommittedBefore(turn, command.intent);
  RETURN_IF_ERROR(CheckEpoch(turn, *reservation));
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, IdFrom<CaseId>(reservation->case_id())));
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, reservation->newborn_id()));
  RETURN_IF_ERROR(Move(head, CaseEvent::kIssue));
  head.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kCases, reservation->case_id(), head);
  RETURN_IF_ERROR(MoveNumber(turn, reservation->certificate_number(), certs::NumberState::kUsed));
  // The labels are free before they lead to the new certificate.
  RETURN_IF_ERROR(VoidPredecessor(command, head, newborn, turn));
  ASSIGN_OR_RETURN(CertificateHead certificate,
                   MakeCertificate(command, head, *reservation, newborn, turn));
  StoreCertificate(command, certificate, newborn, turn);
  return CertificateAnswer{std::move(certificate), true};
}

// Rule S7.
absl::Status EndReservation(Turn& turn, const Reservation& reservation, absl::string_view reason) {
  ASSIGN_OR_RETURN(CaseHead head, CaseOf(turn, IdFrom<CaseId>(reservation.case_id())));
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, reservation.newborn_id()));
  RETURN_IF_ERROR(Move(head, CaseEvent::kCancel));
  head.set_updated_time(turn.micros);
  RETURN_IF_ERROR(
      MoveNumber(turn, reservation.certificate_number(), certs::NumberState::kWaste, reason));
  newborn.clear_slot_case();
  turn.view.PutRecord(Family::kNewborns, reservation.newborn_id(), newborn);
  turn.view.PutRecord(Family::kCases, reservation.case_id(), head);
  turn.view.Erase(Family::kReservations, IndexKey(IntentKeyOf(reservation)));
  turn.view.Erase(Family::kLicences, LicenceKey(reservation.licence_id()));
  return absl::OkStatus();
}

// Rule G14.
Result<CancelReservation> Apply(CancelReservation& command, Turn& turn) {
  RETURN_IF_ERROR(TwoPersons(command.first_operator, command.second_operator));
  ASSIGN_OR_RETURN(
      std::optional<Reservation> reservation,
      turn.view.Find<Reservation>(Family::kReservations, IndexKey(command.intent.value())));
  if (!reservation) return NoSuchIntent();
  if (reservation->case_id() != IdKey(command.case_id)) {
    return Refused("CASE_OF_ANOTHER_INTENT", "the reservation is of another case");
  }
  RETURN_IF_ERROR(EndReservation(turn, *reservation, command.reason));
  certs::Leaf leaf = LeafOf(certs::LeafKind::kCancelled, turn, *reservation);
  if (CheckEpoch(turn, *reservation).ok()) leaf.intent_index = reservation->intent_index() + 1;
  leaf.commitment = certs::Commit(command.salt, command.reason);
  turn.view.AppendLeaf(leaf);
  const CaseId case_id = IdFrom<CaseId>(reservation->case_id());
  ASSIGN_OR_RETURN(const CaseHead head, CaseOf(turn, case_id));
  return CaseAnswerOf(turn, case_id, head);
}

namespace {

// A case of this newborn is between reservation and certificate: its end must come first.
// Rule V3.
absl::Status CheckNotReserved(const Newborn& newborn, const Turn& turn) {
  if (newborn.slot_case().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(CaseHead holder, CaseOf(turn, IdFrom<CaseId>(newborn.slot_case())));
  if (holder.state() != static_cast<int>(CaseState::kReserved)) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kAborted, "ISSUE_IN_PROGRESS",
                      "a successor of the certificate is being issued: try again");
}

}  // namespace

Result<Revoke> Apply(Revoke& command, Turn& turn) {
  RETURN_IF_ERROR(TwoPersons(command.first_operator, command.second_operator));
  const certs::Digest content =
      certs::Sm3Of(absl::StrCat(command.number, certs::View(command.decision_sm3)));
  ASSIGN_OR_RETURN(std::optional<RequestAnswer> first,
                   FirstAnswer(turn, command.request_key, content));
  ASSIGN_OR_RETURN(std::optional<std::string> index,
                   turn.view.Get(Family::kLicences, LicenceKey(command.number)));
  if (!index) {
    return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN", "no such certificate");
  }
  const std::optional<uint64_t> status_index = ParseBigEndian64(*index);
  if (!status_index) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                        "reading the index of a number");
  }
  ASSIGN_OR_RETURN(CertificateHead head, CertificateOf(turn, certs::StatusIndex(*status_index)));
  if (first) return CertificateAnswer{std::move(head), false};
  if (!certs::MayBecome(static_cast<CertificateState>(head.state()), CertificateState::kRevoked)) {
    return Refused("CERTIFICATE_NOT_VALID", "the certificate has ended already");
  }
  const std::string newborn_id = head.reservation().newborn_id();
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, newborn_id));
  RETURN_IF_ERROR(CheckNotReserved(newborn, turn));
  RETURN_IF_ERROR(
      Void(turn, CertificateState::kRevoked, command.reason, command.salt, "", newborn, head));
  newborn.set_valid_certificate(0);
  turn.view.PutRecord(Family::kNewborns, newborn_id, newborn);
  Remember(turn, command.request_key, content, IndexKey(*status_index), command.number);
  return CertificateAnswer{std::move(head), true};
}

}  // namespace birthseal::store::apply
