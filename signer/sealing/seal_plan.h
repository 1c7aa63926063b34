// SPDX-License-Identifier: Apache-2.0
// SealPlan: checked, single-use permission to seal one face. Signing without one does not compile.
//
// PlanSeal checks: kind of the closed set; every piece of evidence that the profile requires; the
// verified approvals of an issuer over the content digest and of a sealer over the face digest, two
// different operators of the issuing institution; the receipt opens to this face, licence and
// document and is signed by the log key. Move-only: one plan, one signature.
// Thread-safe: pure functions; a plan belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/application.h"
#include "certs/digest.h"
#include "certs/face.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/receipt.h"
#include "signer/sealing/approval.h"

namespace birthseal::signer {

struct SealEvidence {
  certs::CaseKind kind = certs::CaseKind::kFirstIssue;
  certs::Face face;
  std::vector<certs::EvidenceKind> required;  // from the profile
  std::vector<certs::Evidence> evidence;      // from the application
  certs::Receipt receipt;
  std::string licence_id, document_id;
  absl::Time signing_time;
};

class SealPlan {
 public:
  SealPlan(SealPlan&&) = default;
  SealPlan& operator=(SealPlan&&) = default;
  bool spent() const { return face_digest_ == nullptr; }
  // Requires: !spent().
  const certs::Digest& face_digest() const { return *face_digest_; }
  const std::string& institution_code() const { return institution_code_; }
  const std::string& institution_name() const { return institution_name_; }
  const std::string& document_id() const { return document_id_; }
  const std::string& licence_id() const { return licence_id_; }
  absl::Time signing_time() const { return signing_time_; }

 private:
  friend absl::StatusOr<SealPlan> PlanSeal(const SealEvidence&, const VerifiedApproval&,
                                           const VerifiedApproval&, const certs::NoteVerifier&);
  friend class DocumentSealer;
  SealPlan() = default;
  std::unique_ptr<const certs::Digest> face_digest_;
  std::string institution_code_, institution_name_, licence_id_, document_id_;
  absl::Time signing_time_;
};

// All that PlanSeal asks but the receipt and the time: what can be known before anything is
// reserved. Errors: kInvalidArgument "SEAL_KIND"; kFailedPrecondition "EVIDENCE_MISSING" with the
// kind as field; kPermissionDenied "APPROVAL_OF_ANOTHER" an approval that is not of this role,
// institution and face, "SAME_PERSON_MAY_NOT_SEAL".
absl::Status CheckGrounds(const SealEvidence& evidence, const VerifiedApproval& issuer,
                          const VerifiedApproval& sealer);

// Errors: those of CheckGrounds; kInvalidArgument "SEAL_SIGNING_TIME"; kDataLoss,
// kInvalidArgument, kUnauthenticated the receipt.
absl::StatusOr<SealPlan> PlanSeal(const SealEvidence& evidence, const VerifiedApproval& issuer,
                                  const VerifiedApproval& sealer,
                                  const certs::NoteVerifier& log_key);

}  // namespace birthseal::signer
