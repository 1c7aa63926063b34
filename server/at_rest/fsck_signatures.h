// SPDX-License-Identifier: Apache-2.0
// The second half of fsck: the signatures that a store keeps, from its stored bytes. What
// store/fsck/fsck finds by hashes holds against damage; this holds against one who made the hashes
// fit.
//
// Each document is laid again and verified: seal, chain, R1. Each approval of a case that is
// approved, reserved or issued is verified over its digest by the operator's key as registered now.
// Each kept checkpoint: keys of the log, every cosignature, quorum, root of the stored log. Each
// stored receipt: its map proof under its checkpoint. Records that cannot be read are left to
// store/fsck/fsck.
//
// Reads one snapshot in key order; memory grows with operators and findings. Some milliseconds a
// document. Damaged data gives findings, never an error. Thread-safe: pure over the snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "signer/verify/document_verifier.h"
#include "store/fsck/fsck.h"

namespace birthseal::server {

// Whom this service trusts now.
struct SignatureTrust {
  const signer::DocumentVerifier* verifier = nullptr;  // with the log key
  std::string log_name;
  std::vector<certs::NoteVerifier> log_keys;  // each must have signed
  struct Witness {
    std::string name, key_hash;
    certs::NoteVerifier verifier;
  };
  std::vector<Witness> witnesses;
  size_t quorum = 0;  // 0: there are no witnesses
  absl::Time now;     // judges what is not judged at signing time
};

struct SignatureReport {
  std::vector<store::FsckFinding> findings;
  uint64_t more_findings = 0;  // not kept
  // Signatures of keys that were replaced since, as far as kept; no findings:
  // "ISSUER_KEY_CHANGED_SINCE", "SEALER_KEY_CHANGED_SINCE", "COSIGNER_KEY_UNKNOWN".
  std::vector<store::FsckFinding> not_checkable;
  uint64_t documents = 0, approvals = 0, checkpoints = 0, map_proofs = 0;  // that hold
};

// `options`: sealer (needed for documents), max_findings, on_finding, on_read and progress; the
// check always begins at the beginning.
SignatureReport CheckSignatures(const store::Snapshot& snapshot, const SignatureTrust& trust,
                                const store::FsckOptions& options);

}  // namespace birthseal::server
