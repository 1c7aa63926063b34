// SPDX-License-Identifier: Apache-2.0
// SealPlan: checked, single-use permission to seal one face. Signing without one does not compile.
//
// PlanSeal checks: kind of the closed set; every piece of evidence that the profile requires;
// issuer's signature over the content digest and sealer's over the face digest, by two different
// registered operators of the issuing institution with these roles; the receipt opens to this
// face, licence and document and is signed by the log key. Move-only: one plan, one signature.
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
#include "signer/verify/sm2_verify.h"

namespace birthseal::signer {

// An operator as registered: who may approve or seal for which institution.
struct Operator {
  std::string id;
  std::string institution_code;
  bool may_issue = false;  // 签发人员
  bool may_seal = false;   // 盖章人员
  bool active = false;
  std::shared_ptr<const PublicKey> key;
};

struct Approval {
  const Operator* who = nullptr;
  std::string signature;  // over the 32 bytes of the digest
};

// Checks one approval by itself: role, institution, activity, signature.
// Errors: kFailedPrecondition "APPROVAL_MISSING"; kPermissionDenied "OPERATOR_OTHER_INSTITUTION",
// "OPERATOR_INACTIVE", "OPERATOR_ROLE"; kUnauthenticated "APPROVAL_SIGNATURE".
absl::Status CheckApproval(const Approval& approval, bool as_sealer,
                           absl::string_view institution_code, const certs::Digest& digest);

struct SealEvidence {
  certs::CaseKind kind = certs::CaseKind::kFirstIssue;
  certs::Face face;
  std::vector<certs::EvidenceKind> required;  // from the profile
  std::vector<certs::Evidence> evidence;      // from the application
  Approval issuer, sealer;
  // The approvals were verified by this process for these digests; saves the second verification.
  bool approvals_verified = false;
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
  friend absl::StatusOr<SealPlan> PlanSeal(const SealEvidence&, const certs::NoteVerifier&);
  friend class DocumentSealer;
  SealPlan() = default;
  std::unique_ptr<const certs::Digest> face_digest_;
  std::string institution_code_, institution_name_, licence_id_, document_id_;
  absl::Time signing_time_;
};

// All that PlanSeal asks but the receipt and the time: what can be known before anything is
// reserved. Errors: kInvalidArgument "SEAL_KIND"; kFailedPrecondition "EVIDENCE_MISSING" with the
// kind as field, those of CheckApproval; kPermissionDenied "SAME_PERSON_MAY_NOT_SEAL".
absl::Status CheckGrounds(const SealEvidence& evidence);

// Errors: those of CheckGrounds; kInvalidArgument "SEAL_SIGNING_TIME"; kDataLoss,
// kInvalidArgument, kUnauthenticated the receipt.
absl::StatusOr<SealPlan> PlanSeal(const SealEvidence& evidence, const certs::NoteVerifier& log_key);

}  // namespace birthseal::signer
