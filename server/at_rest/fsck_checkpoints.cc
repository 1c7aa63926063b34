// SPDX-License-Identifier: Apache-2.0
// The part of the check that concerns checkpoints and the receipts that stand on them.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/map_proof.h"
#include "server/at_rest/fsck_signature_pass.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"

namespace birthseal::server {

using storage::v1::CertificateHead;
using store::Family;

namespace {

uint64_t PlaceOf(const storage::v1::StoredReceipt& receipt) {
  return store::PlaceOf({certs::LogEpoch(receipt.epoch()), certs::LogSize(receipt.size())});
}

}  // namespace

void SignaturePass::CheckCheckpoint(const std::string& key, absl::string_view note) {
  const auto checkpoint = certs::ParseCheckpoint(note);
  if (!checkpoint.ok()) {
    Bad(Family::kCheckpoints, key, "CHECKPOINT_FORM");
    return;
  }
  const certs::TreeHead& head = checkpoint->head;
  const auto epoch = certs::EpochOf(head.origin, trust_.log_name);
  if (!epoch.ok() || store::IndexKey(store::PlaceOf({*epoch, certs::LogSize(head.size)})) != key) {
    Bad(Family::kCheckpoints, key, "CHECKPOINT_PLACE");
    return;
  }
  bool good = true;
  const auto root = store::RootAt(head.size, store::StoredNodes(&snapshot_, epoch->value()));
  if (!root.ok() || *root != head.root) good = Bad(Family::kCheckpoints, key, "CHECKPOINT_ROOT");
  good &= CheckLogKeys(key, *checkpoint);
  good &= CheckCosigners(key, *checkpoint);
  if (good) ++report_->checkpoints;
}

// Each key has signed, and no line claims to be the log's and is not.
bool SignaturePass::CheckLogKeys(const std::string& key, const certs::Checkpoint& checkpoint) {
  bool good = true;
  for (const certs::NoteVerifier& log_key : trust_.log_keys) {
    good &= certs::CheckSignature(checkpoint, log_key).ok();
  }
  for (const certs::NoteSignature& signature : checkpoint.signatures) {
    if (signature.key_name != trust_.log_name) continue;
    good &= std::any_of(trust_.log_keys.begin(), trust_.log_keys.end(),
                        [&](const auto& log_key) { return log_key(checkpoint.body, signature); });
  }
  return good || Bad(Family::kCheckpoints, key, "CHECKPOINT_LOG_SIGNATURE");
}

bool SignaturePass::CheckCosigners(const std::string& key, const certs::Checkpoint& checkpoint) {
  bool good = true, all_known = true;
  size_t held = 0;
  for (const certs::NoteSignature& signature : checkpoint.signatures) {
    if (signature.key_name == trust_.log_name) continue;
    const auto witness = std::find_if(
        trust_.witnesses.begin(), trust_.witnesses.end(), [&](const SignatureTrust::Witness& w) {
          return w.name == signature.key_name && w.key_hash == signature.key_hash;
        });
    if (witness == trust_.witnesses.end()) {
      all_known = false;
      NotCheckable(Family::kCheckpoints, key, "COSIGNER_KEY_UNKNOWN");
    } else if (witness->verifier(checkpoint.body, signature)) {
      ++held;
    } else {
      good = Bad(Family::kCheckpoints, key, "COSIGNATURE");
    }
  }
  // Witnesses change over the years: then the quorum of then cannot be counted.
  if (held < trust_.quorum && all_known && good) {
    good = Bad(Family::kCheckpoints, key, "CHECKPOINT_NOT_WITNESSED");
  }
  return good;
}

void SignaturePass::CheckReceipt(const std::string& key,
                                 const storage::v1::StoredReceipt& receipt) {
  const std::string named = absl::StrCat(Name(Family::kReceipts), "/", absl::BytesToHexString(key));
  const std::string place = store::IndexKey(PlaceOf(receipt));
  const auto note = snapshot_.Get(Family::kCheckpoints, place);
  if (!note.ok()) {
    Bad(Family::kCheckpoints, place, "MISSING", named);
    return;
  }
  const auto checkpoint = certs::ParseCheckpoint(*note);
  if (!checkpoint.ok()) return;  // named above
  const auto proof = certs::ParseMapProof(receipt.map_proof());
  const std::optional<uint64_t> index = store::ParseBigEndian64(key);
  const auto head = Find<CertificateHead>(Family::kCertificates, key);
  if (!proof.ok() || !index || !head) {
    Bad(Family::kReceipts, key, "RECEIPT_FORM");
    return;
  }
  const auto value = certs::CheckMapProof(*proof, checkpoint->head.map_root);
  const auto newborn =
      Find<storage::v1::Newborn>(Family::kNewborns, head->reservation().newborn_id());
  const bool of_newborn =
      newborn && std::find(newborn->map_labels().begin(), newborn->map_labels().end(),
                           certs::Bytes(proof->label)) != newborn->map_labels().end();
  if (!value.ok() || *value != *index || !of_newborn) {
    Bad(Family::kReceipts, key, "RECEIPT_MAP_PROOF");
  } else if (head->issued_leaf() >= PlaceOf(receipt)) {
    Bad(Family::kReceipts, key, "RECEIPT_BEFORE_ISSUE");
  } else {
    ++report_->map_proofs;
  }
}

}  // namespace birthseal::server
