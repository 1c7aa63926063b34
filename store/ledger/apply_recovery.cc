// SPDX-License-Identifier: Apache-2.0
// Leaves that a mirror has and the store lost, and what follows from them; new log epochs.
//
// What a leaf does not say (numbers, names, documents, reasons) stays lost. Wherever that leaves a
// doubt, the doubt stops something: numbers are held, seals suspended, operators inactive, until
// people say what is so.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/log_update.h"
#include "certs/proof/merkle.h"
#include "store/ledger/apply_parts.h"
#include "store/meta.h"

namespace birthseal::store::apply {

using certs::CertificateState;
using certs::Leaf;
using certs::LeafKind;
using certs::MapChange;
using storage::v1::CertificateHead;
using storage::v1::Meta;
using storage::v1::Newborn;
using storage::v1::Reservation;

namespace {

constexpr int64_t kMicrosOfMinute = 60'000'000;

absl::Status DoesNotContinue(absl::string_view what) {
  return certs::Error(absl::StatusCode::kFailedPrecondition, "MIRROR_DOES_NOT_CONTINUE", what);
}

// One leaf of the mirror, read.
struct Recovered {
  Leaf leaf;
  std::vector<MapChange> changes;
  uint64_t place = 0;
  NewbornId newborn;
};

absl::StatusOr<Recovered> Read(const RecoverLeaves::Item& item) {
  Recovered recovered;
  ASSIGN_OR_RETURN(recovered.leaf, certs::ParseLeaf(item.leaf));
  // It comes to stand in records, which could be written with other bytes and never read again.
  const std::string& code = recovered.leaf.institution_code;
  if (!std::all_of(code.begin(), code.end(),
                   [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return DoesNotContinue("a leaf names an institution by what is no code");
  }
  for (const std::string& change : item.changes) {
    ASSIGN_OR_RETURN(MapChange parsed, certs::ParseMapChange(change));
    recovered.changes.push_back(std::move(parsed));
  }
  recovered.newborn = item.newborn;
  return recovered;
}

absl::StatusOr<std::optional<CertificateHead>> HeadOf(const Turn& turn, uint64_t status_index) {
  return turn.view.Find<CertificateHead>(Family::kCertificates, IndexKey(status_index));
}

// The open reservation of this status index. There are few, so all are looked at.
absl::StatusOr<std::optional<Reservation>> OpenOf(const Turn& turn, uint64_t status_index) {
  std::optional<Reservation> found;
  bool unreadable = false;
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kReservations, "", [&](absl::string_view, absl::string_view value) {
        Reservation reservation;
        unreadable = !reservation.ParseFromArray(value.data(), static_cast<int>(value.size()));
        if (!unreadable && reservation.status_index() == status_index) found = reservation;
        return !unreadable && !found;
      }));
  if (unreadable) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a reservation");
  }
  return found;
}

absl::Status RecoverIntent(const Recovered& recovered, Turn& turn) {
  Meta& meta = turn.view.meta();
  if (recovered.leaf.status_index != meta.next_status_index()) {
    return DoesNotContinue("an INTENT has a status index that is not the next one");
  }
  meta.set_next_status_index(meta.next_status_index() + 1);
  return absl::OkStatus();
}

// The newborn that the caller found for one of the labels; its word is checked.
absl::StatusOr<std::string> NewbornFor(const Recovered& recovered, const Turn& turn) {
  if (recovered.newborn.empty()) return std::string();
  const std::string id = IdKey(recovered.newborn);
  ASSIGN_OR_RETURN(const Newborn newborn, NewbornOf(turn, id));
  for (const MapChange& change : recovered.changes) {
    const std::string label = certs::Bytes(change.before.label);
    const auto& known = newborn.map_labels();
    if (std::find(known.begin(), known.end(), label) != known.end()) return id;
  }
  return DoesNotContinue("a certificate was given to a newborn that has none of its labels");
}

// What the leaves say of a certificate, when its reservation is lost as well.
absl::StatusOr<Reservation> ReservationFrom(const Recovered& recovered, const Turn& turn) {
  const Leaf& leaf = recovered.leaf;
  const certs::LogEpoch epoch = EpochAt(recovered.place);
  // 0 names none, and what a place has no room for would be a leaf of another epoch.
  const uint64_t index = leaf.intent_index - 1;
  if (IndexAt(index).value() != index)
    return DoesNotContinue("an ISSUED names no INTENT of its epoch");
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   turn.view.LeafAt(PlaceOf(epoch, certs::LeafIndex(index))));
  if (!bytes) return DoesNotContinue("the INTENT of an ISSUED is not in the log");
  ASSIGN_OR_RETURN(const Leaf intent, certs::ParseLeaf(*bytes));
  if (intent.kind != LeafKind::kIntent || intent.status_index != leaf.status_index) {
    return DoesNotContinue("the INTENT of an ISSUED is that of another certificate");
  }
  Reservation reservation;
  reservation.set_status_index(leaf.status_index);
  reservation.set_intent_index(index);
  reservation.set_log_epoch(epoch.value());
  reservation.set_institution_code(leaf.institution_code);
  reservation.set_signing_time(intent.log_minute * 60);
  reservation.set_leaf(*bytes);
  ASSIGN_OR_RETURN(*reservation.mutable_newborn_id(), NewbornFor(recovered, turn));
  return reservation;
}

