// SPDX-License-Identifier: Apache-2.0
// Certificate heads against leaves, documents, numbers and newborns; newborns against them.
#include <algorithm>
#include <optional>

#include "absl/time/civil_time.h"
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/newborn.h"
#include "certs/proof/leaf.h"
#include "store/fsck/fsck_parts.h"
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::store::fsck {
namespace {

using certs::CertificateState;
using certs::Leaf;
using certs::LeafKind;
using storage::v1::CaseHead;
using storage::v1::CertificateHead;
using storage::v1::Newborn;
using storage::v1::NumberRecord;
using storage::v1::Reservation;

bool IsValid(const CertificateHead& head) {
  return head.state() == static_cast<int>(CertificateState::kValid);
}

// The leaf at `position` is of this kind and certificate, and its commitment opens to `what`; an
// empty salt was lost, then nothing opens.
void CheckLeaf(Checker& check, const Place& place, const Reservation& reservation,
               uint64_t position, LeafKind kind, absl::string_view salt, absl::string_view what) {
  const std::string key = IndexKey(position);
  if (!check.Need(Family::kLeaves, key, place)) return;
  const absl::StatusOr<Leaf> leaf = certs::ParseLeaf(check.Get(Family::kLeaves, key).value_or(""));
  if (!leaf.ok()) return;  // the pass over the leaves names it
  if (leaf->kind != kind || leaf->status_index != reservation.status_index() ||
      leaf->institution_code != reservation.institution_code() ||
      (kind == LeafKind::kIssued && leaf->intent_index != reservation.intent_index() + 1)) {
    return check.Bad(place, "HEAD_NOT_AS_LOGGED");
  }
  if (!salt.empty() && leaf->commitment != certs::Commit(salt, what)) {
    check.Bad(place, "COMMITMENT_DOES_NOT_OPEN");
  }
}

void CheckIntent(Checker& check, const Place& place, const Reservation& reservation) {
  const std::string key = IndexKey(IntentKeyOf(reservation));
  if (check.Get(Family::kLeaves, key).value_or(reservation.leaf()) != reservation.leaf()) {
    check.Bad(place, "HEAD_NOT_AS_LOGGED");
  }
  const std::optional<certs::Digest> face = certs::DigestFrom(reservation.face_digest());
  if (!face) return check.Bad(place, "FACE_DIGEST");
  CheckLeaf(check, place, reservation, IntentKeyOf(reservation).value(), LeafKind::kIntent,
            reservation.salt(),
            certs::IntentOpening(*face, reservation.licence_id(), reservation.document_id()));
}

// The case was approved for this very face, and stands where the reservation says.
void CheckCase(Checker& check, const Place& place, const Reservation& reservation,
               certs::CaseState state) {
  const auto head = check.Needed<CaseHead>(Family::kCases, reservation.case_id(), place);
  if (!head) return;
  const Place application{Family::kCases, reservation.case_id()};
  if (head->state() != static_cast<int>(state) ||
      head->status_index() != reservation.status_index() ||
      head->intent_index() != IntentKeyOf(reservation).value() + 1 ||
      head->certificate_number() != reservation.certificate_number() ||
      head->newborn_id() != reservation.newborn_id()) {
    // Which of the two was changed is not known: both are named.
    check.Bad(application, "CASE_NOT_AS_CERTIFICATE");
    check.Bad(place, "CASE_NOT_AS_CERTIFICATE");
  }
  const std::optional<certs::Digest> content = certs::DigestFrom(head->content_digest());
  absl::CivilDay day;
  if (!content || !absl::ParseCivilTime(reservation.issue_date(), &day) ||
      certs::Bytes(certs::FaceDigest(*content, reservation.certificate_number(), day)) !=
          reservation.face_digest()) {
    check.Bad(application, "CONTENT_NOT_AS_CERTIFICATE");
  }
}

void CheckNumber(Checker& check, const Place& place, const Reservation& reservation,
                 certs::NumberState state) {
  const std::string key = NumberKey(reservation.certificate_number());
  const auto record = check.Needed<NumberRecord>(Family::kNumbers, key, place);
  if (record && (record->state() != static_cast<int>(state) ||
                 record->newborn_id() != reservation.newborn_id() ||
                 record->case_id() != reservation.case_id())) {
    check.Bad(Family::kNumbers, key, "NUMBER_NOT_AS_CERTIFICATE", &place);
  }
}

void CheckIndex(Checker& check, const Place& place, const std::string& text,
                uint64_t status_index) {
  const std::string key = LicenceKey(text);
  if (check.Need(Family::kLicences, key, place) &&
      check.Get(Family::kLicences, key) != IndexKey(status_index)) {
    check.Bad(Family::kLicences, key, "INDEX_POINTS_ELSEWHERE", &place);
  }
}

void CheckClaim(Checker& check, const Place& place, const Reservation& reservation) {
  if (check.options.index_key.empty()) return;
  const std::string key =
      DigestKey(certs::NumberClaim(check.options.index_key, reservation.certificate_number()));
  if (check.Need(Family::kClaims, key, place) &&
      check.Get(Family::kClaims, key) != reservation.newborn_id()) {
    check.Bad(Family::kClaims, key, "INDEX_POINTS_ELSEWHERE", &place);
  }
}

// Ended as the log says, after a recovery: reason, salt and successor are lost.
bool IsRecovered(const CertificateHead& head) { return head.void_reason() == "RECOVERED_FROM_LOG"; }

// VALID exactly when no VOIDED leaf names it.
void CheckEnd(Checker& check, const Place& place, const CertificateHead& head) {
  if (IsValid(head)) {
    if (head.voided_leaf() != 0) check.Bad(place, "ENDED_BUT_NOT_SO_IN_HEAD");
    return;
  }
  if (!certs::MayBecome(CertificateState::kValid, static_cast<CertificateState>(head.state())) ||
      head.voided_leaf() == 0) {
    return check.Bad(place, "STATE_WITHOUT_REASON");
  }
  if (head.voided_salt().empty() && !IsRecovered(head)) check.Bad(place, "STATE_WITHOUT_REASON");
  CheckLeaf(check, place, head.reservation(), head.voided_leaf() - 1, LeafKind::kVoided,
            head.voided_salt(), head.void_reason());
}

// Predecessor and successor name each other.
void CheckChain(Checker& check, const Place& place, const CertificateHead& head) {
  const bool succeeded = head.state() == static_cast<int>(CertificateState::kExchanged) ||
                         head.state() == static_cast<int>(CertificateState::kReplaced);
  if (!IsRecovered(head) && succeeded == head.superseded_by().empty()) {
    check.Bad(place, "SUCCESSOR");
  }
  const auto other = [&](const std::string& number) -> std::optional<CertificateHead> {
    const std::string key = LicenceKey(number);
    if (!check.Need(Family::kLicences, key, place)) return std::nullopt;
    auto head =
        check.Find<CertificateHead>(Family::kCertificates, *check.Get(Family::kLicences, key));
    // Else the index is wrong, which is named where the number's own head is looked at.
    const bool right = head && head->reservation().certificate_number() == number;
    return right ? head : std::nullopt;
  };
  const std::string& own = head.reservation().certificate_number();
  if (!head.superseded_by().empty()) {
    const auto next = other(head.superseded_by());
    if (next && next->supersedes() != own) check.Bad(place, "SUCCESSOR");
  }
  if (!head.supersedes().empty()) {
    const auto before = other(head.supersedes());
    if (before && !IsRecovered(*before) && before->superseded_by() != own) {
      check.Bad(place, "PREDECESSOR");
    }
  }
}

void CheckNewbornOf(Checker& check, const Place& place, const CertificateHead& head) {
  const std::string& id = head.reservation().newborn_id();
  const auto newborn = check.Needed<Newborn>(Family::kNewborns, id, place);
  if (!newborn) return;
  const uint64_t index = head.reservation().status_index();
  const auto& all = newborn->certificates();
  if (std::find(all.begin(), all.end(), index) == all.end()) {
    check.Bad(Family::kNewborns, id, "CERTIFICATE_NOT_LISTED", &place);
  }
  if (IsValid(head) && newborn->valid_certificate() != index) {
    check.Bad(place, "SECOND_VALID_CERTIFICATE");
  }
}

void CheckDocument(Checker& check, const Place& place, uint64_t index,
                   const CertificateHead& head) {
  if (!check.Need(Family::kDocuments, place.key, place) || check.options.sealer == nullptr) return;
  const absl::StatusOr<std::string> file =
      DocumentOf(check.snapshot, *check.options.sealer, certs::StatusIndex(index));
  if (!file.ok()) {
    check.Bad(Family::kDocuments, place.key, "DOCUMENT_DAMAGED", &place);
  } else if (static_cast<int64_t>(file->size()) != head.file_size()) {
    check.Bad(place, "FILE_SIZE");
  }
}

// Known from the log alone, or from the log and its reservation; without a document.
void CheckLost(Checker& check, const Place& place, uint64_t index, const CertificateHead& head) {
  ++check.lost_documents;
  const Reservation& reservation = head.reservation();
  if (check.Get(Family::kDocuments, place.key)) check.Bad(place, "DOCUMENT_IS_NOT_LOST");
  CheckLeaf(check, place, reservation, IntentKeyOf(reservation).value(), LeafKind::kIntent, "", "");
  CheckLeaf(check, place, reservation, head.issued_leaf(), LeafKind::kIssued, "", "");
  CheckEnd(check, place, head);
  if (!reservation.newborn_id().empty()) CheckNewbornOf(check, place, head);
  if (reservation.case_id().empty()) return;
  CheckIntent(check, place, reservation);
  CheckCase(check, place, reservation, certs::CaseState::kIssued);
  CheckNumber(check, place, reservation, certs::NumberState::kUsed);
  CheckIndex(check, place, reservation.certificate_number(), index);
  CheckIndex(check, place, reservation.licence_id(), index);
  CheckClaim(check, place, reservation);
}

void CheckCertificate(Checker& check, const Place& place, const CertificateHead& head) {
  const Reservation& reservation = head.reservation();
  // 0, which is none, also for a key that is no number.
  const uint64_t index = ParseBigEndian64(place.key).value_or(0);
  if (index != reservation.status_index() || index == 0 ||
      index >= check.meta.next_status_index()) {
    return check.Bad(place, "STATUS_INDEX");
  }
  if (head.document_lost()) return CheckLost(check, place, index, head);
  CheckIntent(check, place, reservation);
  CheckLeaf(check, place, reservation, head.issued_leaf(), LeafKind::kIssued, head.issued_salt(),
            head.file_sm3());
  CheckEnd(check, place, head);
  CheckChain(check, place, head);
  CheckCase(check, place, reservation, certs::CaseState::kIssued);
  CheckNumber(check, place, reservation, certs::NumberState::kUsed);
  CheckIndex(check, place, reservation.certificate_number(), index);
  CheckIndex(check, place, reservation.licence_id(), index);
  CheckClaim(check, place, reservation);
  CheckNewbornOf(check, place, head);
  CheckDocument(check, place, index, head);
}

void CheckListed(Checker& check, const Place& place, const Newborn& newborn) {
  uint64_t last = 0;
  bool valid_listed = newborn.valid_certificate() == 0;
  for (const uint64_t index : newborn.certificates()) {
    if (index <= last) check.Bad(place, "CERTIFICATES_OUT_OF_ORDER");
    last = index;
    const auto head = check.Needed<CertificateHead>(Family::kCertificates, IndexKey(index), place);
    if (!head) continue;
    if (head->reservation().newborn_id() != place.key) {
      check.Bad(place, "CERTIFICATE_OF_ANOTHER_NEWBORN");
    }
    if (index == newborn.valid_certificate()) {
      valid_listed = true;
      if (!IsValid(*head)) check.Bad(place, "VALID_CERTIFICATE_HAS_ENDED");
    }
  }
  if (!valid_listed) check.Bad(place, "CERTIFICATE_NOT_LISTED");
}

void CheckNewborn(Checker& check, const Place& place, const Newborn& newborn) {
  CheckListed(check, place, newborn);
  CheckLabels(check, place, newborn);
  if (!newborn.slot_case().empty()) {
    const auto holder = check.Needed<CaseHead>(Family::kCases, newborn.slot_case(), place);
    if (holder && (holder->newborn_id() != place.key ||
                   (holder->state() != static_cast<int>(certs::CaseState::kApproved) &&
                    holder->state() != static_cast<int>(certs::CaseState::kReserved)))) {
      check.Bad(place, "SLOT_HOLDER");
    }
  }
  for (const std::string& id : newborn.open_reviews()) {
    const auto head = check.Needed<storage::v1::DeliveryHead>(Family::kDeliveries, id, place);
    if (head && !head->in_review()) check.Bad(place, "REVIEW_NOT_OPEN");
  }
  for (const std::string& id : newborn.conflicts_with()) check.Need(Family::kNewborns, id, place);
  if (!newborn.current_delivery().empty()) {
    const auto head = check.Needed<storage::v1::DeliveryHead>(Family::kDeliveries,
                                                              newborn.current_delivery(), place);
    if (head && head->newborn_id() != place.key) check.Bad(place, "DELIVERY_OF_ANOTHER_NEWBORN");
  }
}

}  // namespace

void CheckNewborns(Checker& check) {
  check.EachRecord<Newborn>(Family::kNewborns, [&](const Place& place, const Newborn& newborn) {
    if (!NewbornId::FromBytes(place.key)) return check.Bad(place, "KEY");
    CheckNewborn(check, place, newborn);
  });
  check.Each(Family::kClaims, [&](const Place& place, absl::string_view value) {
    if (place.key.size() != 32) check.Bad(place, "KEY");
    if (!check.Get(Family::kNewborns, value)) check.Bad(place, "INDEX_POINTS_ELSEWHERE");
  });
  check.Each(Family::kMothers, [&](const Place& place, absl::string_view value) {
    if (place.key.size() != 48 || !value.empty()) return check.Bad(place, "KEY");
    if (!check.Get(Family::kNewborns, absl::string_view(place.key).substr(32))) {
      check.Bad(place, "INDEX_POINTS_ELSEWHERE");
    }
  });
}

void CheckCertificates(Checker& check) {
  check.EachRecord<CertificateHead>(Family::kCertificates,
                                    [&](const Place& place, const CertificateHead& head) {
                                      CheckCertificate(check, place, head);
                                    });
  check.Each(Family::kDocuments, [&](const Place& place, absl::string_view) {
    check.Need(Family::kCertificates, place.key, place);
  });
}

void CheckReservations(Checker& check) {
  for (const auto& [status_index, reservation] : check.open) {
    const Place place{Family::kReservations, IndexKey(IntentKeyOf(reservation))};
    if (check.Get(Family::kReservations, place.key).value_or("") !=
        reservation.SerializeAsString()) {
      check.Bad(place, "KEY");
    }
    if (status_index == 0 || status_index >= check.meta.next_status_index() ||
        check.Get(Family::kCertificates, IndexKey(status_index))) {
      check.Bad(place, "STATUS_INDEX");
    }
    CheckIntent(check, place, reservation);
    CheckCase(check, place, reservation, certs::CaseState::kReserved);
    CheckNumber(check, place, reservation, certs::NumberState::kAllocated);
    CheckIndex(check, place, reservation.licence_id(), status_index);
    const auto newborn = check.Needed<Newborn>(Family::kNewborns, reservation.newborn_id(), place);
    if (newborn && newborn->slot_case() != reservation.case_id()) {
      check.Bad(Family::kNewborns, reservation.newborn_id(), "SLOT_HOLDER", &place);
    }
  }
}

void CheckLicences(Checker& check) {
  check.Each(Family::kLicences, [&](const Place& place, absl::string_view value) {
    const std::optional<uint64_t> index = ParseBigEndian64(value);
    if (!index) return check.Bad(place, "RECORD_UNREADABLE");
    const auto head = check.Find<CertificateHead>(Family::kCertificates, value);
    const auto open = check.open.find(*index);
    // A certificate that is known from the log alone has no text to be found by.
    const bool of_certificate =
        head && !place.key.empty() &&
        (LicenceKey(head->reservation().certificate_number()) == place.key ||
         LicenceKey(head->reservation().licence_id()) == place.key);
    const bool of_open =
        open != check.open.end() && LicenceKey(open->second.licence_id()) == place.key;
    if (!of_certificate && !of_open) check.Bad(place, "INDEX_POINTS_ELSEWHERE");
  });
}

}  // namespace birthseal::store::fsck
