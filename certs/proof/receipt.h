// SPDX-License-Identifier: Apache-2.0
// Receipts (回执): what a document, or who asks for it, can show of the log. Three strengths.
//
// R1 logged: carried under the seal. The INTENT leaf with its opening, the inclusion proof and a
// checkpoint signed by the log key; with it the newest checkpoint that a quorum of witnesses had
// cosigned then, and the consistency proof from there. It does not say that the issue completed,
// nor that the certificate is still valid. It binds face, licence and document id, not the file:
// a file around the same face in another look, sealed with a stolen seal key, can carry it.
// R2 witnessed: the same leaf under a checkpoint with a quorum. The same format as R1.
// R3 joint: the ISSUED leaf of the file, the VOIDED leaf of the predecessor if there was one, and
// the map proof, under one checkpoint with a quorum.
// R2 and R3 are fetched by licence identifier, the same bytes each time.
// Encoding: canonical.h. Thread-safe: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"
#include "certs/proof/map_proof.h"

namespace birthseal::certs {

// R1 and R2. "birthseal/receipt/v1".
struct Receipt {
  std::string leaf;  // canonical bytes of the INTENT leaf
  uint64_t leaf_index = 0;
  std::string salt;          // opens the leaf's commitment
  std::vector<Digest> path;  // inclusion of the leaf in the checkpoint
  std::string checkpoint;    // signed note
  // R1, once there is one: the newest witnessed checkpoint of the same log epoch, and the
  // consistency path from it to `checkpoint`. Empty when both have one size.
  std::string witnessed_checkpoint;
  std::vector<Digest> consistency;
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
  uint64_t leaf_index = 0;
  TreeHead head;
  bool witnessed = false;  // `head` has the quorum of the policy
  // Of the witnessed checkpoint inside an R1, when its quorum holds: the leaf was accepted after
  // it. 0: none, or no policy to check it with.
  uint64_t after_size = 0;
};

// Leaf kind, commitment, inclusion, signature of the log key, consistency. `policy` may be empty:
// then nothing counts as witnessed. Errors: kInvalidArgument malformed; kDataLoss commitment or
// path do not fit; kUnauthenticated not signed by the log key.
absl::StatusOr<ReceiptFacts> CheckReceipt(const Receipt& receipt, const ReceiptSubject& subject,
                                          const NoteVerifier& log_key,
                                          const WitnessPolicy& policy = {});

// A leaf with its place and opening.
struct ProvenLeaf {
  std::string leaf;  // canonical bytes
  uint64_t index = 0;
  std::string salt;
  std::vector<Digest> path;
};

// R3. "birthseal/receipt-joint/v1".
struct JointReceipt {
  ProvenLeaf issued;
  std::optional<ProvenLeaf> voided;  // of the predecessor
  std::string void_reason;           // opens it: "EXCHANGED", "REPLACED"
  MapProof map;                      // a label of this newborn
  std::string checkpoint;            // signed note with its cosignatures
};
std::string Canonical(const JointReceipt& receipt);
absl::StatusOr<JointReceipt> ParseJointReceipt(absl::string_view canonical);

struct JointFacts {
  Leaf issued;
  std::optional<Leaf> voided;
  TreeHead head;
  // A later VOIDED is not in it: what the certificate was at `head`.
};
// The ISSUED leaf commits to the SM3 of the file and follows `intent` (checked R1 or R2); the map
// gives its label to this certificate; all under one checkpoint with log key and quorum.
absl::StatusOr<JointFacts> CheckJointReceipt(const JointReceipt& receipt, const Digest& file_sm3,
                                             const ReceiptFacts& intent,
                                             const NoteVerifier& log_key,
                                             const WitnessPolicy& policy);

}  // namespace birthseal::certs
