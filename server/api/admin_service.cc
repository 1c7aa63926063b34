// SPDX-License-Identifier: Apache-2.0
#include "birthseal/v1/admin.grpc.pb.h"
#include "certs/status_macros.h"
#include "server/admin/administer.h"
#include "server/admin/create_backup.h"
#include "server/api/convert.h"
#include "server/api/field_checker.h"
#include "server/api/issuing_acts.h"
#include "server/api/services.h"
#include "server/door/rpc_gate.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxRequest = 64 << 10;
constexpr int kMaxFacilities = 1000;
constexpr auto kRequired = FieldChecker::kRequired;

absl::Status Put(const AdminRoom& room, const Caller& caller, const v1::Institution& in) {
  FieldChecker check("institution.");
  storage::v1::Institution record;
  record.set_code(check.Text(in.code(), "code", 18, kRequired));
  record.set_name(check.Text(in.name(), "name", 300, kRequired));
  record.set_county_code(check.Text(in.county_code(), "county_code", 6));
  record.set_county_name(check.Text(in.county_name(), "county_name", 60));
  record.set_licensed(in.licensed());
  record.set_managing(in.managing());
  record.set_out_of_facility(in.out_of_facility());
  record.set_profile(check.Text(in.profile(), "profile", 80));
  if (!check.ok()) return check.status();
  return PutInstitution(room, caller, record);
}

absl::Status Put(const AdminRoom& room, const Caller& caller, const v1::Client& in) {
  FieldChecker check("client.");
  storage::v1::Client record;
  record.set_certificate_sm3(certs::Bytes(check.Sm3(in.certificate_sm3(), "certificate_sm3")));
  record.set_organisation_code(
      check.Text(in.organisation_code(), "organisation_code", 18, kRequired));
  for (const int role : in.roles()) {
    if (!v1::Role_IsValid(role) || role == v1::ROLE_UNSPECIFIED) {
      check.Fault("ENUM_UNKNOWN", "roles", "must be named roles");
    }
    record.add_roles(role);
  }
  if (in.active() && in.roles().empty()) {
    check.Fault("FIELD_REQUIRED", "roles", "is required for an active client");
  }
  check.Between(in.facility_codes_size(), "facility_codes.count", 0, kMaxFacilities);
  for (const std::string& code : in.facility_codes()) {
    record.add_facility_codes(check.Text(code, "facility_codes", 18, kRequired));
  }
  record.set_active(in.active());
  if (!check.ok()) return check.status();
  return PutClient(room, caller, record);
}

absl::Status Put(const AdminRoom& room, const Caller& caller, const v1::Operator& in) {
  FieldChecker check("operator.");
  storage::v1::Operator record;
  record.set_id(check.Text(in.id(), "id", 64, kRequired));
  record.set_institution_code(check.Text(in.institution_code(), "institution_code", 18, kRequired));
  record.set_may_issue(in.may_issue());
  record.set_may_seal(in.may_seal());
  record.set_active(in.active());
  check.Bytes(in.public_key(), "public_key", 1024, kRequired);
  record.set_public_key(in.public_key());
  if (!check.ok()) return check.status();
  return PutOperator(room, caller, record);
}

absl::Status Put(const AdminRoom& room, const Caller& caller, const v1::PutSealRequest& in) {
  FieldChecker check;
  storage::v1::SealRecord record;
  record.set_institution_code(check.Text(in.institution_code(), "institution_code", 18, kRequired));
  record.set_suspended(in.suspended());
  record.set_seal_sm3(certs::Bytes(check.Sm3(in.seal_sm3(), "seal_sm3")));
  if (!check.ok()) return check.status();
  return PutSeal(room, caller, record);
}

absl::Status Receive(const AdminRoom& room, const Caller& caller,
                     const v1::ReceiveStockRequest& in) {
  FieldChecker check;
  ReceiveStockInput input;
  input.request_id = check.Text(in.request_id(), "request_id", 64, kRequired);
  input.institution_code = check.Text(in.institution_code(), "institution_code", 18, kRequired);
  input.first_number = check.Text(in.first_number(), "first_number", 10, kRequired);
  input.last_number = check.Text(in.last_number(), "last_number", 10, kRequired);
  if (!check.ok()) return check.status();
  return ReceiveStock(room, caller, input);
}

absl::Status Backup(const AdminRoom& room, const Caller& caller, const v1::CreateBackupRequest& in,
                    v1::CreateBackupResponse* response) {
  ASSIGN_OR_RETURN(const storage::v1::BackupManifest manifest,
                   CreateBackup(room, caller, in.name()));
  response->set_name(manifest.name());
  response->set_log_epoch(manifest.log_epoch());
  response->set_log_size(manifest.log_size());
  response->set_batch_sequence(manifest.batch_sequence());
  uint64_t bytes = 0;
  for (const auto& file : manifest.files()) bytes += file.size();
  response->set_bytes(bytes);
  return absl::OkStatus();
}

