// Receipt R1 (logged): carried under the seal, it proves that the log key accepted this face.
//
// It holds the INTENT leaf with its opening, the inclusion proof and a checkpoint signed by the
// log key. It does not say that the issue completed, nor that the certificate is still valid.
// Encoding: canonical.h, type "birthseal/receipt/v1". Thread-safe: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"

namespace birthseal::certs {

struct Receipt {
  std::string leaf;  // canonical bytes of the INTENT leaf
  uint64_t leaf_index = 0;
  std::string salt;          // opens the leaf's commitment
  std::vector<Digest> path;  // inclusion of the leaf in the checkpoint
  std::string checkpoint;    // signed note
};

std::string Canonical(const Receipt& receipt);
absl::StatusOr<Receipt> ParseReceipt(absl::string_view canonical);

// What the holder of the document knows and the receipt must agree with.
struct ReceiptSubject {
  Digest face_digest;
  std::string licence_id;
  std::string document_id;  // 32 hex, DocID of the OFD
};

// What a checked receipt proves.
struct ReceiptFacts {
  Leaf leaf;
  TreeHead head;
};

// Leaf kind, commitment, inclusion and checkpoint signature. Errors: kInvalidArgument malformed;
// kDataLoss commitment or path do not fit; kUnauthenticated not signed by the log key.
absl::StatusOr<ReceiptFacts> CheckReceipt(const Receipt& receipt, const ReceiptSubject& subject,
                                          const NoteVerifier& log_key);

}  // namespace birthseal::certs
