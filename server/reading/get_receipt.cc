// SPDX-License-Identifier: Apache-2.0
#include "server/reading/get_receipt.h"

#include <utility>

#include "certs/errors.h"
#include "certs/proof/receipt.h"
#include "certs/status_macros.h"
#include "server/use_case/stored_ids.h"
#include "store/keys.h"

namespace birthseal::server {
namespace {

using storage::v1::CertificateHead;
using storage::v1::StoredReceipt;

absl::Status LicenceUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "LICENCE_UNKNOWN",
                      "no certificate has this licence identifier", "licence_id",
                      "无此证照标识的证照");
}

absl::Status NotYet() {
  return certs::Error(absl::StatusCode::kUnavailable, "NOT_YET_WITNESSED",
                      "no witnessed checkpoint covers the certificate yet: ask again in a moment",
                      "licence_id", "见证方尚未联署，请稍后再试");
}

certs::LogPosition PositionOf(const StoredReceipt& stored) {
  return {certs::LogEpoch(stored.epoch()), certs::LogSize(stored.size())};
}

absl::StatusOr<std::string> CheckpointOf(const ReadingRoom& room, const StoredReceipt& stored) {
  return Promised("checkpoint", room.registry.Checkpoint(PositionOf(stored)));
}

absl::StatusOr<certs::ProvenLeaf> Prove(const ReadingRoom& room, const StoredReceipt& stored,
                                        certs::LeafIndex index, const std::string& salt) {
  const certs::LogPosition position = PositionOf(stored);
  certs::ProvenLeaf proven;
  proven.index = index.value();
  proven.salt = salt;
  ASSIGN_OR_RETURN(const std::vector<std::string> leaves,
                   room.registry.Leaves(index, 1, position.epoch));
  if (leaves.empty()) {
    return certs::Error(absl::StatusCode::kDataLoss, "LEAF_MISSING", "a leaf of the log is absent");
  }
  proven.leaf = leaves[0];
  ASSIGN_OR_RETURN(proven.path, room.registry.InclusionPath(index, position.size, position.epoch));
  return proven;
}

absl::StatusOr<std::string> WitnessedReceipt(const ReadingRoom& room, const CertificateHead& head,
                                             const StoredReceipt& stored) {
  const storage::v1::Reservation& reservation = head.reservation();
  certs::Receipt receipt;
  receipt.leaf = reservation.leaf();
  const certs::LeafIndex intent(reservation.intent_index());
  const certs::LogPosition position = PositionOf(stored);
  receipt.leaf_index = intent.value();
  receipt.salt = reservation.salt();
  ASSIGN_OR_RETURN(receipt.path,
                   room.registry.InclusionPath(intent, position.size, position.epoch));
  ASSIGN_OR_RETURN(receipt.checkpoint, CheckpointOf(room, stored));
  return certs::Canonical(receipt);
}

// The VOIDED leaf of the predecessor, which stands right before the ISSUED leaf.
absl::Status AddPredecessor(const ReadingRoom& room, const CertificateHead& head,
                            const StoredReceipt& stored, certs::JointReceipt* receipt) {
  if (head.supersedes().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const certs::StatusIndex index,
                   Promised("supersedes", room.registry.StatusIndexOf(head.supersedes())));
  ASSIGN_OR_RETURN(const CertificateHead old,
                   Promised("supersedes", room.registry.Certificate(index)));
  ASSIGN_OR_RETURN(receipt->voided,
                   Prove(room, stored, store::IndexAt(old.voided_leaf() - 1), old.voided_salt()));
  receipt->void_reason = old.void_reason();
  return absl::OkStatus();
}

absl::StatusOr<std::string> Joint(const ReadingRoom& room, const CertificateHead& head,
                                  const StoredReceipt& stored) {
  certs::JointReceipt receipt;
  ASSIGN_OR_RETURN(receipt.map, certs::ParseMapProof(stored.map_proof()));
  if (receipt.map.terminal != certs::MapTerminal::kPresent ||
      receipt.map.value != head.reservation().status_index()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "ENDED_BEFORE_WITNESSED",
                        "the certificate had ended when witnesses first saw it", "licence_id",
                        "见证方首次见到该证照时其已失效");
  }
  ASSIGN_OR_RETURN(receipt.issued,
                   Prove(room, stored, store::IndexAt(head.issued_leaf()), head.issued_salt()));
  RETURN_IF_ERROR(AddPredecessor(room, head, stored, &receipt));
  ASSIGN_OR_RETURN(receipt.checkpoint, CheckpointOf(room, stored));
  return certs::Canonical(receipt);
}

}  // namespace

absl::StatusOr<std::string> GetReceipt(const ReadingRoom& room, absl::string_view licence_id,
                                       FetchedReceipt strength) {
  const absl::StatusOr<certs::StatusIndex> index = room.registry.StatusIndexOf(licence_id);
  if (absl::IsNotFound(index.status())) return LicenceUnknown();
  RETURN_IF_ERROR(index.status());
  const absl::StatusOr<CertificateHead> head = room.registry.Certificate(*index);
  if (absl::IsNotFound(head.status())) return LicenceUnknown();
  RETURN_IF_ERROR(head.status());
  const absl::StatusOr<StoredReceipt> stored = room.registry.StoredReceipt(*index);
  if (absl::IsNotFound(stored.status())) return NotYet();
  RETURN_IF_ERROR(stored.status());
  return strength == FetchedReceipt::kJoint ? Joint(room, *head, *stored)
                                            : WitnessedReceipt(room, *head, *stored);
}

}  // namespace birthseal::server
