// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/seal_plan.h"

#include <algorithm>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::signer {
namespace {

using certs::Error;

absl::Status CheckKind(certs::CaseKind kind) {
  switch (kind) {
    case certs::CaseKind::kFirstIssue:
    case certs::CaseKind::kExchange:
    case certs::CaseKind::kReplacement:
    case certs::CaseKind::kBackfill:
    case certs::CaseKind::kOfficialDocument:
      return absl::OkStatus();
  }
  return Error(absl::StatusCode::kInvalidArgument, "SEAL_KIND",
               "planning a seal: the kind of case is outside the closed set", "kind");
}

absl::Status CheckEvidence(const SealEvidence& evidence) {
  for (const certs::EvidenceKind required : evidence.required) {
    const bool present =
        std::any_of(evidence.evidence.begin(), evidence.evidence.end(),
                    [required](const certs::Evidence& piece) { return piece.kind == required; });
    if (!present) {
      return Error(absl::StatusCode::kFailedPrecondition, "EVIDENCE_MISSING",
                   "planning a seal: evidence that the profile requires is missing",
                   certs::EvidenceKindName(required));
    }
  }
  return absl::OkStatus();
}

// Everything about an approval but its signature.
absl::Status CheckAuthority(const Approval& approval, bool as_sealer,
                            absl::string_view institution_code) {
  const absl::string_view field = as_sealer ? "sealer" : "issuer";
  if (approval.who == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "APPROVAL_MISSING",
                 "no approval of a registered operator", field);
  }
  const Operator& who = *approval.who;
  if (institution_code.empty() || who.institution_code != institution_code) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION",
                 "the operator belongs to another institution", field);
  }
  if (!who.active) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_INACTIVE",
                 "the operator is not active", field);
  }
  if (!(as_sealer ? who.may_seal : who.may_issue)) {
    return Error(absl::StatusCode::kPermissionDenied, "OPERATOR_ROLE",
                 "the operator does not hold this role", field);
  }
  return absl::OkStatus();
}

// Two people: neither the same registration nor two registrations with one key.
absl::Status CheckTwoPeople(const Operator& issuer, const Operator& sealer) {
  const bool same_key =
      issuer.key != nullptr && sealer.key != nullptr && issuer.key->spki() == sealer.key->spki();
  if (issuer.id == sealer.id || same_key) {
    return Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
                 "the one who approved may not seal", "sealer");
  }
  return absl::OkStatus();
}

absl::Status CheckApprovals(const SealEvidence& evidence, const certs::Digest& face_digest) {
  const certs::FaceContent& content = evidence.face.content;
  const std::string& code = content.issuing_institution_code;
  RETURN_IF_ERROR(CheckAuthority(evidence.issuer, false, code));
  RETURN_IF_ERROR(CheckAuthority(evidence.sealer, true, code));
  RETURN_IF_ERROR(CheckTwoPeople(*evidence.issuer.who, *evidence.sealer.who));
  if (evidence.approvals_verified) return absl::OkStatus();
  RETURN_IF_ERROR(CheckApproval(evidence.issuer, false, code, certs::ContentDigest(content)));
  return CheckApproval(evidence.sealer, true, code, face_digest);
}

}  // namespace

absl::Status CheckApproval(const Approval& approval, bool as_sealer,
                           absl::string_view institution_code, const certs::Digest& digest) {
  RETURN_IF_ERROR(CheckAuthority(approval, as_sealer, institution_code));
  if (approval.who->key == nullptr ||
      !approval.who->key->Verify(certs::View(digest), approval.signature)) {
    return Error(absl::StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE",
                 "the signature is not the operator's over this digest",
                 as_sealer ? "sealer" : "issuer");
  }
  return absl::OkStatus();
}

namespace {

absl::Status CheckGroundsOf(const SealEvidence& evidence, const certs::Digest& face_digest) {
  // 1. A reason of the closed set, with all its evidence.
  RETURN_IF_ERROR(CheckKind(evidence.kind));
  RETURN_IF_ERROR(CheckEvidence(evidence));
  // 2. Two people of this institution, over the nested digests.
  return CheckApprovals(evidence, face_digest);
}

}  // namespace

absl::Status CheckGrounds(const SealEvidence& evidence) {
  return CheckGroundsOf(evidence, certs::FaceDigest(evidence.face));
}

absl::StatusOr<SealPlan> PlanSeal(const SealEvidence& evidence,
                                  const certs::NoteVerifier& log_key) {
  const certs::Digest face_digest = certs::FaceDigest(evidence.face);
  RETURN_IF_ERROR(CheckGroundsOf(evidence, face_digest));
  // 3. The log accepted exactly this. Without a log key nothing is accepted.
  if (!log_key) {
    return Error(absl::StatusCode::kUnauthenticated, "RECEIPT_LOG_KEY",
                 "planning a seal: no log key to check the receipt with", "receipt");
  }
  const certs::ReceiptSubject subject{face_digest, evidence.licence_id, evidence.document_id};
  RETURN_IF_ERROR(certs::CheckReceipt(evidence.receipt, subject, log_key).status());
  // 4. SES writes whole seconds.
  if (absl::FromUnixSeconds(absl::ToUnixSeconds(evidence.signing_time)) != evidence.signing_time) {
    return Error(absl::StatusCode::kInvalidArgument, "SEAL_SIGNING_TIME",
                 "planning a seal: the signing time is not whole seconds", "signing_time");
  }
  SealPlan plan;
  plan.face_digest_ = std::make_unique<const certs::Digest>(face_digest);
  plan.institution_code_ = evidence.face.content.issuing_institution_code;
  plan.institution_name_ = evidence.face.content.issuing_institution_name;
  plan.licence_id_ = evidence.licence_id;
  plan.document_id_ = evidence.document_id;
  plan.signing_time_ = evidence.signing_time;
  return plan;
}

}  // namespace birthseal::signer
