// SPDX-License-Identifier: Apache-2.0
// Places of certificates under the first witnessed checkpoint that covers them.
#include <algorithm>
#include <optional>

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
NodeReader NodesOf(const Turn& turn, certs::LogEpoch epoch) {
  return [&turn, epoch](int level, uint64_t index) -> absl::StatusOr<certs::Digest> {
    ASSIGN_OR_RETURN(const std::optional<std::string> node,
                     turn.view.Get(Family::kNodes, EpochNodeKey(epoch.value(), level, index)));
    const std::optional<certs::Digest> digest = node ? certs::DigestFrom(*node) : std::nullopt;
    if (digest) return *digest;
    return certs::Error(absl::StatusCode::kDataLoss, "LOG_NODE_DAMAGED",
                        "a node of the log is absent or damaged");
  };
}

absl::StatusOr<certs::LogSize> SizeOfEpoch(const Turn& turn, certs::LogEpoch epoch) {
  const storage::v1::Meta& meta = turn.view.meta();
  if (epoch.value() == meta.log_epoch()) return certs::LogSize(meta.log_size());
  for (const storage::v1::LogEpoch& past : meta.past_epochs()) {
    if (past.epoch() == epoch.value()) return certs::LogSize(past.size());
  }
  return Invalid("CHECKPOINT_NOT_OF_LOG", "the checkpoint is of no epoch of this log");
}

absl::StatusOr<certs::TreeHead> CheckedHead(const StoreReceipts& command, const Turn& turn) {
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(command.checkpoint));
  const certs::LogPosition& position = command.position;
  ASSIGN_OR_RETURN(const certs::LogSize size, SizeOfEpoch(turn, position.epoch));
  if (checkpoint.head.size != position.size.value() || position.size > size) {
    return Invalid("CHECKPOINT_NOT_OF_LOG", "the log is not of this size");
  }
  ASSIGN_OR_RETURN(const certs::Digest root,
                   RootAt(position.size.value(), NodesOf(turn, position.epoch)));
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
                       const certs::TreeHead& head, const Turn& turn) {
  ASSIGN_OR_RETURN(
      const std::optional<CertificateHead> certificate,
      turn.view.Find<CertificateHead>(Family::kCertificates, IndexKey(item.status_index)));
  if (!certificate) {
    return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN", "no such certificate");
  }
  const uint64_t issued = certificate->issued_leaf();
  if (EpochAt(issued) != command.position.epoch || !Holds(command.position.size, IndexAt(issued))) {
    return Invalid("RECEIPT_NOT_COVERED", "the certificate was issued after the checkpoint");
  }
  ASSIGN_OR_RETURN(const certs::MapProof proof, certs::ParseMapProof(item.map_proof));
  RETURN_IF_ERROR(certs::CheckMapProof(proof, head.map_root).status());
  ASSIGN_OR_RETURN(const Newborn newborn, NewbornOf(turn, certificate->reservation().newborn_id()));
  const auto& labels = newborn.map_labels();
  if (std::find(labels.begin(), labels.end(), certs::Bytes(proof.label)) == labels.end()) {
    return Invalid("LABEL_OF_ANOTHER", "the proof is of no label of this newborn");
  }
  return absl::OkStatus();
}

}  // namespace

Result<StoreReceipts> Apply(StoreReceipts& command, Turn& turn) {
  ASSIGN_OR_RETURN(const certs::TreeHead head, CheckedHead(command, turn));
  std::string checkpoint_key = IndexKey(PlaceOf(command.position));
  ASSIGN_OR_RETURN(const std::optional<std::string> known,
                   turn.view.Get(Family::kCheckpoints, checkpoint_key));
  RETURN_IF_ERROR(CheckSameMap(known, head));
  bool stored = false;
  for (StoreReceipts::Item& item : command.items) {
    RETURN_IF_ERROR(CheckItem(command, item, head, turn));
    std::string key = IndexKey(item.status_index);
    ASSIGN_OR_RETURN(const std::optional<std::string> before,
                     turn.view.Get(Family::kReceipts, key));
    if (before) continue;  // the first stays, so that receipts are always the same bytes
    StoredReceipt receipt;
    receipt.set_epoch(command.position.epoch.value());
    receipt.set_size(command.position.size.value());
    receipt.set_map_proof(std::move(item.map_proof));
    turn.view.PutRecord(Family::kReceipts, std::move(key), receipt);
    stored = true;
  }
  if (!stored) return Done{};
  if (!known) {
    turn.view.Put(Family::kCheckpoints, std::move(checkpoint_key), std::move(command.checkpoint));
  }
  return Done{};
}

}  // namespace birthseal::store::apply
