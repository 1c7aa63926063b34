// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/seal_grounds.h"

#include <string>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view message, absl::string_view zh,
                     absl::string_view field = "seal") {
  return certs::Error(absl::StatusCode::kFailedPrecondition, reason, message, field, zh);
}

// The seal of the institution: the very one that was enrolled, and one that the document's
// verifiers will accept.
// Rule G4.
absl::StatusOr<signer::OpenedSeal> EnrolledSeal(const IssuingRoom& room,
                                                const certs::FaceContent& content, absl::Time at) {
  const std::string& code = content.issuing_institution_code;
  const auto enrolled = room.registry.Seal(code);
  if (absl::IsNotFound(enrolled.status())) {
    return Refused("SEAL_UNKNOWN", "no seal of the institution is enrolled",
                   "该机构尚未登记电子印章");
  }
  RETURN_IF_ERROR(enrolled.status());
  if (enrolled->suspended()) {
    return Refused("SEAL_SUSPENDED", "the institution's seal is suspended",
                   "该机构电子印章已暂停使用");
  }
  ASSIGN_OR_RETURN(signer::OpenedSeal seal, room.sealer.Open(code));
  const signer::SealFacts& facts = seal.facts();
  if (certs::Bytes(facts.digest) != enrolled->seal_sm3()) {
    return Refused("SEAL_NOT_ENROLLED",
                   "the key provider holds another seal than the one enrolled: enrol it, or put "
                   "the enrolled one back",
                   "所持电子印章与登记的不一致，请先登记");
  }
  RETURN_IF_ERROR(signer::CheckSealFits(facts, code, content.issuing_institution_name, at));
  RETURN_IF_ERROR(room.verifier.CheckSealTrust(facts.seal.seal, facts.digest,
                                               facts.seal.signer_certificate, at));
  return seal;
}

}  // namespace

// Rule G3.
absl::Status CheckInstitutionInForce(const IssuingRoom& room, const certs::FaceContent& content) {
  const auto institution = room.registry.Institution(content.issuing_institution_code);
  if (absl::IsNotFound(institution.status())) {
    return certs::Error(absl::StatusCode::kNotFound, "INSTITUTION_UNKNOWN",
                        "the issuing institution is not registered: an administrator registers it "
                        "first",
                        "institution_code", "该签发机构未登记，请管理员先行登记");
  }
  RETURN_IF_ERROR(institution.status());
  if (!institution->licensed()) {
    return Refused("INSTITUTION_NOT_LICENSED",
                   "the institution has no licence in force: the managing institution takes over",
                   "该机构《母婴保健技术服务执业许可证》已失效，请由管理机构办理",
                   "institution_code");
  }
  if (institution->name() != content.issuing_institution_name) {
    return Refused("INSTITUTION_RENAMED",
                   "the institution was renamed since the case was filed: file the case again",
                   "签发机构名称已变更，请重新提交申请", "institution_code");
  }
  return absl::OkStatus();
}

absl::StatusOr<SealGrounds> GatherGrounds(const IssuingRoom& room, const store::StoredCase& filed,
                                          const certs::Face& face, absl::Time at) {
  const storage::v1::CaseHead& head = filed.head;
  RETURN_IF_ERROR(CheckInstitutionInForce(room, face.content));
  const std::string& code = face.content.issuing_institution_code;
  using signer::ApprovalRole;
  const certs::Digest content = certs::ContentDigest(face.content);
  ASSIGN_OR_RETURN(signer::VerifiedApproval issuer,
                   room.approvals.Verify(head.issuer().operator_id(), head.issuer().signature(),
                                         ApprovalRole::kIssuer, code, content));
  ASSIGN_OR_RETURN(
      signer::VerifiedApproval sealer,
      room.approvals.Verify(head.sealer().operator_id(), head.sealer().signature(),
                            ApprovalRole::kSealer, code,
                            certs::FaceDigest(content, face.certificate_number, face.issue_date)));
  signer::SealEvidence evidence;
  evidence.application = filed.body.application;
  evidence.profile = head.profile();
  evidence.face = face;
  RETURN_IF_ERROR(room.sealer.CheckGrounds(evidence, issuer, sealer));
  ASSIGN_OR_RETURN(signer::OpenedSeal seal, EnrolledSeal(room, face.content, at));
  return SealGrounds{std::move(evidence), std::move(issuer), std::move(sealer), seal};
}

}  // namespace birthseal::server
