// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "birthseal/v1/issuing.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/convert.h"
#include "server/api/services.h"
#include "server/door/grpc_status.h"
#include "server/door/rpc_gate.h"
#include "server/issuing/approve_cases.h"
#include "server/issuing/get_case.h"
#include "server/issuing/issue_certificates.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/revoke_certificate.h"
#include "server/issuing/submit_application.h"
#include "server/issuing/withdraw_case.h"

namespace birthseal::server {
namespace {

constexpr absl::Duration kMaxWait = absl::Minutes(1);  // for a quorum, whatever the deadline
constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(200);
constexpr auto kRequired = FieldChecker::kRequired;

template <typename Items>
absl::Status CheckItemCount(const Items& items) {
  FieldChecker check;
  check.Between(items.size(), "items", 1, static_cast<int>(certs::kMaxBatchItems));
  return check.status();
}

absl::StatusOr<SubmitApplicationInput> FromProto(const v1::SubmitApplicationRequest& in) {
  FieldChecker check;
  // The list of what may be asked is closed: a field that is not ours is refused, never ignored.
  check.NoUnknownFields(in);
  SubmitApplicationInput out;
  out.request_id = check.Text(in.request_id(), "request_id", certs::kMaxRequestId, kRequired);
  out.case_id = check.Identifier<certs::CaseId>(in.case_id(), "case_id", FieldChecker::kOptional);
  out.profile = check.Text(in.application().profile(), "application.profile", 80);
  out.application = FromProto(in.application(), &check);
  if (!check.ok()) return check.status();
  return out;
}

absl::Status Submit(const IssuingRoom& room, const Caller& caller,
                    const v1::SubmitApplicationRequest& request,
                    v1::SubmitApplicationResponse* response) {
  ASSIGN_OR_RETURN(const SubmitApplicationInput input, FromProto(request));
  ASSIGN_OR_RETURN(const SubmitApplicationResult result, SubmitApplication(room, caller, input));
  response->set_case_id(std::string(certs::View(result.case_id)));
  response->set_state(static_cast<v1::CaseState>(result.state));
  for (const certs::Defect& defect : result.defects) ToProto(defect, response->add_defects());
  if (result.state == certs::CaseState::kSubmitted) {
    response->set_content_digest(certs::Bytes(result.content_digest));
  }
  return absl::OkStatus();
}

absl::Status Get(const IssuingRoom& room, const Caller& caller, const v1::GetCaseRequest& request,
                 v1::GetCaseResponse* response) {
  FieldChecker check;
  GetCaseInput input;
  input.case_id = check.Identifier<certs::CaseId>(request.case_id(), "case_id");
  input.use_cause = check.Text(request.use_cause(), "use_cause", certs::kMaxReason);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const GetCaseResult result, GetCase(room, caller, input));
  response->set_case_id(std::string(certs::View(result.case_id)));
  response->set_state(static_cast<v1::CaseState>(result.state));
  ToProto(result.content, response->mutable_content());
  if (result.content_digest != certs::Digest{}) {  // else there is nothing to sign
    response->set_content_digest(certs::Bytes(result.content_digest));
  }
  response->set_certificate_number(result.certificate_number);
  if (result.face_digest.has_value()) {
    response->set_issue_date(absl::FormatCivilTime(result.issue_date));
    response->set_face_digest(certs::Bytes(*result.face_digest));
  }
  for (const certs::Defect& defect : result.defects) ToProto(defect, response->add_defects());
  return absl::OkStatus();
}

absl::Status Approve(const IssuingRoom& room, const Caller& caller,
                     const v1::ApproveCasesRequest& request, v1::ApproveCasesResponse* response) {
  RETURN_IF_ERROR(CheckItemCount(request.items()));
  std::vector<ApproveItem> items;
  for (int i = 0; i < request.items_size(); ++i) {
    FieldChecker check(absl::StrCat("items[", i, "]."));
    ApproveItem& item = items.emplace_back();
    item.case_id = check.Identifier<certs::CaseId>(request.items(i).case_id(), "case_id");
    item.content_digest = check.Sm3(request.items(i).content_digest(), "content_digest");
    OperatorSignature issuer = FromProto(request.items(i).issuer(), "issuer", &check);
    item.operator_id = std::move(issuer.operator_id);
    item.signature = std::move(issuer.signature);
    if (!check.ok()) return check.status();
  }
  ASSIGN_OR_RETURN(const std::vector<ApproveOutcome> outcomes, ApproveCases(room, caller, items));
  for (const ApproveOutcome& outcome : outcomes) {
    v1::ApproveCasesResponse::Result* result = response->add_results();
    result->set_case_id(std::string(certs::View(outcome.case_id)));
    if (!outcome.status.ok()) {
      ToItemError(outcome.status, result->mutable_error());
      continue;
    }
    result->set_certificate_number(outcome.certificate_number);
    result->set_issue_date(absl::FormatCivilTime(outcome.issue_date));
    result->set_face_digest(certs::Bytes(outcome.face_digest));
  }
  return absl::OkStatus();
}

// With ack WITNESSED an answer waits until a quorum covers it, as long as the caller has time.
absl::Status Acknowledge(const IssuingRoom& room, const CertificateView& view,
                         absl::Time deadline) {
  if (!room.ack_witnessed) return absl::OkStatus();
  const absl::Duration left = deadline - room.clock.Now() - kTimeToAnswer;
  return room.desk.AwaitWitnessed(view.position,
                                  std::max(absl::ZeroDuration(), std::min(left, kMaxWait)));
}

absl::Status Issue(const IssuingRoom& room, const Caller& caller, absl::Time deadline,
                   const v1::IssueCertificatesRequest& request,
                   v1::IssueCertificatesResponse* response) {
  RETURN_IF_ERROR(CheckItemCount(request.items()));
  std::vector<IssueItem> items;
  for (int i = 0; i < request.items_size(); ++i) {
    FieldChecker check(absl::StrCat("items[", i, "]."));
    IssueItem& item = items.emplace_back();
    item.case_id = check.Identifier<certs::CaseId>(request.items(i).case_id(), "case_id");
    item.issue_date = check.Day(request.items(i).issue_date(), "issue_date");
    OperatorSignature sealer = FromProto(request.items(i).sealer(), "sealer", &check);
    item.operator_id = std::move(sealer.operator_id);
    item.signature = std::move(sealer.signature);
    if (!check.ok()) return check.status();
  }
  ASSIGN_OR_RETURN(const std::vector<IssueOutcome> outcomes,
                   IssueCertificates(room, caller, items));
  for (const IssueOutcome& outcome : outcomes) {
    v1::IssueCertificatesResponse::Result* result = response->add_results();
    result->set_case_id(std::string(certs::View(outcome.case_id)));
    absl::Status status = outcome.status;
    if (status.ok()) status = Acknowledge(room, outcome.certificate, deadline);
    if (status.ok()) {
      ToProto(outcome.certificate, result->mutable_certificate());
    } else {
      ToItemError(status, result->mutable_error());
    }
  }
  return absl::OkStatus();
}

absl::Status Misprint(const IssuingRoom& room, const Caller& caller,
                      const v1::ReportMisprintRequest& request,
                      v1::ReportMisprintResponse* response) {
  FieldChecker check;
  ReportMisprintInput input;
  input.request_id =
      check.Text(request.request_id(), "request_id", certs::kMaxRequestId, kRequired);
  input.case_id = check.Identifier<certs::CaseId>(request.case_id(), "case_id");
  input.number = check.Text(request.number(), "number", 20, kRequired);
  input.operator_id = check.Text(request.operator_id(), "operator_id", 64, kRequired);
  input.reason = check.Text(request.reason(), "reason", certs::kMaxReason, kRequired);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(std::string number, ReportMisprint(room, caller, input));
  response->set_certificate_number(std::move(number));
  return absl::OkStatus();
}

absl::Status Withdraw(const IssuingRoom& room, const Caller& caller,
                      const v1::WithdrawCaseRequest& request) {
  FieldChecker check;
  WithdrawCaseInput input;
  input.case_id = check.Identifier<certs::CaseId>(request.case_id(), "case_id");
  input.reason = check.Text(request.reason(), "reason", certs::kMaxReason, kRequired);
  if (!check.ok()) return check.status();
  return WithdrawCase(room, caller, input);
}

absl::Status Revoke(const IssuingRoom& room, const Caller& caller, absl::Time deadline,
                    const v1::RevokeCertificateRequest& request,
                    v1::RevokeCertificateResponse* response) {
  FieldChecker check;
  RevokeCertificateInput input;
  input.request_id =
      check.Text(request.request_id(), "request_id", certs::kMaxRequestId, kRequired);
  input.number = check.Text(request.number(), "number", 20, kRequired);
  input.decision = FromProto(request.decision(), "decision.", &check);
  input.issuer = FromProto(request.issuer(), "issuer", &check);
  input.sealer = FromProto(request.sealer(), "sealer", &check);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const CertificateView view, RevokeCertificate(room, caller, input));
  RETURN_IF_ERROR(Acknowledge(room, view, deadline));
  ToProto(view, response->mutable_certificate());
  return absl::OkStatus();
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  return absl::FromChrono(context.deadline());
}