// The case, number and indexes of a reservation whose certificate was issued.
absl::Status CloseAsIssued(const Reservation& reservation, CertificateHead& head, Turn& turn) {
  const CaseId case_id = IdFrom<CaseId>(reservation.case_id());
  ASSIGN_OR_RETURN(storage::v1::CaseHead application, CaseOf(turn, case_id));
  RETURN_IF_ERROR(Move(application, certs::CaseEvent::kIssue));
  application.set_updated_time(turn.micros);
  turn.view.PutRecord(Family::kCases, IdKey(case_id), application);
  RETURN_IF_ERROR(MoveNumber(turn, reservation.certificate_number(), certs::NumberState::kUsed));
  head.set_kind(application.kind());
  head.set_supersedes(application.predecessor_number());
  turn.view.Put(Family::kLicences, LicenceKey(reservation.certificate_number()),
                IndexKey(reservation.status_index()));
  turn.view.Put(
      Family::kClaims,
      DigestKey(certs::NumberClaim(turn.context.index_key, reservation.certificate_number())),
      reservation.newborn_id());
  turn.view.Erase(Family::kReservations, IndexKey(IntentKeyOf(reservation)));
  return absl::OkStatus();
}

// The newborn has this certificate, so that it cannot get another one.
absl::Status GiveToNewborn(const Reservation& reservation, Turn& turn) {
  if (reservation.newborn_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, reservation.newborn_id()));
  if (newborn.valid_certificate() != 0) {
    return DoesNotContinue("a newborn with a valid certificate got another one");
  }
  newborn.set_valid_certificate(reservation.status_index());
  newborn.add_certificates(reservation.status_index());
  if (!reservation.case_id().empty()) newborn.clear_slot_case();
  turn.view.PutRecord(Family::kNewborns, reservation.newborn_id(), newborn);
  return absl::OkStatus();
}

absl::Status RecoverIssued(const Recovered& recovered, Turn& turn) {
  const uint64_t status_index = recovered.leaf.status_index;
  ASSIGN_OR_RETURN(const std::optional<CertificateHead> known, HeadOf(turn, status_index));
  if (known) return DoesNotContinue("a certificate that is known was issued again");
  CertificateHead head;
  ASSIGN_OR_RETURN(std::optional<Reservation> open, OpenOf(turn, status_index));
  if (open) {
    *head.mutable_reservation() = *open;
    RETURN_IF_ERROR(CloseAsIssued(*open, head, turn));
  } else {
    ASSIGN_OR_RETURN(*head.mutable_reservation(), ReservationFrom(recovered, turn));
  }
  head.set_state(static_cast<int>(CertificateState::kValid));
  head.set_issued_leaf(recovered.place);
  head.set_issued_time(recovered.leaf.log_minute * kMicrosOfMinute);
  head.set_document_lost(true);
  RETURN_IF_ERROR(GiveToNewborn(head.reservation(), turn));
  turn.view.PutRecord(Family::kCertificates, IndexKey(status_index), head);
  turn.view.AddOutboxEvent("ISSUED", status_index, head.reservation().newborn_id(), turn.micros);
  Meta& meta = turn.view.meta();
  meta.set_certificates_issued(meta.certificates_issued() + 1);
  return absl::OkStatus();
}

// The next leaf issues a certificate for one of the labels that this voiding frees.
bool Succeeds(const Recovered& voided, const Recovered* next) {
  if (next == nullptr || next->leaf.kind != LeafKind::kIssued) return false;
  for (const MapChange& freed : voided.changes) {
    for (const MapChange& taken : next->changes) {
      if (freed.before.label == taken.before.label) return true;
    }
  }
  return false;
}

