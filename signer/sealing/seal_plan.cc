// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/seal_plan.h"

#include "absl/strings/match.h"
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/rules/rules.h"
#include "certs/status_macros.h"
#include "signer/sealing/document_sealer.h"
#include "signer/sealing/sealed_looks.h"

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

// Rule G2.
absl::Status CheckEvidence(const certs::Application& application, const certs::Profile& profile) {
  for (const certs::EvidenceKind required : certs::EvidenceToBring(profile, application)) {
    if (!certs::HasEvidence(application, required)) {
      return Error(absl::StatusCode::kFailedPrecondition, "EVIDENCE_MISSING",
                   "planning a seal: evidence that the profile requires is missing",
                   certs::EvidenceKindName(required));
    }
  }
  return absl::OkStatus();
}

// The approval is of this role, of this institution and over this digest, and of a verifier whose
// register is trusted: whoever makes one of his own may invent people.
absl::Status CheckBelongs(const VerifiedApproval& approval, const ApprovalVerifier& trusted,
                          ApprovalRole role, absl::string_view institution_code,
                          const certs::Digest& digest) {
  if (approval.IsBy(trusted) && approval.role() == role &&
      approval.institution_code() == institution_code && approval.digest() == digest) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, "APPROVAL_OF_ANOTHER",
               "planning a seal: an approval of another verifier, role, institution or face",
               NameOf(role));
}

struct Digests {
  certs::Digest content, face;  // the second is over the first
};

Digests DigestsOf(const certs::Face& face) {
  const certs::Digest content = certs::ContentDigest(face.content);
  return {content, certs::FaceDigest(content, face.certificate_number, face.issue_date)};
}

// The leaf stands for this institution, and for the place in status list and log that the page will
// name.
absl::Status CheckPlace(const SealEvidence& evidence, const certs::ReceiptFacts& proven) {
  const std::string& code = evidence.face.content.issuing_institution_code;
  if (proven.leaf.institution_code == code &&
      proven.leaf.status_index == evidence.status_index.value() &&
      absl::EndsWith(proven.head.origin, certs::OriginOf("", evidence.log_epoch))) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kDataLoss, "RECEIPT_OTHER_PLACE",
               "planning a seal: the receipt is of another institution or place", "receipt");
}

// What the page says that neither face nor receipt proves.
absl::Status CheckPredecessor(const SealEvidence& evidence) {
  if (evidence.supersedes == evidence.application.predecessor_number) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "SEAL_PREDECESSOR",
               "planning a seal: the application gives up another certificate", "supersedes");
}

// SES writes whole seconds. The ledger fixes the time with the INTENT, whose leaf holds its minute;
// a minute more or less is the rounding of a clock, not another time.
// Rule G13.
absl::Status CheckSigningTime(absl::Time at, const certs::Leaf& intent) {
  const bool whole = absl::FromUnixSeconds(absl::ToUnixSeconds(at)) == at;
  const absl::Duration since = at - (absl::UnixEpoch() + absl::Minutes(intent.log_minute));
  if (whole && since >= -absl::Minutes(1) && since < absl::Minutes(2)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "SEAL_SIGNING_TIME",
               "planning a seal: the signing time is not whole seconds of the INTENT's minute",
               "signing_time");
}

// What the page says but for the receipt's path and checkpoint, which may be newer when it is
// sealed again. The leaf commits to face, licence and document.
certs::Digest LookOf(const certs::ofd::DocumentInput& page, absl::string_view leaf) {
  return certs::Sm3Of(certs::CanonicalWriter("birthseal/look/v1")
                          .Nested(1, leaf)
                          .Number(2, page.log_epoch)
                          .Number(3, page.intent_index)
                          .Number(4, static_cast<uint64_t>(absl::ToUnixSeconds(page.signing_time)))
                          .Text(5, page.licence_type_code)
                          .Text(6, page.supersedes)
                          .Finish());
}