class IssuingService final : public v1::Issuing::CallbackService {
 public:
  IssuingService(RpcGate* gate, const IssuingRoom* room) : gate_(*gate), room_(*room) {}

  grpc::ServerUnaryReactor* SubmitApplication(grpc::CallbackServerContext* context,
                                              const v1::SubmitApplicationRequest* request,
                                              v1::SubmitApplicationResponse* response) override {
    return gate_.OnWorker(submit_, context, *request, [=](const Caller& caller) {
      return Submit(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const v1::GetCaseRequest* request,
                                    v1::GetCaseResponse* response) override {
    return gate_.OnWorker(get_, context, *request, [=](const Caller& caller) {
      return Get(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* ApproveCases(grpc::CallbackServerContext* context,
                                         const v1::ApproveCasesRequest* request,
                                         v1::ApproveCasesResponse* response) override {
    return gate_.OnWorker(approve_, context, *request, [=](const Caller& caller) {
      return Approve(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* IssueCertificates(grpc::CallbackServerContext* context,
                                              const v1::IssueCertificatesRequest* request,
                                              v1::IssueCertificatesResponse* response) override {
    return gate_.OnWorker(issue_, context, *request, [=](const Caller& caller) {
      return Issue(room_, caller, DeadlineOf(*context), *request, response);
    });
  }
  grpc::ServerUnaryReactor* ReportMisprint(grpc::CallbackServerContext* context,
                                           const v1::ReportMisprintRequest* request,
                                           v1::ReportMisprintResponse* response) override {
    return gate_.OnWorker(misprint_, context, *request, [=](const Caller& caller) {
      return Misprint(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* WithdrawCase(grpc::CallbackServerContext* context,
                                         const v1::WithdrawCaseRequest* request,
                                         v1::WithdrawCaseResponse* /*response*/) override {
    return gate_.OnWorker(withdraw_, context, *request,
                          [=](const Caller& caller) { return Withdraw(room_, caller, *request); });
  }
  grpc::ServerUnaryReactor* RevokeCertificate(grpc::CallbackServerContext* context,
                                              const v1::RevokeCertificateRequest* request,
                                              v1::RevokeCertificateResponse* response) override {
    return gate_.OnWorker(revoke_, context, *request, [=](const Caller& caller) {
      return Revoke(room_, caller, DeadlineOf(*context), *request, response);
    });
  }

 private:
  RpcMethod* Method(const char* name, size_t max_bytes) {
    return gate_.Method(absl::StrCat("/birthseal.v1.Issuing/", name), max_bytes);
  }

  RpcGate& gate_;
  const IssuingRoom& room_;
  RpcMethod* const submit_ = Method("SubmitApplication", certs::kMaxSmallRequest);
  RpcMethod* const get_ = Method("GetCase", certs::kMaxSmallRequest);
  RpcMethod* const approve_ = Method("ApproveCases", certs::kMaxBatchRequest);
  RpcMethod* const issue_ = Method("IssueCertificates", certs::kMaxBatchRequest);
  RpcMethod* const misprint_ = Method("ReportMisprint", certs::kMaxSmallRequest);
  RpcMethod* const withdraw_ = Method("WithdrawCase", certs::kMaxSmallRequest);
  RpcMethod* const revoke_ = Method("RevokeCertificate", certs::kMaxSmallRequest);
};

}  // namespace

std::unique_ptr<grpc::Service> NewIssuingService(RpcGate* gate, const IssuingRoom* room) {
  return std::make_unique<IssuingService>(gate, room);
}

}  // namespace birthseal::server
