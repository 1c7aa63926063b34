// SPDX-License-Identifier: Apache-2.0
// What a seal needs besides the log's receipt: reason, evidence, two people, the enrolled seal.
//
// Asked twice: before the reservation, so that what cannot be sealed leaves no INTENT and no
// reservation behind, and again when it is sealed. Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/face.h"
#include "server/issuing/issuing_room.h"
#include "signer/sealing/approval.h"
#include "signer/sealing/document_sealer.h"
#include "store/reads/registry.h"

namespace birthseal::server {

struct SealGrounds {
  // Application, profile and face; receipt and identifiers are missing.
  signer::SealEvidence evidence;
  signer::VerifiedApproval issuer, sealer;
  signer::OpenedSeal seal;  // enrolled, valid at `at`, trusted
};

// The institution is licensed today and still has the name that the content prints.
// Errors: kFailedPrecondition "INSTITUTION_NOT_LICENSED", "INSTITUTION_RENAMED"; kNotFound
// "INSTITUTION_UNKNOWN".
absl::Status CheckInstitutionInForce(const IssuingRoom& room, const certs::FaceContent& content);

// Of a case whose head names issuer and sealer with their signatures.
// Errors: those of ApprovalVerifier, of DocumentSealer's CheckGrounds and Open and of
// CheckInstitutionInForce; kFailedPrecondition "SEAL_NOT_ENROLLED" the key provider holds another
// seal than the registry, "SEAL_UNKNOWN", "SEAL_SUSPENDED", "SEAL_NOT_TRUSTED" our own verifier
// would refuse it, those of signer::CheckSealFits.
absl::StatusOr<SealGrounds> GatherGrounds(const IssuingRoom& room, const store::StoredCase& filed,
                                          const certs::Face& face, absl::Time at);

}  // namespace birthseal::server
