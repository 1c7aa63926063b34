// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "birthseal/v1/verification.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/convert.h"
#include "server/api/services.h"
#include "server/door/rpc_gate.h"
#include "server/reading/get_receipt.h"
#include "server/reading/get_status.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxRequest = 4 << 10;
constexpr int kMaxReceipts = 4;

static_assert(static_cast<int>(signer::Verdict::kValid) == v1::VERDICT_VALID);
static_assert(static_cast<int>(signer::Verdict::kNotVerifiable) == v1::VERDICT_NOT_VERIFIABLE);

void ToProto(const VerifyDocumentResult& in, v1::VerifyDocumentResponse* out) {
  out->set_verdict(static_cast<v1::Verdict>(in.report.verdict));
  out->set_verdict_zh(std::string(signer::NameZh(in.report.verdict)));
  for (const signer::LayerReport& layer : in.report.layers) {
    v1::LayerReport* report = out->add_layers();
    report->set_layer(std::string(signer::Name(layer.layer)));
    report->set_result(std::string(signer::Name(layer.result)));
    for (const std::string& reason : layer.reasons) report->add_reasons(reason);
  }
  for (const std::string& notice : in.report.notices) out->add_notices(notice);
  out->set_receipt_strength(std::string(signer::Name(in.report.receipt)));
  out->set_log_size(in.report.log_size);
  out->set_log_epoch(in.report.log_epoch);
  out->set_after_witnessed_size(in.report.after_witnessed_size);
  out->set_share_result(in.share_result);
  if (in.report.certificate.has_value()) {
    out->set_number(in.report.certificate->face.certificate_number);
    out->set_licence_id(in.report.certificate->licence_id);
  }
}

absl::Status Verify(const ReadingRoom& room, const Caller& caller,
                    const v1::VerifyDocumentRequest& request,
                    v1::VerifyDocumentResponse* response) {
  FieldChecker check;
  check.Bytes(request.file(), "file", certs::kMaxDocument, FieldChecker::kRequired);
  check.Text(request.use_cause(), "use_cause", certs::kMaxReason);
  VerifyDocumentInput input{request.file(), request.use_cause()};
  check.Between(request.receipts_size(), "receipts", 0, kMaxReceipts);
  if (!check.ok()) return check.status();
  input.receipts.assign(request.receipts().begin(), request.receipts().end());
  ASSIGN_OR_RETURN(const VerifyDocumentResult result, VerifyDocument(room, caller, input));
  ToProto(result, response);
  return absl::OkStatus();
}

absl::Status Verify(const ReadingRoom& room, const Caller& caller,
                    const v1::VerifyNumberRequest& request, v1::VerifyNumberResponse* response) {
  FieldChecker check;
  VerifyNumberInput input;
  input.number = check.Text(request.number(), "number", 20);
  input.newborn_name = check.Text(request.newborn_name(), "newborn_name", certs::kMaxName);
  input.birth_date = check.Text(request.birth_date(), "birth_date", 10);
  input.parent_id_number = check.IdNumber(request.parent_id_number(), "parent_id_number");
  input.use_cause = check.Text(request.use_cause(), "use_cause", certs::kMaxReason);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const VerifyNumberResult result, VerifyNumber(room, caller, input));
  response->set_share_result(result.share_result);
  response->set_response_code(result.response_code);
  if (result.has_state) response->set_status(server::ToProto(result.state));
  response->set_text_zh(result.text_zh);
  response->set_text_en(result.text_en);
  response->set_log_size(result.log_size.value());
  return absl::OkStatus();
}

absl::Status Prove(const ReadingRoom& room, const Caller& caller,
                   const v1::ProveUniquenessRequest& request,
                   v1::ProveUniquenessResponse* response) {
  FieldChecker check;
  ProveUniquenessInput input;
  input.mother_id_type = check.Enum<certs::IdType>(request.mother_id_type(),
                                                   v1::IdType_IsValid(request.mother_id_type()),
                                                   "mother_id_type", FieldChecker::kRequired);
  input.mother_id_number =
      check.IdNumber(request.mother_id_number(), "mother_id_number", FieldChecker::kRequired);
  input.birth_date = check.Day(request.birth_date(), "birth_date", FieldChecker::kRequired);
  input.birth_order = check.Between(request.birth_order(), "birth_order", 1, 20);
  input.use_cause = check.Text(request.use_cause(), "use_cause", certs::kMaxReason);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(ProveUniquenessResult result, ProveUniqueness(room, caller, input));
  response->set_proof(std::move(result.proof));
  response->set_status_index(result.status_index.value());
  response->set_witnessed(result.witnessed);
  response->set_log_epoch(result.position.epoch.value());
  response->set_log_size(result.position.size.value());
  return absl::OkStatus();
}

