// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/receipt.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kReceiptType[] = "birthseal/receipt/v1";
constexpr char kJointType[] = "birthseal/receipt-joint/v1";
constexpr char kProvenLeafType[] = "birthseal/proven-leaf/v1";

absl::Status Malformed(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "RECEIPT_FORM", what);
}

void WritePath(CanonicalWriter& writer, uint16_t tag, const std::vector<Digest>& path) {
  for (const Digest& node : path) writer.Nested(tag, View(node));
}

std::string CanonicalLeaf(const ProvenLeaf& proven) {
  CanonicalWriter writer(kProvenLeafType);
  writer.Text(1, proven.leaf).Number(2, proven.index).Text(3, proven.salt);
  WritePath(writer, 4, proven.path);
  return writer.Finish();
}

absl::StatusOr<ProvenLeaf> ParseProvenLeaf(absl::string_view canonical) {
  CanonicalReader reader(canonical, kProvenLeafType);
  ProvenLeaf proven;
  proven.leaf = reader.Text(1);
  proven.index = reader.Number(2);
  proven.salt = reader.Text(3);
  proven.path = reader.Hashes(4);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole()) return Malformed("receipt: a node of a path is not 32 bytes");
  return proven;
}

// The leaf has the kind and opens to `what`.
absl::StatusOr<Leaf> OpenLeaf(const ProvenLeaf& proven, LeafKind kind, absl::string_view what) {
  ASSIGN_OR_RETURN(Leaf leaf, ParseLeaf(proven.leaf));
  if (leaf.kind != kind) {
    return Error(absl::StatusCode::kInvalidArgument, "RECEIPT_LEAF_KIND",
                 "receipt: a leaf is not of the kind it stands for");
  }
  if (Commit(proven.salt, what) != leaf.commitment) {
    return Error(absl::StatusCode::kDataLoss, "RECEIPT_OF_ANOTHER_FILE",
                 "receipt: a leaf does not commit to this file or reason");
  }
  return leaf;
}

absl::Status CheckInTree(const ProvenLeaf& proven, const TreeHead& head) {
  return CheckInclusion(LeafHash(proven.leaf), proven.index, head.size, proven.path, head.root);
}

// The witnessed checkpoint inside an R1 and its way to the receipt's own.
absl::Status CheckAfter(const Receipt& receipt, const TreeHead& head, const NoteVerifier& log_key,
                        const WitnessPolicy& policy, uint64_t* after_size) {
  if (receipt.witnessed_checkpoint.empty()) {
    if (receipt.consistency.empty()) return absl::OkStatus();
    return Malformed("receipt: a consistency path without a witnessed checkpoint");
  }
  ASSIGN_OR_RETURN(const Checkpoint witnessed, ParseCheckpoint(receipt.witnessed_checkpoint));
  if (witnessed.head.origin != head.origin) {
    return Malformed("receipt: the witnessed checkpoint is of another log");
  }
  RETURN_IF_ERROR(CheckSignature(witnessed, log_key));
  RETURN_IF_ERROR(CheckConsistency(witnessed.head.size, witnessed.head.root, head.size, head.root,
                                   receipt.consistency));
  // Witnesses change over the years: without its quorum it proves no less than without it.
  if (CheckQuorum(witnessed, policy).ok()) *after_size = witnessed.head.size;
  return absl::OkStatus();
}

absl::Status CheckVoided(const JointReceipt& receipt, const Leaf& issued, JointFacts* facts) {
  if (!receipt.voided) {
    if (receipt.void_reason.empty()) return absl::OkStatus();
    return Malformed("receipt: a reason without a VOIDED leaf");
  }
  ASSIGN_OR_RETURN(Leaf voided, OpenLeaf(*receipt.voided, LeafKind::kVoided, receipt.void_reason));
  RETURN_IF_ERROR(CheckInTree(*receipt.voided, facts->head));
  // The ledger writes both in one command, side by side: that is what ties them together.
  if (receipt.voided->index + 1 != receipt.issued.index ||
      voided.status_index == issued.status_index) {
    return Error(absl::StatusCode::kDataLoss, "RECEIPT_PREDECESSOR",
                 "receipt: the VOIDED leaf is not that of a predecessor");
  }
  facts->voided = std::move(voided);
  return absl::OkStatus();
}

}  // namespace

std::string Canonical(const Receipt& receipt) {
  CanonicalWriter writer(kReceiptType);
  writer.Text(1, receipt.leaf).Number(2, receipt.leaf_index).Text(3, receipt.salt);
  WritePath(writer, 4, receipt.path);
  writer.Text(5, receipt.checkpoint).Text(6, receipt.witnessed_checkpoint);
  WritePath(writer, 7, receipt.consistency);
  return writer.Finish();
}

