#include "certs/proof/receipt.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kReceiptType[] = "birthseal/receipt/v1";

}  // namespace

std::string Canonical(const Receipt& receipt) {
  CanonicalWriter writer(kReceiptType);
  writer.Text(1, receipt.leaf).Number(2, receipt.leaf_index).Text(3, receipt.salt);
  for (const Digest& node : receipt.path) writer.Nested(4, View(node));
  writer.Text(5, receipt.checkpoint);
  return writer.Finish();
}

absl::StatusOr<Receipt> ParseReceipt(absl::string_view canonical) {
  CanonicalReader reader(canonical, kReceiptType);
  Receipt receipt;
  receipt.leaf = reader.Text(1);
  receipt.leaf_index = reader.Number(2);
  receipt.salt = reader.Text(3);
  absl::string_view node;
  bool whole = true;
  while (reader.Next(4, &node)) whole &= DigestFrom(node, &receipt.path.emplace_back());
  receipt.checkpoint = reader.Text(5);
  RETURN_IF_ERROR(reader.Finish());
  if (!whole) {
    return Error(absl::StatusCode::kInvalidArgument, "RECEIPT_FORM",
                 "receipt: a node of the path is not 32 bytes");
  }
  return receipt;
}

absl::StatusOr<ReceiptFacts> CheckReceipt(const Receipt& receipt, const ReceiptSubject& subject,
                                          const NoteVerifier& log_key) {
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
  facts.head = checkpoint.head;
  return facts;
}

}  // namespace birthseal::certs
