// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "birthseal/v1/sharing.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/convert.h"
#include "server/api/services.h"
#include "server/door/rpc_gate.h"
#include "server/reading/download_document.h"
#include "server/reading/get_certificate.h"
#include "server/reading/get_preview.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxRequest = 4 << 10;

CertificateRequest FromProto(const v1::CertificateKey& key, const std::string& use_cause,
                             FieldChecker* check) {
  CertificateRequest out;
  switch (key.key_case()) {
    case v1::CertificateKey::kNumber:
      out.key = check->Text(key.number(), "key.number", 20, FieldChecker::kRequired);
      break;
    case v1::CertificateKey::kLicenceId:
      out.key = check->Text(key.licence_id(), "key.licence_id", 100, FieldChecker::kRequired);
      break;
    case v1::CertificateKey::KEY_NOT_SET:
      check->Fault("KEY_REQUIRED", "key", "must be a number or a licence identifier");
  }
  out.use_cause = check->Text(use_cause, "use_cause", certs::kMaxReason);
  return out;
}

absl::Status Get(const ReadingRoom& room, const Caller& caller,
                 const v1::GetCertificateRequest& request, v1::GetCertificateResponse* response) {
  FieldChecker check;
  const CertificateRequest input = FromProto(request.key(), request.use_cause(), &check);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(const CertificateView view, GetCertificate(room, caller, input));
  ToProto(view, response->mutable_certificate());
  return absl::OkStatus();
}

absl::Status Download(const ReadingRoom& room, const Caller& caller,
                      const v1::DownloadDocumentRequest& request,
                      v1::DownloadDocumentResponse* response) {
  FieldChecker check;
  const CertificateRequest input = FromProto(request.key(), request.use_cause(), &check);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(DownloadDocumentResult result, DownloadDocument(room, caller, input));
  response->set_file(std::move(result.file));
  ToProto(result.certificate, response->mutable_certificate());
  return absl::OkStatus();
}

absl::Status Preview(const ReadingRoom& room, const Caller& caller,
                     const v1::GetPreviewRequest& request, v1::GetPreviewResponse* response) {
  FieldChecker check;
  const CertificateRequest input = FromProto(request.key(), request.use_cause(), &check);
  if (request.dpi() != 0) check.Between(request.dpi(), "dpi", 72, 300);
  if (!check.ok()) return check.status();
  ASSIGN_OR_RETURN(std::string png, GetPreview(room, caller, input, request.dpi()));
  response->set_png(std::move(png));
  return absl::OkStatus();
}

class SharingService final : public v1::Sharing::CallbackService {
 public:
  SharingService(RpcGate* gate, const ReadingRoom* room) : gate_(*gate), room_(*room) {}

  grpc::ServerUnaryReactor* GetCertificate(grpc::CallbackServerContext* context,
                                           const v1::GetCertificateRequest* request,
                                           v1::GetCertificateResponse* response) override {
    return gate_.OnWorker(get_, context, *request, [=](const Caller& caller) {
      return Get(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* DownloadDocument(grpc::CallbackServerContext* context,
                                             const v1::DownloadDocumentRequest* request,
                                             v1::DownloadDocumentResponse* response) override {
    return gate_.OnWorker(download_, context, *request, [=](const Caller& caller) {
      return Download(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* GetPreview(grpc::CallbackServerContext* context,
                                       const v1::GetPreviewRequest* request,
                                       v1::GetPreviewResponse* response) override {
    return gate_.OnWorker(preview_, context, *request, [=](const Caller& caller) {
      return Preview(room_, caller, *request, response);
    });
  }

 private:
  RpcMethod* Method(const char* name) {
    return gate_.Method(absl::StrCat("/birthseal.v1.Sharing/", name), kMaxRequest);
  }

  RpcGate& gate_;
  const ReadingRoom& room_;
  RpcMethod* const get_ = Method("GetCertificate");
  RpcMethod* const download_ = Method("DownloadDocument");
  RpcMethod* const preview_ = Method("GetPreview");
};

}  // namespace

std::unique_ptr<grpc::Service> NewSharingService(RpcGate* gate, const ReadingRoom* room) {
  return std::make_unique<SharingService>(gate, room);
}

}  // namespace birthseal::server