absl::Status RecoverVoided(const Recovered& recovered, const Recovered* next, Turn& turn) {
  const uint64_t status_index = recovered.leaf.status_index;
  ASSIGN_OR_RETURN(std::optional<CertificateHead> head, HeadOf(turn, status_index));
  if (!head || head->state() != static_cast<int>(CertificateState::kValid)) {
    return DoesNotContinue("a certificate was voided that is not in force");
  }
  head->set_state(static_cast<int>(Succeeds(recovered, next) ? CertificateState::kExchanged
                                                             : CertificateState::kRevoked));
  head->set_void_reason(std::string(kRecoveredFromLog));
  head->set_voided_leaf(recovered.place + 1);
  turn.view.PutRecord(Family::kCertificates, IndexKey(status_index), *head);
  const std::string& newborn_id = head->reservation().newborn_id();
  if (!newborn_id.empty()) {
    ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, newborn_id));
    if (newborn.valid_certificate() == status_index) newborn.set_valid_certificate(0);
    turn.view.PutRecord(Family::kNewborns, newborn_id, newborn);
  }
  turn.view.AddOutboxEvent("VOIDED", status_index, newborn_id, turn.micros);
  Meta& meta = turn.view.meta();
  meta.set_certificates_voided(meta.certificates_voided() + 1);
  return absl::OkStatus();
}

// The label leads to the newborn's certificate from now on, and must end with it.
absl::Status RecoverClaim(const Recovered& recovered, Turn& turn) {
  ASSIGN_OR_RETURN(const std::optional<CertificateHead> head,
                   HeadOf(turn, recovered.leaf.status_index));
  if (!head) return DoesNotContinue("a claim was added to a certificate that is not known");
  const std::string& newborn_id = head->reservation().newborn_id();
  if (newborn_id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Newborn newborn, NewbornOf(turn, newborn_id));
  for (const MapChange& change : recovered.changes) {
    const std::string label = certs::Bytes(change.before.label);
    const auto& known = newborn.map_labels();
    if (std::find(known.begin(), known.end(), label) == known.end()) newborn.add_map_labels(label);
  }
  turn.view.PutRecord(Family::kNewborns, newborn_id, newborn);
  return absl::OkStatus();
}

absl::Status RecoverCancelled(const Recovered& recovered, Turn& turn) {
  ASSIGN_OR_RETURN(std::optional<Reservation> open, OpenOf(turn, recovered.leaf.status_index));
  return open ? EndReservation(turn, *open, kRecoveredFromLog) : absl::OkStatus();
}

// What the registry says of the institution's seal or operators may be older than this leaf.
absl::Status SuspendSeal(const Recovered& recovered, Turn& turn) {
  const std::string key = RegistryKey(RegistryKind::kSeal, recovered.leaf.institution_code);
  ASSIGN_OR_RETURN(auto seal, turn.view.Find<storage::v1::SealRecord>(Family::kRegistry, key));
  if (!seal) return absl::OkStatus();
  seal->set_suspended(true);
  turn.view.PutRecord(Family::kRegistry, key, *seal);
  return absl::OkStatus();
}

absl::Status RetireOperators(const Recovered& recovered, Turn& turn) {
  std::vector<std::pair<std::string, storage::v1::Operator>> retired;
  RETURN_IF_ERROR(
      turn.view.Scan(Family::kRegistry, RegistryPrefix(RegistryKind::kOperator),
                     [&](absl::string_view key, absl::string_view value) {
                       storage::v1::Operator who;
                       if (who.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
                           who.institution_code() == recovered.leaf.institution_code) {
                         retired.emplace_back(std::string(key), std::move(who));
                       }
                       return true;
                     }));
  for (auto& [key, who] : retired) {
    who.set_active(false);
    turn.view.PutRecord(Family::kRegistry, key, who);
  }
  return absl::OkStatus();
}

// The old log ends as it stands, which must be what `leaf` says; its successor begins with it.
absl::Status BeginEpoch(const Leaf& leaf, const certs::Recovery& recovery, Turn& turn) {
  Meta& meta = turn.view.meta();
  if (!turn.view.leaves().empty()) {
    return certs::Error(absl::StatusCode::kAborted, "BATCH_HAS_LEAVES",
                        "a log epoch ends between batches: alone, please");
  }
  if (recovery.old_epoch != meta.log_epoch() || recovery.kept_size != meta.log_size() ||
      certs::Bytes(recovery.kept_root) != meta.log_root() ||
      recovery.kept_map_root != MapRootOf(meta) || recovery.lost_size < recovery.kept_size) {
    return DoesNotContinue("the RECOVERY does not end the log that is here");
  }
  storage::v1::LogEpoch* past = meta.add_past_epochs();
  past->set_epoch(meta.log_epoch());
  past->set_size(meta.log_size());
  past->set_root(meta.log_root());
  past->set_map_root(certs::Bytes(MapRootOf(meta)));
  meta.set_log_epoch(meta.log_epoch() + 1);
  meta.set_log_size(0);
  meta.set_log_root(certs::Bytes(certs::EmptyRoot()));
  // Each lost leaf may have been an INTENT with a status index of its own.
  meta.set_next_status_index(meta.next_status_index() + recovery.lost_size - recovery.kept_size);
  turn.view.AppendLeaf(leaf);
  return HoldStock(turn, nullptr);
}

