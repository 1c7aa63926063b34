// SPDX-License-Identifier: Apache-2.0
#include "birthseal/v1/sharing.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/api/convert.h"
#include "server/api/rpc_services.h"
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

class SharingService final : public v1::Sharing::CallbackService {
 public:
  SharingService(RpcGate* gate, const ReadingRoom* room)
      : gate_(*gate),
        room_(*room),
        get_(gate->Method("/birthseal.v1.Sharing/GetCertificate", kMaxRequest)),
        download_(gate->Method("/birthseal.v1.Sharing/DownloadDocument", kMaxRequest)),
        preview_(gate->Method("/birthseal.v1.Sharing/GetPreview", kMaxRequest)) {}

  grpc::ServerUnaryReactor* GetCertificate(grpc::CallbackServerContext* context,
                                           const v1::GetCertificateRequest* request,
                                           v1::GetCertificateResponse* response) override {
    return gate_.OnWorker(
        get_, context, *request, [this, request, response](const Caller& caller) -> absl::Status {
          FieldChecker check;
          const CertificateRequest input = FromProto(request->key(), request->use_cause(), &check);
          if (!check.ok()) return check.status();
          ASSIGN_OR_RETURN(const CertificateView view,
                           server::GetCertificate(room_, caller, input));
          ToProto(view, response->mutable_certificate());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* DownloadDocument(grpc::CallbackServerContext* context,
                                             const v1::DownloadDocumentRequest* request,
                                             v1::DownloadDocumentResponse* response) override {
    return gate_.OnWorker(download_, context, *request,
                          [this, request, response](const Caller& caller) -> absl::Status {
                            FieldChecker check;
                            const CertificateRequest input =
                                FromProto(request->key(), request->use_cause(), &check);
                            if (!check.ok()) return check.status();
                            ASSIGN_OR_RETURN(DownloadDocumentResult result,
                                             server::DownloadDocument(room_, caller, input));
                            response->set_file(std::move(result.file));
                            ToProto(result.certificate, response->mutable_certificate());
                            return absl::OkStatus();
                          });
  }

  grpc::ServerUnaryReactor* GetPreview(grpc::CallbackServerContext* context,
                                       const v1::GetPreviewRequest* request,
                                       v1::GetPreviewResponse* response) override {
    return gate_.OnWorker(
        preview_, context, *request,
        [this, request, response](const Caller& caller) -> absl::Status {
          FieldChecker check;
          const CertificateRequest input = FromProto(request->key(), request->use_cause(), &check);
          if (request->dpi() != 0) check.Between(request->dpi(), "dpi", 72, 300);
          if (!check.ok()) return check.status();
          ASSIGN_OR_RETURN(std::string png,
                           server::GetPreview(room_, caller, input, request->dpi()));
          response->set_png(std::move(png));
          return absl::OkStatus();
        });
  }

 private:
  RpcGate& gate_;
  const ReadingRoom& room_;
  RpcMethod* const get_;
  RpcMethod* const download_;
  RpcMethod* const preview_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewSharingService(RpcGate* gate, const ReadingRoom* room) {
  return std::make_unique<SharingService>(gate, room);
}

}  // namespace birthseal::server
