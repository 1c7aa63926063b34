// SPDX-License-Identifier: Apache-2.0
// From a durable reservation to a committed certificate: steps 4 to 10 of ISSUANCE.md.
//
// Shared by IssueCertificates and the finisher. What the certificate says is fixed by the
// reservation. Made anew each time: the checkpoint of the receipt, the drawing of the page from the
// fonts of now, the seal's signature.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "server/issuing/issuing_room.h"
#include "store/reads/registry.h"

namespace birthseal::server {

// An intent to finish. The caller holds its claim in OpenIssues.
struct ReservedIssue {
  storage::v1::Reservation reservation;
  store::StoredCase filed;  // with both approvals
  // Inclusion of the INTENT in the tree of `tree_size`; 0: take the newest checkpoint and ask the
  // registry for the path.
  std::vector<certs::Digest> path;
  certs::LogSize tree_size;
};

// Seals and re-verifies one intent: what remains is to commit it. Thread-safe.
// Errors: those of GatherGrounds (seal_grounds.h), CheckpointSigner::Newest, DocumentSealer's Plan,
// Render and Seal, and the store; kDataLoss "REVERIFICATION_FAILED" our own strict
// verifier does not accept the document.
absl::StatusOr<store::CommitIssue> SealIssue(const IssuingRoom& room, const ReservedIssue& issue);

// SealIssue for each on the workers, one batch of commits, the certificates in order.
std::vector<absl::StatusOr<storage::v1::CertificateHead>> FinishIssues(
    const IssuingRoom& room, const std::vector<ReservedIssue>& issues);

}  // namespace birthseal::server