absl::Status Fetch(const ReadingRoom& room, const v1::GetReceiptRequest& request,
                   v1::GetReceiptResponse* response) {
  FieldChecker check;
  const std::string licence =
      check.Text(request.licence_id(), "licence_id", 100, FieldChecker::kRequired);
  const int strength = check.Between(request.strength(), "strength", 1, 2);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(std::string receipt,
                   GetReceipt(room, licence, static_cast<FetchedReceipt>(strength)));
  response->set_receipt(std::move(receipt));
  return absl::OkStatus();
}

absl::Status Get(const ReadingRoom& room, const v1::GetStatusRequest& request,
                 v1::GetStatusResponse* response) {
  FieldChecker check;
  check.Text(request.licence_id(), "licence_id", 100);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(
      const GetStatusResult result,
      GetStatus(room, request.licence_id(), certs::StatusIndex(request.status_index())));
  response->set_known(result.known);
  if (result.known) response->set_status(server::ToProto(result.state));
  response->set_log_size(result.position.size.value());
  server::ToProto(result.log_time, response->mutable_log_time());
  response->set_log_epoch(result.position.epoch.value());
  if (result.not_proven_since.has_value()) {
    server::ToProto(*result.not_proven_since, response->mutable_freshness_not_proven_since());
  }
  return absl::OkStatus();
}

class VerificationService final : public v1::Verification::CallbackService {
 public:
  VerificationService(RpcGate* gate, const ReadingRoom* room, Apart apart)
      : gate_(*gate), room_(*room) {
    if (apart.pool != nullptr) gate->RunApart(document_, apart.pool, apart.bytes);
  }

  grpc::ServerUnaryReactor* VerifyDocument(grpc::CallbackServerContext* context,
                                           const v1::VerifyDocumentRequest* request,
                                           v1::VerifyDocumentResponse* response) override {
    return gate_.OnWorker(document_, context, *request, [=](const Caller& caller) {
      return Verify(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* VerifyNumber(grpc::CallbackServerContext* context,
                                         const v1::VerifyNumberRequest* request,
                                         v1::VerifyNumberResponse* response) override {
    return gate_.OnWorker(number_, context, *request, [=](const Caller& caller) {
      return Verify(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* GetReceipt(grpc::CallbackServerContext* context,
                                       const v1::GetReceiptRequest* request,
                                       v1::GetReceiptResponse* response) override {
    return gate_.OnWorker(receipt_, context, *request,
                          [=](const Caller&) { return Fetch(room_, *request, response); });
  }
  grpc::ServerUnaryReactor* ProveUniqueness(grpc::CallbackServerContext* context,
                                            const v1::ProveUniquenessRequest* request,
                                            v1::ProveUniquenessResponse* response) override {
    return gate_.OnWorker(unique_, context, *request, [=](const Caller& caller) {
      return Prove(room_, caller, *request, response);
    });
  }
  // A read or two and no commit: faster than the way over a worker.
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    return gate_.AtOnce(status_, context, *request,
                        [=](const Caller&) { return Get(room_, *request, response); });
  }

 private:
  RpcMethod* Method(const char* name, size_t max_bytes = kMaxRequest) {
    return gate_.Method(absl::StrCat("/birthseal.v1.Verification/", name), max_bytes);
  }

  RpcGate& gate_;
  const ReadingRoom& room_;
  RpcMethod* const document_ = Method("VerifyDocument", certs::kMaxDocumentRequest);
  RpcMethod* const number_ = Method("VerifyNumber", 16 << 10);
  RpcMethod* const status_ = Method("GetStatus");
  RpcMethod* const receipt_ = Method("GetReceipt");
  RpcMethod* const unique_ = Method("ProveUniqueness");
};

}  // namespace

std::unique_ptr<grpc::Service> NewVerificationService(RpcGate* gate, const ReadingRoom* room,
                                                      Apart apart) {
  return std::make_unique<VerificationService>(gate, room, apart);
}

}  // namespace birthseal::server
