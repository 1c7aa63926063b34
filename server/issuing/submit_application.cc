// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/submit_application.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/judge_case.h"
#include "server/use_case/managing.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/request_id.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

constexpr int kMaxAttempts = 4;

// Institutions file their own cases; a provincial platform files for any of them.
// Rule E9.
absl::Status CheckMayFile(const Caller& caller, const certs::Application& application) {
  if (caller.Has(Role::kPlatform) || application.institution_code == caller.organisation_code()) {
    return absl::OkStatus();
  }
  return certs::Error(absl::StatusCode::kPermissionDenied, "NOT_YOUR_INSTITUTION",
                      "the case is of another institution", "application.institution_code");
}

// A managing institution replaces or exchanges what another one issued: only in its area. Nothing
// of a certificate elsewhere is told, not even which fields differ.
// Rule X12.
absl::Status CheckArea(const IssuingRoom& room, const certs::Application& application) {
  if (application.predecessor_number.empty()) return absl::OkStatus();
  const auto institution = room.registry.Institution(application.institution_code);
  if (!institution.ok() && !absl::IsNotFound(institution.status())) return institution.status();
  if (!institution.ok() || !institution->managing()) {
    return absl::OkStatus();  // judged by the rules
  }
  const auto index = room.registry.StatusIndexOf(application.predecessor_number);
  const auto head = index.ok() ? room.registry.Certificate(*index)
                               : absl::StatusOr<storage::v1::CertificateHead>(index.status());
  // Neither is there one while a licence is only reserved.
  if (absl::IsNotFound(head.status())) return CheckManaging(room, institution->code());
  RETURN_IF_ERROR(head.status());
  const std::string& issuer = head->reservation().institution_code();
  if (issuer == institution->code()) return absl::OkStatus();
  return CheckManages(room, institution->code(), issuer);
}

store::SubmitApplication MakeCommand(const IssuingRoom& room, const Caller& caller,
                                     const SubmitApplicationInput& input,
                                     const Judgement& judgement) {
  const certs::Application& application = input.application;
  store::SubmitApplication command;
  command.organisation_code = caller.organisation_code();
  command.request_key = RequestKey(caller.organisation_code(), input.request_id);
  command.content_sm3 = certs::Sm3()
                            .Add(certs::View(input.case_id))
                            .Add(input.profile)
                            .Add(absl::string_view("\0", 1))
                            .Add(certs::Canonical(application))
                            .Finish();
  command.resubmission = !input.case_id.empty();
  command.case_id = command.resubmission ? input.case_id : RandomId<certs::CaseId>();
  command.newborn_id = judgement.newborn_id;
  command.basis_delivery = judgement.basis_delivery;
  command.institution_code = application.institution_code;
  command.predecessor_number = application.predecessor_number;
  command.profile = judgement.profile->name;
  command.profile_version = judgement.profile->version;
  command.kind = application.kind;
  command.ground = application.ground;
  command.state = judgement.state;
  for (const certs::Defect& defect : judgement.defects) {
    command.defect_codes.push_back(defect.code);
  }
  command.content_digest = judgement.content_digest;
  command.claims = judgement.claims;
  command.sealed_body =
      room.registry.SealCaseBody(command.case_id, {application, judgement.content});
  return command;
}

// Rule J2.
absl::StatusOr<SubmitApplicationResult> JudgeAndFile(const IssuingRoom& room, const Caller& caller,
                                                     const SubmitApplicationInput& input) {
  // 1. Judge it by the institution's profile, all defects at once. Who files cannot choose another.
  ASSIGN_OR_RETURN(Judgement judgement,
                   JudgeCase(room, input.application, "", certs::DeliveryId()));
  if (!input.profile.empty() && input.profile != judgement.profile->name) {
    return certs::Error(
        absl::StatusCode::kInvalidArgument, "PROFILE_NOT_OF_INSTITUTION",
        absl::StrCat("application.profile: cases of this institution are judged by ",
                     judgement.profile->name, "; leave it out"),
        "application.profile", "管辖规则由签发机构确定，申请不能另行指定，请留空");
  }
  // 2. Keep it, fit or not.
  store::SubmitApplication command = MakeCommand(room, caller, input, judgement);
  const certs::CaseId filed_as = command.case_id;
  ASSIGN_OR_RETURN(const store::CaseAnswer answer, room.ledger.Call(std::move(command)));
  // 3. Answer; a repeat gets the case it made first.
  SubmitApplicationResult result;
  result.case_id = answer.case_id;
  result.state = answer.state;
  result.defects = std::move(judgement.defects);
  result.content_digest = judgement.content_digest;
  if (answer.case_id != filed_as) {
    ASSIGN_OR_RETURN(const storage::v1::CaseHead head,
                     Promised("case_id", room.registry.CaseHead(answer.case_id)));
    ASSIGN_OR_RETURN(result.content_digest, StoredDigest(head.content_digest(), "content_digest"));
  }
  return result;
}

}  // namespace

absl::StatusOr<SubmitApplicationResult> SubmitApplication(const IssuingRoom& room,
                                                          const Caller& caller,
                                                          const SubmitApplicationInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(CheckMayFile(caller, input.application));
  RETURN_IF_ERROR(CheckArea(room, input.application));
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<SubmitApplicationResult> result = JudgeAndFile(room, caller, input);
    // The delivery record changed under us: judge by the new one.
    const bool moved_on = certs::ReasonOf(result.status()) == "RECORD_MOVED_ON";
    if (!moved_on || attempt == kMaxAttempts) return result;
  }
}

}  // namespace birthseal::server