certs::ofd::DocumentInput PageOf(const SealEvidence& evidence, const certs::Profile& profile) {
  certs::ofd::DocumentInput page;
  page.face = evidence.face;
  page.licence_id = evidence.licence_id;
  page.licence_type_code = profile.licence_type_code;
  page.document_id = evidence.document_id;
  page.signing_time = evidence.signing_time;
  page.status_index = evidence.status_index.value();
  page.log_epoch = evidence.log_epoch.value();
  page.intent_index = evidence.receipt.leaf_index;
  page.receipt = certs::Canonical(evidence.receipt);
  page.supersedes = evidence.supersedes;
  return page;
}

// Rule I9.
absl::Status CheckGroundsOf(const SealEvidence& evidence, const certs::Profile& profile,
                            const VerifiedApproval& issuer, const VerifiedApproval& sealer,
                            const Digests& digests, const ApprovalVerifier& trusted) {
  // 1. A reason of the closed set, with all its evidence.
  RETURN_IF_ERROR(CheckKind(evidence.application.kind));
  RETURN_IF_ERROR(CheckEvidence(evidence.application, profile));
  // 2. Two people of this institution, over the nested digests.
  const std::string& code = evidence.face.content.issuing_institution_code;
  RETURN_IF_ERROR(CheckBelongs(issuer, trusted, ApprovalRole::kIssuer, code, digests.content));
  RETURN_IF_ERROR(CheckBelongs(sealer, trusted, ApprovalRole::kSealer, code, digests.face));
  if (OfTwoPeople(issuer, sealer)) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
               "the one who approved may not seal", "sealer");
}

}  // namespace

// A profile is known by its name alone: whoever could hand one in would say himself what evidence
// is enough.
absl::StatusOr<const certs::Profile*> DocumentSealer::ProfileOf(
    const SealEvidence& evidence) const {
  const auto found = with_.profiles->find(evidence.profile);
  if (found != with_.profiles->end()) return &found->second;
  return Error(absl::StatusCode::kUnavailable, "PROFILE_UNKNOWN",
               "planning a seal: the profile that judged this case is not loaded", "profile");
}

absl::Status DocumentSealer::CheckGrounds(const SealEvidence& evidence,
                                          const VerifiedApproval& issuer,
                                          const VerifiedApproval& sealer) const {
  ASSIGN_OR_RETURN(const certs::Profile* profile, ProfileOf(evidence));
  return CheckGroundsOf(evidence, *profile, issuer, sealer, DigestsOf(evidence.face),
                        *with_.approvals);
}

// Rule G1.
absl::StatusOr<SealPlan> DocumentSealer::Plan(const SealEvidence& evidence,
                                              const VerifiedApproval& issuer,
                                              const VerifiedApproval& sealer) const {
  ASSIGN_OR_RETURN(const certs::Profile* profile, ProfileOf(evidence));
  const Digests digests = DigestsOf(evidence.face);
  RETURN_IF_ERROR(CheckGroundsOf(evidence, *profile, issuer, sealer, digests, *with_.approvals));
  // 3. The log accepted exactly this. Without a log key nothing is accepted.
  if (!with_.log_key) {
    return Error(absl::StatusCode::kUnauthenticated, "RECEIPT_LOG_KEY",
                 "planning a seal: no log key to check the receipt with", "receipt");
  }
  const certs::ReceiptSubject subject{digests.face, evidence.licence_id, evidence.document_id};
  ASSIGN_OR_RETURN(const certs::ReceiptFacts proven,
                   certs::CheckReceipt(evidence.receipt, subject, with_.log_key));
  RETURN_IF_ERROR(CheckPlace(evidence, proven));
  // 4. The time that was fixed with it, and what the page says besides.
  RETURN_IF_ERROR(CheckSigningTime(evidence.signing_time, proven.leaf));
  RETURN_IF_ERROR(CheckPredecessor(evidence));
  SealPlan plan;
  plan.page_ = std::make_unique<const certs::ofd::DocumentInput>(PageOf(evidence, *profile));
  plan.look_ = LookOf(plan.page(), evidence.receipt.leaf);
  // 5. Sealed before: only word for word.
  RETURN_IF_ERROR(looks_->Check(evidence.licence_id, plan.look_));
  plan.maker_ = mark_;
  return plan;
}

}  // namespace birthseal::signer
