// SPDX-License-Identifier: Apache-2.0
// What is read: every committed state against all that was said and seen before.
#include "absl/strings/str_cat.h"
#include "certs/lifecycle.h"
#include "certs/proof/merkle.h"
#include "store/keys.h"
#include "tests/simulation/model.h"

namespace birthseal::simulation {

using certs::CaseState;
using certs::CertificateState;
using certs::NumberState;
using storage::v1::CertificateHead;
using store::Family;
using store::Snapshot;

void Model::Observe(const Snapshot& snapshot, Depth depth) {
  const auto meta = Read<storage::v1::Meta>(snapshot, Family::kMeta, store::MetaKey());
  if (!meta.has_value()) {
    if (meta_.batch_sequence() > 0) Fail("the store is empty again");
    return;
  }
  ObserveLog(snapshot, *meta, depth);
  ObserveAudit(snapshot, *meta);
  ObserveMeta(*meta);
  if (depth == Depth::kAll) {
    for (const auto& [status, life] : log_.lives()) {
      if (life.is_issued) fresh_certificates_.insert(status);
    }
    for (const auto& [id, filed] : cases_) fresh_cases_.insert(id);
    for (const auto& [number, state] : numbers_) fresh_numbers_.insert(number);
    fresh_newborns_ = newborns_;
    for (auto& [key, range] : ranges_) ObserveStock(snapshot, key, range);
    for (const auto& [id, newborn] : deliveries_) ObserveDelivery(snapshot, id);
    ObserveClaims(snapshot);
    ObserveOpen(snapshot);
  }
  for (const uint64_t status : fresh_certificates_) ObserveCertificate(snapshot, status);
  for (const std::string& id : fresh_cases_) ObserveCase(snapshot, id);
  for (const std::string& number : fresh_numbers_) ObserveNumber(snapshot, number);
  for (const std::string& id : fresh_newborns_) ObserveNewborn(snapshot, id);
  fresh_certificates_.clear();
  fresh_cases_.clear();
  fresh_numbers_.clear();
  fresh_newborns_.clear();
  if (depth == Depth::kAll) {
    CheckExchanges();
    CheckSlots();
    ObserveMap(snapshot, *meta);
  }
}

void Model::ObserveMeta(const storage::v1::Meta& meta) {
  if (meta.batch_sequence() < meta_.batch_sequence()) Fail("a batch that was seen is gone");
  if (meta.ledger_time() < meta_.ledger_time()) Fail("ledger time went back");
  if (meta.deliveries_accepted() + meta.deliveries_rejected() > messages_.size()) {
    Fail("more deliveries than feed messages");
  }
  if (meta.log_size() != log_.size()) Fail("the log is shorter than what was seen");
  if (meta.log_root() != certs::View(log_.Root()))
    Fail("the stored root is not that of the leaves");
  meta_ = meta;
}

void Model::ObserveLog(const Snapshot& snapshot, const storage::v1::Meta& meta, Depth depth) {
  if (depth == Depth::kAll) {
    for (uint64_t i = 0; i < log_.size(); ++i) {
      const auto bytes = snapshot.Get(Family::kLeaves, store::IndexKey(i));
      if (!bytes.ok() || certs::LeafHash(*bytes) != log_.hashes()[i]) {
        return Fail(absl::StrCat("leaf ", i, " is not what it was"));
      }
    }
  }
  while (log_.size() < meta.log_size()) {
    const uint64_t index = log_.size();
    const auto bytes = snapshot.Get(Family::kLeaves, store::IndexKey(index));
    if (!bytes.ok()) return Fail(absl::StrCat("leaf ", index, " is missing"));
    Fail(log_.Add(*bytes));
    if (log_.size() == index) return;  // unreadable: said already
    const certs::Leaf& leaf = log_.leaf(index);
    if (leaf.log_minute * 60'000'000 > meta.ledger_time()) Fail("a leaf from the future");
    if (leaf.kind == certs::LeafKind::kIntent && clock_bad_) {
      Fail("an INTENT by a clock that cannot be trusted");
    }
    if (leaf.kind == certs::LeafKind::kIssued || leaf.kind == certs::LeafKind::kVoided) {
      fresh_certificates_.insert(leaf.status_index);
    }
  }
}

void Model::ObserveAudit(const Snapshot& snapshot, const storage::v1::Meta& meta) {
  if (meta.next_audit() < audit_seen_) return Fail("the audit trail became shorter");
  for (; audit_seen_ < meta.next_audit(); ++audit_seen_) {
    const auto bytes = snapshot.Get(Family::kAudit, store::IndexKey(audit_seen_));
    storage::v1::AuditEntry entry;
    if (!bytes.ok() || !entry.ParseFromString(*bytes)) {
      return Fail(absl::StrCat("audit entry ", audit_seen_, " is missing"));
    }
    if (entry.previous_sm3() != audit_head_) Fail("the audit trail is broken");
    audit_head_ = certs::Bytes(certs::Sm3Of(*bytes));
    if (entry.action() == "Access" && entry.result() == "OK") recorded_.insert(entry.cause());
  }
  if (meta.audit_head() != audit_head_) Fail("the audit trail ends with another entry");
  for (const std::string& cause : accesses_) {
    if (recorded_.count(cause) == 0) Fail("a disclosing read was released unrecorded");
  }
  accesses_.clear();
}

void Model::ObserveCertificate(const Snapshot& snapshot, uint64_t status_index) {
  const LogModel::Life* life = log_.Find(status_index);
  const auto head =
      Read<CertificateHead>(snapshot, Family::kCertificates, store::IndexKey(status_index));
  if (!head.has_value()) return Fail(absl::StrCat("certificate ", status_index, " is missing"));
  if (life == nullptr || !life->is_issued) return Fail("a certificate without ISSUED");
  CertificateHead fixed = *head;
  fixed.clear_state();
  fixed.clear_superseded_by();
  fixed.clear_voided_leaf();
  fixed.clear_void_reason();
  fixed.clear_voided_salt();
  std::string bytes = fixed.SerializeAsString();
  const auto [known, added] = certificates_.emplace(status_index, Certificate{bytes, *head});
  if (added) {
    CheckNew(snapshot, *head, status_index);
  } else if (known->second.fixed != bytes) {
    Fail(absl::StrCat("certificate ", status_index, " was changed"));
  } else if (known->second.head.state() != head->state() &&
             known->second.head.state() != static_cast<int>(CertificateState::kValid)) {
    Fail(absl::StrCat("certificate ", status_index, " changed its end"));
  }
  known->second.head = *head;
  const bool valid = head->state() == static_cast<int>(CertificateState::kValid);
  if (valid == life->is_voided) {
    Fail(absl::StrCat("certificate ", status_index, ": status and log disagree"));
  }
  if (life->is_voided) CheckVoided(*head, *life);
  newborns_.insert(head->reservation().newborn_id());
  fresh_newborns_.insert(head->reservation().newborn_id());
  fresh_numbers_.insert(head->reservation().certificate_number());
}

// A certificate seen for the first time: leaf, opening, document and answer tell one story.
void Model::CheckNew(const Snapshot& snapshot, const CertificateHead& head, uint64_t status_index) {
  const LogModel::Life& life = *log_.Find(status_index);
  const storage::v1::Reservation& reservation = head.reservation();
  if (head.issued_leaf() != life.issued || reservation.intent_index() != life.intent ||
      reservation.status_index() != status_index) {
    Fail(absl::StrCat("certificate ", status_index, " names other leaves than the log"));
  }
  const auto promised = reservations_.find(life.intent);
  if (promised != reservations_.end() && promised->second != reservation.SerializeAsString()) {
    Fail("issued with another reservation than the one answered");
  }
  // What is damaged opens no leaf.
  const certs::Digest face = certs::DigestFrom(reservation.face_digest()).value_or(certs::Digest{});
  const certs::Digest file = certs::DigestFrom(head.file_sm3()).value_or(certs::Digest{});
  if (log_.leaf(life.intent).commitment !=
          certs::Commit(reservation.salt(), certs::IntentOpening(face, reservation.licence_id(),
                                                                 reservation.document_id())) ||
      log_.leaf(life.issued).commitment != certs::Commit(head.issued_salt(), head.file_sm3())) {
    Fail(absl::StrCat("certificate ", status_index, " does not open its leaves"));
  }
  const auto sent = commits_.find(file);
  const auto document = snapshot.Get(Family::kDocuments, store::IndexKey(status_index));
  if (sent == commits_.end() || sent->second.intent != life.intent || !document.ok() ||
      *document != sent->second.recipe) {
    Fail(absl::StrCat("certificate ", status_index, " has another document than was sealed"));
  }
  bool claimed = false;
  for (const std::string& claim : mother_claims_) {
    const auto owner = snapshot.Get(Family::kClaims, claim);
    claimed |= owner.ok() && *owner == reservation.newborn_id();
  }
  if (!claimed) Fail("issued to a newborn whose mother nobody named");
}

void Model::CheckVoided(const CertificateHead& head, const LogModel::Life& life) {
  const std::string& number = head.reservation().certificate_number();
  if (head.voided_leaf() != life.voided + 1) Fail("a voided certificate names another leaf");
  if (life.voided <= life.issued) Fail("voided before it was issued");
  const bool revoked = head.state() == static_cast<int>(CertificateState::kRevoked);
  if (revoked && revocations_.count(number) == 0) Fail("revoked without a decision");
  if (revoked == !head.superseded_by().empty()) Fail("a voided certificate without its cause");
}

void Model::ObserveNewborn(const Snapshot& snapshot, const std::string& id) {
  const auto newborn = Read<storage::v1::Newborn>(snapshot, Family::kNewborns, id);
  if (!newborn.has_value()) return Fail("a newborn that was answered is missing");
  uint64_t valid = 0;
  for (const auto& [status, certificate] : certificates_) {
    if (certificate.head.reservation().newborn_id() != id) continue;
    if (certificate.head.state() != static_cast<int>(CertificateState::kValid)) continue;
    if (valid != 0) Fail("ONE NEWBORN HAS TWO VALID CERTIFICATES");
    valid = status;
  }
  if (newborn->valid_certificate() != valid) Fail("a newborn's head names another certificate");
  const std::string& slot = newborn->slot_case();
  if (slot.empty()) return;
  const auto holder = Read<storage::v1::CaseHead>(snapshot, Family::kCases, slot);
  if (!holder.has_value() || (holder->state() != static_cast<int>(CaseState::kApproved) &&
                              holder->state() != static_cast<int>(CaseState::kReserved))) {
    Fail("a slot is held by a case that needs none");
  }
}

void Model::Ended(const Snapshot& snapshot) {
  Observe(snapshot, Depth::kAll);
  for (const auto& [status, life] : log_.lives()) {
    if (!life.ended()) Fail(absl::StrCat("INTENT ", life.intent, " was never finished"));
  }
  for (const std::string& number : revoked_) {
    const auto index = snapshot.Get(Family::kLicences, store::LicenceKey(number));
    const std::optional<uint64_t> status =
        index.ok() ? store::ParseBigEndian64(*index) : std::nullopt;
    if (!status || log_.Find(*status) == nullptr || !log_.Find(*status)->is_voided) {
      Fail("a revocation that was answered is gone");
    }
  }
}

}  // namespace birthseal::simulation
