// SPDX-License-Identifier: Apache-2.0
// Places of certificates under the first witnessed checkpoint that covers them.
#include <algorithm>

#include "certs/proof/checkpoint.h"
#include "certs/proof/map_proof.h"
#include "store/ledger/apply_parts.h"
#include "store/log/merkle_log.h"

namespace birthseal::store::apply {

using storage::v1::CertificateHead;
using storage::v1::Newborn;
using storage::v1::StoredReceipt;

namespace {

absl::Status Invalid(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, reason, message);
}

// Stored nodes: what was not durable when the command was made has no checkpoint.
NodeReader NodesOf(const Run& run, uint64_t epoch) {
  return [&run, epoch](int level, uint64_t index) -> absl::StatusOr<certs::Digest> {
    ASSIGN_OR_RETURN(const std::optional<std::string> node,
                     run.view.Get(Family::kNodes, EpochNodeKey(epoch, level, index)));
    certs::Digest digest{};
    if (node && certs::DigestFrom(*node, &digest)) return digest;
    return certs::Error(absl::StatusCode::kDataLoss, "LOG_NODE_DAMAGED",
                        "a node of the log is absent or damaged");
  };
}

absl::StatusOr<uint64_t> SizeOfEpoch(const Run& run, uint64_t epoch) {
  const storage::v1::Meta& meta = run.view.meta();
  if (epoch == meta.log_epoch()) return meta.log_size();
  for (const storage::v1::LogEpoch& past : meta.past_epochs()) {
    if (past.epoch() == epoch) return past.size();
  }
  return Invalid("CHECKPOINT_NOT_OF_LOG", "the checkpoint is of no epoch of this log");
}

absl::StatusOr<certs::TreeHead> CheckedHead(const StoreReceipts& command, const Run& run) {
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(command.checkpoint));
  ASSIGN_OR_RETURN(const uint64_t size, SizeOfEpoch(run, command.epoch));
  if (checkpoint.head.size != command.size || command.size > size) {
    return Invalid("CHECKPOINT_NOT_OF_LOG", "the log is not of this size");
  }
  ASSIGN_OR_RETURN(const certs::Digest root, RootAt(command.size, NodesOf(run, command.epoch)));
  if (root != checkpoint.head.root) {
    return Invalid("CHECKPOINT_NOT_OF_LOG", "the log has another root at this size");
  }
  return checkpoint.head;
}

// The first checkpoint of a size stays: later proofs must hold under it too.
absl::Status CheckSameMap(const std::optional<std::string>& known, const certs::TreeHead& head) {
  if (!known) return absl::OkStatus();
  const absl::StatusOr<certs::Checkpoint> checkpoint = certs::ParseCheckpoint(*known);
  if (!checkpoint.ok()) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                        "reading a checkpoint that is kept");
  }
  if (checkpoint->head.map_root == head.map_root) return absl::OkStatus();
  return Invalid("CHECKPOINT_NOT_OF_LOG", "another checkpoint of this size has another map");
}

absl::Status CheckItem(const StoreReceipts& command, const StoreReceipts::Item& item,
                       const certs::TreeHead& head, const Run& run) {
  ASSIGN_OR_RETURN(
      const std::optional<CertificateHead> certificate,
      run.view.Find<CertificateHead>(Family::kCertificates, IndexKey(item.status_index)));
  if (!certificate) {
    return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN", "no such certificate");
  }
  const uint64_t issued = certificate->issued_leaf();
  if (EpochAt(issued) != command.epoch || IndexAt(issued) >= command.size) {
    return Invalid("RECEIPT_NOT_COVERED", "the certificate was issued after the checkpoint");
  }
  ASSIGN_OR_RETURN(const certs::MapProof proof, certs::ParseMapProof(item.map_proof));
  RETURN_IF_ERROR(certs::CheckMapProof(proof, head.map_root).status());
  ASSIGN_OR_RETURN(const Newborn newborn, NewbornOf(run, certificate->reservation().newborn_id()));
  const auto& labels = newborn.map_labels();
  if (std::find(labels.begin(), labels.end(), certs::Bytes(proof.label)) == labels.end()) {
    return Invalid("LABEL_OF_ANOTHER", "the proof is of no label of this newborn");
  }
  return absl::OkStatus();
}

}  // namespace

Result<StoreReceipts> Do(StoreReceipts& command, Run& run) {
  ASSIGN_OR_RETURN(const certs::TreeHead head, CheckedHead(command, run));
  std::string checkpoint_key = IndexKey(LogPosition(command.epoch, command.size));
  ASSIGN_OR_RETURN(const std::optional<std::string> known,
                   run.view.Get(Family::kCheckpoints, checkpoint_key));
  RETURN_IF_ERROR(CheckSameMap(known, head));
  bool stored = false;
  for (StoreReceipts::Item& item : command.items) {
    RETURN_IF_ERROR(CheckItem(command, item, head, run));
    std::string key = IndexKey(item.status_index);
    ASSIGN_OR_RETURN(const std::optional<std::string> before, run.view.Get(Family::kReceipts, key));
    if (before) continue;  // the first stays, so that receipts are always the same bytes
    StoredReceipt receipt;
    receipt.set_epoch(command.epoch);
    receipt.set_size(command.size);
    receipt.set_map_proof(std::move(item.map_proof));
    run.view.PutRecord(Family::kReceipts, std::move(key), receipt);
    stored = true;
  }
  if (!stored) return Done{};
  if (!known) {
    run.view.Put(Family::kCheckpoints, std::move(checkpoint_key), std::move(command.checkpoint));
  }
  return Done{};
}

}  // namespace birthseal::store::apply