absl::StatusOr<Receipt> ParseReceipt(absl::string_view canonical) {
  CanonicalReader reader(canonical, kReceiptType);
  Receipt receipt;
  receipt.leaf = reader.Text(1);
  receipt.leaf_index = reader.Number(2);
  receipt.salt = reader.Text(3);
  receipt.path = reader.Hashes(4);
  receipt.checkpoint = reader.Text(5);
  receipt.witnessed_checkpoint = reader.Text(6);
  receipt.consistency = reader.Hashes(7);
  RETURN_IF_ERROR(reader.Finish());
  if (!reader.whole()) return Malformed("receipt: a node of a path is not 32 bytes");
  return receipt;
}

absl::StatusOr<ReceiptFacts> CheckReceipt(const Receipt& receipt, const ReceiptSubject& subject,
                                          const NoteVerifier& log_key,
                                          const WitnessPolicy& policy) {
  ReceiptFacts facts;
  ASSIGN_OR_RETURN(facts.leaf, ParseLeaf(receipt.leaf));
  if (facts.leaf.kind != LeafKind::kIntent) {
    return Error(absl::StatusCode::kInvalidArgument, "RECEIPT_LEAF_KIND",
                 "receipt: the leaf is no INTENT");
  }
  const std::string opening =
      IntentOpening(subject.face_digest, subject.licence_id, subject.document_id);
  if (Commit(receipt.salt, opening) != facts.leaf.commitment) {
    return Error(absl::StatusCode::kDataLoss, "RECEIPT_OF_ANOTHER_FACE",
                 "receipt: the leaf does not commit to this face, licence and document");
  }
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(receipt.checkpoint));
  RETURN_IF_ERROR(CheckSignature(checkpoint, log_key));
  RETURN_IF_ERROR(CheckInclusion(LeafHash(receipt.leaf), receipt.leaf_index, checkpoint.head.size,
                                 receipt.path, checkpoint.head.root));
  RETURN_IF_ERROR(CheckAfter(receipt, checkpoint.head, log_key, policy, &facts.after_size));
  facts.leaf_index = receipt.leaf_index;
  facts.witnessed = policy.quorum > 0 && CheckQuorum(checkpoint, policy).ok();
  facts.head = std::move(checkpoint.head);
  return facts;
}

std::string Canonical(const JointReceipt& receipt) {
  CanonicalWriter writer(kJointType);
  writer.Nested(1, CanonicalLeaf(receipt.issued));
  if (receipt.voided) writer.Nested(2, CanonicalLeaf(*receipt.voided));
  writer.Text(3, receipt.void_reason).Nested(4, Canonical(receipt.map)).Text(5, receipt.checkpoint);
  return writer.Finish();
}

absl::StatusOr<JointReceipt> ParseJointReceipt(absl::string_view canonical) {
  CanonicalReader reader(canonical, kJointType);
  JointReceipt receipt;
  const auto issued = reader.Next(1);
  if (!issued) return Malformed("receipt: without ISSUED leaf");
  ASSIGN_OR_RETURN(receipt.issued, ParseProvenLeaf(*issued));
  if (const auto voided = reader.Next(2)) {
    ASSIGN_OR_RETURN(receipt.voided, ParseProvenLeaf(*voided));
  }
  receipt.void_reason = reader.Text(3);
  const auto map = reader.Next(4);
  if (!map) return Malformed("receipt: without map proof");
  ASSIGN_OR_RETURN(receipt.map, ParseMapProof(*map));
  receipt.checkpoint = reader.Text(5);
  RETURN_IF_ERROR(reader.Finish());
  return receipt;
}

absl::StatusOr<JointFacts> CheckJointReceipt(const JointReceipt& receipt, const Digest& file_sm3,
                                             const ReceiptFacts& intent,
                                             const NoteVerifier& log_key,
                                             const WitnessPolicy& policy) {
  JointFacts facts;
  // First of all, whose receipt it is: that does not depend on who vouches for it.
  ASSIGN_OR_RETURN(facts.issued, OpenLeaf(receipt.issued, LeafKind::kIssued, View(file_sm3)));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(receipt.checkpoint));
  RETURN_IF_ERROR(CheckSignature(checkpoint, log_key));
  RETURN_IF_ERROR(CheckQuorum(checkpoint, policy));
  facts.head = std::move(checkpoint.head);
  RETURN_IF_ERROR(CheckInTree(receipt.issued, facts.head));
  const bool of_intent = facts.issued.intent_index == intent.leaf_index + 1 &&
                         facts.issued.status_index == intent.leaf.status_index &&
                         facts.issued.institution_code == intent.leaf.institution_code &&
                         facts.head.origin == intent.head.origin;
  if (!of_intent) {
    return Error(absl::StatusCode::kDataLoss, "RECEIPT_OF_ANOTHER_INTENT",
                 "receipt: the ISSUED leaf is not that of this document's INTENT");
  }
  RETURN_IF_ERROR(CheckVoided(receipt, facts.issued, &facts));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> live,
                   CheckMapProof(receipt.map, facts.head.map_root));
  if (live != facts.issued.status_index) {
    return Error(absl::StatusCode::kDataLoss, "RECEIPT_MAP",
                 "receipt: the map does not give its label to this certificate");
  }
  return facts;
}

}  // namespace birthseal::certs
