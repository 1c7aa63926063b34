// SPDX-License-Identifier: Apache-2.0
// Platforms and institutions: fetch certificates, always with a cause.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/match.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"

namespace birthseal::cli {
namespace {

constexpr char kLicenceRoot[] = "1.2.156.3005.2.";

struct FetchOptions {
  std::string key, cause, out;
  int dpi = 150;
};

// A licence identifier (证照标识) is told from a number by its root.
void SetKey(const std::string& key, v1::CertificateKey* out) {
  if (absl::StartsWith(key, kLicenceRoot))
    out->set_licence_id(key);
  else
    out->set_number(key);
}

void PrintHead(const v1::Certificate& c) {
  std::printf("%s  %s\n%s\nissued %s by %s\n", c.number().c_str(),
              v1::CertificateStatus_Name(c.status()).substr(19).c_str(), c.licence_id().c_str(),
              c.issue_date().c_str(), c.institution_code().c_str());
  if (!c.supersedes().empty()) std::printf("supersedes %s\n", c.supersedes().c_str());
  if (!c.superseded_by().empty()) std::printf("superseded by %s\n", c.superseded_by().c_str());
}

absl::Status Get(Session* session, const FetchOptions& o) {
  v1::GetCertificateRequest request;
  SetKey(o.key, request.mutable_key());
  request.set_use_cause(o.cause);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetCertificateResponse response, client->GetCertificate(request));
  if (session->json()) {
    PrintJson(response);
    return absl::OkStatus();
  }
  PrintHead(response.certificate());
  const v1::FaceContent& content = response.certificate().content();
  std::printf("新生儿姓名 %s  出生时间 %s  母亲 %s\n", content.newborn_name().c_str(),
              content.birth_time().c_str(), content.mother().name().c_str());
  return absl::OkStatus();
}

absl::Status Download(Session* session, const FetchOptions& o) {
  v1::DownloadDocumentRequest request;
  SetKey(o.key, request.mutable_key());
  request.set_use_cause(o.cause);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::DownloadDocumentResponse response, client->DownloadDocument(request));
  const std::string out = o.out.empty() ? response.certificate().number() + ".ofd" : o.out;
  RETURN_IF_ERROR(WriteFile(out, response.file()));
  if (session->json())
    PrintJson(response.certificate());
  else
    std::printf("%s  %zu bytes\n", out.c_str(), response.file().size());
  return absl::OkStatus();
}

absl::Status Preview(Session* session, const FetchOptions& o) {
  v1::GetPreviewRequest request;
  SetKey(o.key, request.mutable_key());
  request.set_use_cause(o.cause);
  request.set_dpi(o.dpi);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetPreviewResponse response, client->GetPreview(request));
  const std::string out = o.out.empty() ? o.key + ".png" : o.out;
  RETURN_IF_ERROR(WriteFile(out, response.png()));
  if (!session->json()) std::printf("%s\n", out.c_str());
  return absl::OkStatus();
}

CLI::App* AddFetch(CLI::App* app, const char* name, const char* help,
                   const std::shared_ptr<FetchOptions>& o) {
  CLI::App* command = app->add_subcommand(name, help);
  command->add_option("key", o->key, "certificate number (编号) or licence identifier (证照标识)")
      ->required();
  command->add_option("--cause", o->cause, "use cause (用证事由), recorded")->required();
  return command;
}

}  // namespace

void AddSharingCommands(CLI::App* app, Session* session, int* result) {
  auto get = std::make_shared<FetchOptions>(), download = std::make_shared<FetchOptions>(),
       preview = std::make_shared<FetchOptions>();
  AddFetch(app, "get", "face and status of a certificate (查询证照)", get)->callback([=] {
    *result = Finish(Get(session, *get));
  });
  CLI::App* file = AddFetch(app, "download", "the sealed OFD file (下载证照文件)", download);
  file->add_option("--out", download->out, "file to write; default <number>.ofd");
  file->callback([=] { *result = Finish(Download(session, *download)); });
  CLI::App* picture =
      AddFetch(app, "preview", "a picture with the cause as watermark (预览)", preview);
  picture->add_option("--out", preview->out, "file to write; default <key>.png");
  picture->add_option("--dpi", preview->dpi, "72 to 300");
  picture->callback([=] { *result = Finish(Preview(session, *preview)); });
}

}  // namespace birthseal::cli
