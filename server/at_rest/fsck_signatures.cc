// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/fsck_signatures.h"

#include <google/protobuf/stubs/logging.h>

#include "absl/strings/str_cat.h"
#include "certs/lifecycle.h"
#include "server/at_rest/fsck_signature_pass.h"
#include "store/keys.h"
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::server {

using storage::v1::CaseHead;
using storage::v1::CertificateHead;
using storage::v1::Reservation;
using store::Family;

void SignaturePass::Run() {
  ReadOperators();
  EachRecord<storage::v1::CertificateHead>(
      store::Family::kCertificates,
      [this](const std::string& key, const storage::v1::CertificateHead& head) {
        CheckDocument(key, head);
      });
  EachRecord<storage::v1::CaseHead>(
      store::Family::kCases, [this](const std::string& key, const storage::v1::CaseHead& head) {
        CheckApprovals(key, head);
      });
  Each(store::Family::kCheckpoints,
       [this](const std::string& key, absl::string_view note) { CheckCheckpoint(key, note); });
  EachRecord<storage::v1::StoredReceipt>(
      store::Family::kReceipts,
      [this](const std::string& key, const storage::v1::StoredReceipt& receipt) {
        CheckReceipt(key, receipt);
      });
}

// The registry holds the newest record; the trail says since when.
void SignaturePass::ReadOperators() {
  std::map<std::string, int64_t> first_put;  // by SM3 of the record
  EachRecord<storage::v1::AuditEntry>(
      Family::kAudit, [&](const std::string&, const storage::v1::AuditEntry& entry) {
        if (entry.action() != store::NameOf(store::Command(store::PutOperator())) ||
            entry.result() != "OK") {
          return;
        }
        first_put.emplace(entry.subject(), entry.time());
      });
  const absl::Status ignored =
      snapshot_.Scan(Family::kRegistry, store::RegistryPrefix(store::RegistryKind::kOperator), "",
                     [&](absl::string_view, absl::string_view value) {
                       storage::v1::Operator record;
                       if (!record.ParseFromString(std::string(value))) return true;
                       RegisteredKey& mine = operators_[record.id()];
                       auto key = signer::PublicKey::FromSpki(record.public_key());
                       if (key.ok()) mine.key.emplace(*std::move(key));
                       const auto put = first_put.find(certs::Bytes(certs::Sm3Of(value)));
                       if (put != first_put.end()) mine.since = put->second;
                       return true;
                     });
  ignored.IgnoreError();
}

void SignaturePass::CheckDocument(const std::string& key, const CertificateHead& head) {
  if (options_.sealer == nullptr || !snapshot_.Get(Family::kDocuments, key).ok()) return;
  const auto file =
      store::DocumentOf(snapshot_, *options_.sealer, store::StatusIndexOf(head.reservation()));
  if (!file.ok()) {
    Bad(Family::kDocuments, key, "DOCUMENT_DAMAGED");
    return;
  }
  if (options_.on_read) options_.on_read(file->size());
  const signer::Report found = trust_.verifier->Verify(*file, trust_.now);
  bool good = true;
  for (const signer::LayerReport& layer : found.layers) {
    if (layer.layer == signer::Layer::kStatus || layer.result == signer::LayerResult::kOk) continue;
    good = Bad(Family::kDocuments, key, absl::StrCat("DOCUMENT_", signer::Name(layer.layer)));
  }
  if (good &&
      (!found.certificate || found.certificate->licence_id != head.reservation().licence_id() ||
       found.certificate->document_id != head.reservation().document_id())) {
    good = Bad(Family::kDocuments, key, "DOCUMENT_OF_ANOTHER_CERTIFICATE");
  }
  if (good) ++report_->documents;
}

std::optional<Reservation> SignaturePass::ReservationOf(const CaseHead& head) const {
  const auto issued =
      Find<CertificateHead>(Family::kCertificates, store::IndexKey(head.status_index()));
  if (issued) return issued->reservation();
  const std::optional<store::IntentKey> intent = store::IntentKeyOf(head);
  if (!intent) return std::nullopt;
  return Find<Reservation>(Family::kReservations, store::IndexKey(*intent));
}

void SignaturePass::CheckApprovals(const std::string& key, const CaseHead& head) {
  const auto state = static_cast<certs::CaseState>(head.state());
  const bool sealed = state == certs::CaseState::kReserved || state == certs::CaseState::kIssued;
  if (!sealed && state != certs::CaseState::kApproved) return;
  CheckApproval(key, "ISSUER", head.issuer(), head.content_digest());
  if (!sealed) return;
  const std::optional<Reservation> reservation = ReservationOf(head);
  if (reservation) CheckApproval(key, "SEALER", head.sealer(), reservation->face_digest());
  if (head.issuer().operator_id() == head.sealer().operator_id()) {
    Bad(Family::kCases, key, "SAME_PERSON_APPROVED_AND_SEALED");
  }
}

void SignaturePass::CheckApproval(const std::string& key, const char* who,
                                  const storage::v1::Approval& approval, absl::string_view digest) {
  const auto known = operators_.find(approval.operator_id());
  if (known == operators_.end()) {
    Bad(Family::kCases, key, absl::StrCat(who, "_UNKNOWN"));
    return;
  }
  const RegisteredKey& registered = known->second;
  if (!registered.key) {
    Bad(Family::kRegistry,
        store::RegistryKey(store::RegistryKind::kOperator, approval.operator_id()), "OPERATOR_KEY");
  } else if (registered.key->Verify(digest, approval.signature())) {
    ++report_->approvals;
  } else if (registered.since > approval.time()) {
    NotCheckable(Family::kCases, key, absl::StrCat(who, "_KEY_CHANGED_SINCE"));
  } else {
    Bad(Family::kCases, key, absl::StrCat(who, "_SIGNATURE"));
  }
}

SignatureReport CheckSignatures(const store::Snapshot& snapshot, const SignatureTrust& trust,
                                const store::FsckOptions& options) {
  SignatureReport report;
  const google::protobuf::LogSilencer quiet;
  SignaturePass(snapshot, trust, options, &report).Run();
  return report;
}

}  // namespace birthseal::server
