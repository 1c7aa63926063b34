// SPDX-License-Identifier: Apache-2.0
// Police and relying parties: verify a file, a number, a status; offline with trust files alone.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/trust_directory.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::cli {
namespace {

struct VerifyOptions {
  std::vector<std::string> files, receipts;
  std::string cause = "verification 核验", trust, log_name = "birthseal.example/log";
};

// A bad verdict ends the command with 1, so that scripts need not read the text.
absl::Status Judge(bool genuine) {
  if (genuine) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kFailedPrecondition, "NOT_VALID",
                      "at least one document is not a valid certificate");
}

void PrintResponse(const std::string& file, const v1::VerifyDocumentResponse& response) {
  std::printf("%s\n  %s  %s\n", file.c_str(),
              v1::Verdict_Name(response.verdict()).substr(8).c_str(),
              response.verdict_zh().c_str());
  for (const v1::LayerReport& layer : response.layers()) {
    std::printf("    %-13s %-12s %s\n", layer.layer().c_str(), layer.result().c_str(),
                absl::StrJoin(layer.reasons(), "; ").c_str());
  }
  for (const std::string& notice : response.notices())
    std::printf("    notice: %s\n", notice.c_str());
  std::printf("    receipt %s, log epoch %llu size %llu\n", response.receipt_strength().c_str(),
              static_cast<unsigned long long>(response.log_epoch()),
              static_cast<unsigned long long>(response.log_size()));
  if (response.after_witnessed_size() != 0) {
    std::printf("    accepted after witnesses had seen the log at size %llu\n",
                static_cast<unsigned long long>(response.after_witnessed_size()));
  }
}

// The offline verdict in the form of the online one, so that both print alike.
v1::VerifyDocumentResponse ToResponse(const signer::Report& report) {
  v1::VerifyDocumentResponse response;
  response.set_verdict(static_cast<v1::Verdict>(report.verdict));
  response.set_verdict_zh(std::string(signer::NameZh(report.verdict)));
  for (const signer::LayerReport& layer : report.layers) {
    v1::LayerReport* out = response.add_layers();
    out->set_layer(std::string(signer::Name(layer.layer)));
    out->set_result(std::string(signer::Name(layer.result)));
    for (const std::string& reason : layer.reasons) out->add_reasons(reason);
  }
  for (const std::string& notice : report.notices) response.add_notices(notice);
  response.set_receipt_strength(std::string(signer::Name(report.receipt)));
  response.set_log_size(report.log_size);
  response.set_log_epoch(report.log_epoch);
  response.set_after_witnessed_size(report.after_witnessed_size);
  if (report.certificate) {
    response.set_number(report.certificate->face.certificate_number);
    response.set_licence_id(report.certificate->licence_id);
  }
  return response;
}

absl::StatusOr<std::unique_ptr<signer::DocumentVerifier>> OfflineVerifier(const VerifyOptions& o) {
  ASSIGN_OR_RETURN(signer::VerifierTrust trust, ReadTrust(o.trust, o.log_name));
  return std::make_unique<signer::DocumentVerifier>(std::move(trust));
}

bool Genuine(v1::Verdict verdict) {
  return verdict == v1::VERDICT_VALID || verdict == v1::VERDICT_GENUINE_STATUS_NOT_CHECKED;
}

// A receipt of another file fails the file beside it, so each file is verified with its own.
absl::Status CheckReceiptOptions(const VerifyOptions& o) {
  if (o.receipts.empty() || o.files.size() == 1) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "RECEIPT_NEEDS_ONE_FILE",
                      "--receipt: a receipt is of one file; verify each file in a call of its own",
                      "receipt", "回执只属于一个文件：请逐个文件核验");
}

absl::StatusOr<v1::VerifyDocumentResponse> VerifyOne(Session* session, const VerifyOptions& o,
                                                     const signer::DocumentVerifier* offline,
                                                     const std::vector<std::string>& receipts,
                                                     const std::string& path) {
  ASSIGN_OR_RETURN(std::string file, ReadFile(path));
  if (offline != nullptr) return ToResponse(offline->Verify(file, absl::Now(), receipts));
  v1::VerifyDocumentRequest request;
  request.set_file(file);
  request.set_use_cause(o.cause);
  for (const std::string& receipt : receipts) request.add_receipts(receipt);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  return client->VerifyDocument(request);
}