absl::Status Summarise(const AdminRoom& room, const Caller& caller,
                       v1::GetSummaryResponse* response) {
  ASSIGN_OR_RETURN(const Summary summary, GetSummary(room, caller));
  response->set_deliveries_accepted(summary.deliveries_accepted);
  response->set_deliveries_in_review(summary.deliveries_in_review);
  response->set_deliveries_rejected(summary.deliveries_rejected);
  response->set_certificates_issued(summary.certificates_issued);
  response->set_certificates_voided(summary.certificates_voided);
  response->set_log_size(summary.log_size);
  response->set_numbers_in_stock(summary.numbers_in_stock);
  response->set_numbers_wasted(summary.numbers_wasted);
  return absl::OkStatus();
}

class AdminService final : public v1::Administration::CallbackService {
 public:
  AdminService(RpcGate* gate, const AdminRoom* room, const IssuingActs& issuing)
      : gate_(*gate), room_(*room), issuing_(issuing) {}

  grpc::ServerUnaryReactor* PutInstitution(grpc::CallbackServerContext* context,
                                           const v1::PutInstitutionRequest* request,
                                           v1::PutInstitutionResponse* /*response*/) override {
    return gate_.OnWorker(institution_, context, *request, [=](const Caller& caller) {
      return Put(room_, caller, request->institution());
    });
  }
  grpc::ServerUnaryReactor* PutClient(grpc::CallbackServerContext* context,
                                      const v1::PutClientRequest* request,
                                      v1::PutClientResponse* /*response*/) override {
    return gate_.OnWorker(client_, context, *request, [=](const Caller& caller) {
      absl::Status status = Put(room_, caller, request->client());
      // Also after an error: an unknown outcome may have become durable.
      gate_.directory()->Invalidate();
      return status;
    });
  }
  grpc::ServerUnaryReactor* PutOperator(grpc::CallbackServerContext* context,
                                        const v1::PutOperatorRequest* request,
                                        v1::PutOperatorResponse* /*response*/) override {
    return gate_.OnWorker(operator_, context, *request, [=](const Caller& caller) {
      return Put(room_, caller, request->operator_());
    });
  }
  grpc::ServerUnaryReactor* PutSeal(grpc::CallbackServerContext* context,
                                    const v1::PutSealRequest* request,
                                    v1::PutSealResponse* /*response*/) override {
    return gate_.OnWorker(seal_, context, *request,
                          [=](const Caller& caller) { return Put(room_, caller, *request); });
  }
  grpc::ServerUnaryReactor* ReceiveStock(grpc::CallbackServerContext* context,
                                         const v1::ReceiveStockRequest* request,
                                         v1::ReceiveStockResponse* /*response*/) override {
    return gate_.OnWorker(stock_, context, *request,
                          [=](const Caller& caller) { return Receive(room_, caller, *request); });
  }
  grpc::ServerUnaryReactor* CancelReservation(
      grpc::CallbackServerContext* context, const v1::CancelReservationRequest* request,
      v1::CancelReservationResponse* /*response*/) override {
    return gate_.OnWorker(cancel_, context, *request,
                          [=](const Caller& caller) { return issuing_.Cancel(caller, *request); });
  }
  grpc::ServerUnaryReactor* ConfirmStock(grpc::CallbackServerContext* context,
                                         const v1::ConfirmStockRequest* request,
                                         v1::ConfirmStockResponse* /*response*/) override {
    return gate_.OnWorker(confirm_, context, *request,
                          [=](const Caller& caller) { return issuing_.Confirm(caller, *request); });
  }
  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context,
                                         const v1::CreateBackupRequest* request,
                                         v1::CreateBackupResponse* response) override {
    return gate_.OnWorker(backup_, context, *request, [=](const Caller& caller) {
      return Backup(room_, caller, *request, response);
    });
  }
  grpc::ServerUnaryReactor* GetSummary(grpc::CallbackServerContext* context,
                                       const v1::GetSummaryRequest* request,
                                       v1::GetSummaryResponse* response) override {
    return gate_.OnWorker(summary_, context, *request,
                          [=](const Caller& caller) { return Summarise(room_, caller, response); });
  }

 private:
  RpcMethod* Method(const char* name) {
    return gate_.Method(absl::StrCat("/birthseal.v1.Administration/", name), kMaxRequest);
  }

  RpcGate& gate_;
  const AdminRoom& room_;
  const IssuingActs issuing_;
  RpcMethod* const institution_ = Method("PutInstitution");
  RpcMethod* const client_ = Method("PutClient");
  RpcMethod* const operator_ = Method("PutOperator");
  RpcMethod* const seal_ = Method("PutSeal");
  RpcMethod* const stock_ = Method("ReceiveStock");
  RpcMethod* const cancel_ = Method("CancelReservation");
  RpcMethod* const confirm_ = Method("ConfirmStock");
  RpcMethod* const backup_ = Method("CreateBackup");
  RpcMethod* const summary_ = Method("GetSummary");
};

}  // namespace

std::unique_ptr<grpc::Service> NewAdminService(RpcGate* gate, const AdminRoom* room,
                                               const IssuingRoom* issuing) {
  return std::make_unique<AdminService>(gate, room, IssuingActs(issuing));
}

}  // namespace birthseal::server