// The old log is followed to here leaf by leaf: it ends, and the new one begins with these bytes.
absl::Status RecoverEpoch(const Recovered& recovered, Turn& turn) {
  ASSIGN_OR_RETURN(const certs::Recovery recovery, certs::ParseRecovery(recovered.leaf.detail));
  if (recovered.leaf.commitment != certs::Commit("", recovered.leaf.detail) ||
      !recovered.changes.empty()) {
    return DoesNotContinue("a RECOVERY does not commit to what it says");
  }
  return BeginEpoch(recovered.leaf, recovery, turn);
}

absl::Status FollowFrom(const Recovered& recovered, const Recovered* next, Turn& turn) {
  switch (recovered.leaf.kind) {
    case LeafKind::kIntent:
      return RecoverIntent(recovered, turn);
    case LeafKind::kIssued:
      return RecoverIssued(recovered, turn);
    case LeafKind::kVoided:
      return RecoverVoided(recovered, next, turn);
    case LeafKind::kCancelled:
      return RecoverCancelled(recovered, turn);
    case LeafKind::kSealEnrolled:
    case LeafKind::kSealSuspended:
      return SuspendSeal(recovered, turn);
    case LeafKind::kOperatorChanged:
      return RetireOperators(recovered, turn);
    case LeafKind::kClaimAdded:
      return RecoverClaim(recovered, turn);
    case LeafKind::kProfileChanged:
    case LeafKind::kRecovery:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status RecoverOne(const RecoverLeaves::Item& item, const Recovered* next,
                        certs::LogFollower& follower, Recovered& recovered, Turn& turn) {
  RETURN_IF_ERROR(follower.Follow(item.leaf, item.changes));
  const certs::LeafIndex index = turn.view.AppendLeaf(recovered.leaf);
  recovered.place = turn.view.PlaceOf(index);
  for (const MapChange& change : recovered.changes) {
    RETURN_IF_ERROR(turn.view.ChangeMap(index, change.before.label, change.value));
  }
  return FollowFrom(recovered, next, turn);
}

}  // namespace

Result<RecoverLeaves> Apply(RecoverLeaves& command, Turn& turn) {
  std::vector<Recovered> leaves;
  for (const RecoverLeaves::Item& item : command.items) {
    ASSIGN_OR_RETURN(Recovered recovered, Read(item));
    leaves.push_back(std::move(recovered));
  }
  size_t next = 0;
  if (!leaves.empty() && leaves[0].leaf.kind == LeafKind::kRecovery) {
    RETURN_IF_ERROR(RecoverEpoch(leaves[0], turn));
    next = 1;
  }
  // The rules of the map alone: that the leaves are the right ones shows in the root.
  certs::LogState state;
  state.epoch = certs::LogEpoch(turn.view.meta().log_epoch());
  state.map_root = MapRootOf(turn.view.meta());
  certs::LogFollower follower(state);
  std::set<std::string> institutions;
  for (; next < leaves.size(); ++next) {
    const Recovered* following = next + 1 < leaves.size() ? &leaves[next + 1] : nullptr;
    RETURN_IF_ERROR(RecoverOne(command.items[next], following, follower, leaves[next], turn));
    if (leaves[next].leaf.kind == LeafKind::kIntent) {
      institutions.insert(leaves[next].leaf.institution_code);
    }
  }
  if (follower.state().map_root != MapRootOf(turn.view.meta())) {
    return DoesNotContinue("the changes of the map lead to another root");
  }
  if (!institutions.empty()) RETURN_IF_ERROR(HoldStock(turn, &institutions));
  return Done{};
}

Result<OpenEpoch> Apply(OpenEpoch& command, Turn& turn) {
  const Meta& meta = turn.view.meta();
  certs::Recovery recovery;
  recovery.old_epoch = meta.log_epoch();
  recovery.kept_size = meta.log_size();
  ASSIGN_OR_RETURN(recovery.kept_root, LogRootOf(meta));
  recovery.kept_map_root = MapRootOf(meta);
  recovery.lost_size = command.lost_size.value();
  recovery.lost_root = command.lost_root;
  if (command.lost_size.value() <= meta.log_size()) {
    return Refused("NOTHING_LOST", "the log is not shorter than what was signed for");
  }
  Leaf leaf;
  leaf.kind = LeafKind::kRecovery;
  leaf.log_minute = turn.micros / kMicrosOfMinute;
  leaf.detail = certs::Canonical(recovery);
  leaf.commitment = certs::Commit("", leaf.detail);
  RETURN_IF_ERROR(BeginEpoch(leaf, recovery, turn));
  return Done{};
}

}  // namespace birthseal::store::apply