absl::Status Verify(Session* session, const VerifyOptions& o) {
  RETURN_IF_ERROR(CheckReceiptOptions(o));
  std::unique_ptr<signer::DocumentVerifier> offline;
  if (!o.trust.empty()) {
    ASSIGN_OR_RETURN(offline, OfflineVerifier(o));
  }
  std::vector<std::string> receipts;
  for (const std::string& path : o.receipts) {
    ASSIGN_OR_RETURN(receipts.emplace_back(), ReadFile(path));
  }
  // A file that cannot be read or asked about hides none of the others.
  bool all = true;
  Progress progress("verifying 核验", o.files.size());
  for (const std::string& path : o.files) {
    const auto response = VerifyOne(session, o, offline.get(), receipts, path);
    progress.Step();
    if (!response.ok()) {
      if (o.files.size() == 1) return response.status();
      std::fprintf(stderr, "%s: ", path.c_str());
      Finish(response.status());
      all = false;
      continue;
    }
    all = all && Genuine(response->verdict());
    if (session->json())
      PrintJson(*response);
    else
      PrintResponse(path, *response);
  }
  return Judge(all);
}

absl::Status VerifyNumber(Session* session, const v1::VerifyNumberRequest& request) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::VerifyNumberResponse response, client->VerifyNumber(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("%s\n%s\n结果 result %d, response code %d, log size %llu\n",
                response.text_zh().c_str(), response.text_en().c_str(), response.share_result(),
                response.response_code(), static_cast<unsigned long long>(response.log_size()));
  return absl::OkStatus();
}

absl::Status Status(Session* session, const std::string& licence_id) {
  v1::GetStatusRequest request;
  request.set_licence_id(licence_id);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetStatusResponse response, client->GetStatus(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("%s  log epoch %llu size %llu\n",
                response.known() ? v1::CertificateStatus_Name(response.status()).substr(19).c_str()
                                 : "UNKNOWN",
                static_cast<unsigned long long>(response.log_epoch()),
                static_cast<unsigned long long>(response.log_size()));
  return absl::OkStatus();
}

absl::Status Checkpoint(Session* session) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetCheckpointResponse response, client->GetCheckpoint({}));
  if (session->json())
    PrintJson(response);
  else
    std::fputs(response.checkpoint().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddVerificationCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* verify = app->add_subcommand("verify", "verify OFD files (核验证照文件)");
  auto o = std::make_shared<VerifyOptions>();
  verify->add_option("files", o->files, "OFD files")->required();
  verify->add_option("--cause", o->cause, "use cause (用证事由), recorded");
  verify->add_option(
      "--trust", o->trust,
      "verify offline with seal-makers.pem, signers.pem, log.pem and witnesses.textproto of this "
      "directory");
  verify->add_option("--receipt", o->receipts,
                     "receipt R2 or R3 of the one file, fetched before (回执); may be repeated");
  verify->add_option("--log-name", o->log_name, "name of the log whose key log.pem holds");
  verify->callback([=] { *result = Finish(Verify(session, *o)); });

  CLI::App* number =
      app->add_subcommand("verify-number", "verify by number and facts (按编号核验)");
  auto facts = std::make_shared<v1::VerifyNumberRequest>();
  facts->set_use_cause("verification 核验");
  number->add_option("number", *facts->mutable_number(), "certificate number (编号)")->required();
  number->add_option("--name", *facts->mutable_newborn_name(), "newborn's name (新生儿姓名)");
  number->add_option("--birth-date", *facts->mutable_birth_date(), "YYYY-MM-DD");
  number->add_option("--parent-id", *facts->mutable_parent_id_number(), "either parent's number");
  number->add_option("--cause", *facts->mutable_use_cause(), "use cause (用证事由)");
  number->callback([=] { *result = Finish(VerifyNumber(session, *facts)); });

  CLI::App* status = app->add_subcommand("status", "status by licence identifier (证照状态)");
  auto licence = std::make_shared<std::string>();
  status->add_option("licence", *licence, "licence identifier (证照标识)")->required();
  status->callback([=] { *result = Finish(Status(session, *licence)); });

  app->add_subcommand("checkpoint", "newest checkpoint of the log (日志检查点)")->callback([=] {
    *result = Finish(Checkpoint(session));
  });
}

}  // namespace birthseal::cli
