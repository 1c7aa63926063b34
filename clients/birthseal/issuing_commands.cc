// SPDX-License-Identifier: Apache-2.0
// Institutions: file, look at, approve and seal cases; exchange, replace, misprint, revoke.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/signer_options.h"

namespace birthseal::cli {
namespace {

void PrintCase(absl::string_view id, v1::CaseState state,
               const google::protobuf::RepeatedPtrField<v1::CaseDefect>& defects) {
  std::printf("case %s  %s\n", Hex(id).c_str(), v1::CaseState_Name(state).substr(11).c_str());
  for (const v1::CaseDefect& d : defects) {
    std::printf("    %s  %s\n      %s\n      %s\n", d.code().c_str(), d.field().c_str(),
                d.text_zh().c_str(), d.text_en().c_str());
  }
}

struct ApplyOptions {
  std::string file, newborn, again, request_id;
};

absl::Status Apply(Session* session, const ApplyOptions& o) {
  v1::SubmitApplicationRequest request;
  v1::Application* application = request.mutable_application();
  RETURN_IF_ERROR(ReadMessage(o.file, application));
  if (!o.newborn.empty()) {
    ASSIGN_OR_RETURN(*application->mutable_newborn_id(), FromHex(o.newborn, 16));
  }
  request.set_request_id(o.request_id.empty() ? RandomRequestId() : o.request_id);
  if (!o.again.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_case_id(), FromHex(o.again, 16));
  }
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::SubmitApplicationResponse response, client->SubmitApplication(request));
  if (session->json())
    PrintJson(response);
  else
    PrintCase(response.case_id(), response.state(), response.defects());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetCaseResponse> Fetch(Session* session, const std::string& id,
                                          const std::string& cause) {
  v1::GetCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_case_id(), FromHex(id, 16));
  request.set_use_cause(cause);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  return client->GetCase(request);
}

absl::Status Show(Session* session, const std::string& id, const std::string& cause) {
  ASSIGN_OR_RETURN(v1::GetCaseResponse response, Fetch(session, id, cause));
  PrintJson(response);
  return absl::OkStatus();
}

void PrintItemError(const std::string& id, const v1::ItemError& error, bool* refused) {
  *refused = true;
  std::fprintf(stderr, "case %s refused: %s [%s]\n", id.c_str(), error.message().c_str(),
               error.reason().c_str());
}

absl::Status SomeRefused() {
  return certs::Error(absl::StatusCode::kFailedPrecondition, "SOME_REFUSED",
                      "at least one case was refused; the others are done");
}

// The case as the service shows it, when there is a digest to sign: a case that is not so far is
// told and left out, the others go on.
absl::StatusOr<v1::GetCaseResponse> FetchToSign(Session* session, const std::string& id,
                                                bool sealing, bool* ready) {
  ASSIGN_OR_RETURN(v1::GetCaseResponse shown,
                   Fetch(session, id, sealing ? "sealing 盖章核对" : "approval 签发审核"));
  *ready = !(sealing ? shown.face_digest() : shown.content_digest()).empty();
  if (!*ready) {
    std::fprintf(stderr, "case %s refused: it is %s, %s [CASE_STATE]\n", id.c_str(),
                 v1::CaseState_Name(shown.state()).substr(11).c_str(),
                 sealing ? "approve it first 请先审批" : "not fit to approve 尚不具备审批条件");
  }
  return shown;
}

// A line for each item of a batch, refusals to standard error; an error when any was refused.
template <typename Response, typename Describe>
absl::Status ReportItems(Session* session, const Response& response,
                         const std::vector<std::string>& sent, size_t asked, Describe describe) {
  if (session->json()) PrintJson(response);
  bool refused = sent.size() < asked;
  for (int i = 0; i < response.results_size(); ++i) {
    const auto& result = response.results(i);
    if (result.has_error()) {
      PrintItemError(sent[i], result.error(), &refused);
    } else if (!session->json()) {
      std::printf("case %s  %s\n", sent[i].c_str(), describe(result).c_str());
    }
  }
  return refused ? SomeRefused() : absl::OkStatus();
}

// The issuer looks at each content (the service shows it) and signs its digest.
absl::Status Approve(Session* session, const std::vector<std::string>& ids, const Signer& signer) {
  v1::ApproveCasesRequest request;
  Progress progress("approving 签发", ids.size());
  std::vector<std::string> sent;
  for (const std::string& id : ids) {
    bool ready = false;
    ASSIGN_OR_RETURN(v1::GetCaseResponse shown, FetchToSign(session, id, false, &ready));
    progress.Step();
    if (!ready) continue;
    sent.push_back(id);
    auto* item = request.add_items();
    item->set_case_id(shown.case_id());
    item->set_content_digest(shown.content_digest());
    RETURN_IF_ERROR(signer.Sign(shown.content_digest(), item->mutable_issuer()));
  }
  if (sent.empty()) return SomeRefused();
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::ApproveCasesResponse response, client->ApproveCases(request));
  return ReportItems(session, response, sent, ids.size(), [](const auto& result) {
    return absl::StrCat("approved  number ", result.certificate_number(), "  issue date ",
                        result.issue_date());
  });
}

// The sealer, another person, compares and signs the whole face: content, number and issue date.
absl::Status Seal(Session* session, const std::vector<std::string>& ids, const Signer& signer) {
  v1::IssueCertificatesRequest request;
  Progress progress("sealing 盖章", ids.size());
  std::vector<std::string> sent;
  for (const std::string& id : ids) {
    bool ready = false;
    ASSIGN_OR_RETURN(v1::GetCaseResponse shown, FetchToSign(session, id, true, &ready));
    progress.Step();
    if (!ready) continue;
    sent.push_back(id);
    auto* item = request.add_items();
    item->set_case_id(shown.case_id());
    item->set_issue_date(shown.issue_date());
    RETURN_IF_ERROR(signer.Sign(shown.face_digest(), item->mutable_sealer()));
  }
  if (sent.empty()) return SomeRefused();
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::IssueCertificatesResponse response, client->IssueCertificates(request));
  return ReportItems(session, response, sent, ids.size(), [](const auto& result) {
    return absl::StrCat("issued  ", result.certificate().number(), "  ",
                        result.certificate().licence_id());
  });
}

absl::Status Misprint(Session* session, v1::ReportMisprintRequest request, const std::string& id) {
  ASSIGN_OR_RETURN(*request.mutable_case_id(), FromHex(id, 16));
  request.set_request_id(RandomRequestId());
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::ReportMisprintResponse response, client->ReportMisprint(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("number %s is waste; now %s\n", request.number().c_str(),
                response.certificate_number().c_str());
  return absl::OkStatus();
}

absl::Status Withdraw(Session* session, const std::string& id, const std::string& reason) {
  v1::WithdrawCaseRequest request;
  ASSIGN_OR_RETURN(*request.mutable_case_id(), FromHex(id, 16));
  request.set_reason(reason);
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::WithdrawCaseResponse response, client->WithdrawCase(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("case %s  withdrawn\n", id.c_str());
  return absl::OkStatus();
}

struct RevokeOptions {
  std::string number, reference, document;
  TwoSigners people;
};

absl::Status Revoke(Session* session, const RevokeOptions& o) {
  ASSIGN_OR_RETURN(std::string document, ReadFile(o.document));
  v1::RevokeCertificateRequest request;
  request.set_request_id(RandomRequestId());
  request.set_number(o.number);
  const std::string sm3 = certs::Bytes(certs::Sm3Of(document));
  request.mutable_decision()->set_kind("DECISION");
  request.mutable_decision()->set_reference(o.reference);
  request.mutable_decision()->set_sm3(sm3);
  // issuing.proto, RevokeCertificateRequest: what both operators sign.
  const certs::Digest digest =
      certs::Sm3Of(absl::StrCat("birthseal/revoke/v1", absl::string_view("\0", 1), o.number, sm3));
  RETURN_IF_ERROR(o.people.Sign(certs::View(digest), &request));
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::RevokeCertificateResponse response, client->RevokeCertificate(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("certificate %s  revoked\n", o.number.c_str());
  return absl::OkStatus();
}

void AddApply(CLI::App* app, Session* session, int* result) {
  CLI::App* apply = app->add_subcommand(
      "apply", "file a case: first issue, exchange or replacement (申领、换发、补发), JSON file");
  auto o = std::make_shared<ApplyOptions>();
  apply->add_option("application", o->file, "Application as JSON; - reads standard input")
      ->required();
  apply->add_option("--newborn", o->newborn, "newborn id, hex; instead of newborn_id in the file");
  apply->add_option("--again", o->again, "id of the returned case that is filed again");
  apply->add_option("--request-id", o->request_id, "to ask again after a lost answer");
  apply->callback([=] { *result = Finish(Apply(session, *o)); });

  CLI::App* show = app->add_subcommand("case", "a case with its content and digests (查看办件)");
  auto id = std::make_shared<std::string>(), cause = std::make_shared<std::string>();
  show->add_option("id", *id, "case id, hex")->required();
  show->add_option("--cause", *cause, "use cause (用证事由), recorded")->required();
  show->callback([=] { *result = Finish(Show(session, *id, *cause)); });
}

void AddSigned(CLI::App* app, Session* session, int* result) {
  for (bool sealing : {false, true}) {
    CLI::App* command =
        sealing ? app->add_subcommand("seal", "order the seal and issue (盖章), by another person")
                : app->add_subcommand("approve", "approve cases (签发); each gets its number");
    auto ids = std::make_shared<std::vector<std::string>>();
    auto signer = std::make_shared<Signer>();
    command->add_option("cases", *ids, "case ids, hex")->required();
    AddSigner(command, "--", signer.get());
    command->callback([=] {
      *result = Finish(sealing ? Seal(session, *ids, *signer) : Approve(session, *ids, *signer));
    });
  }
}

void AddEndings(CLI::App* app, Session* session, int* result) {
  CLI::App* misprint = app->add_subcommand("misprint", "a spoilt number becomes waste (打印错误)");
  auto spoilt = std::make_shared<v1::ReportMisprintRequest>();
  auto id = std::make_shared<std::string>();
  misprint->add_option("case", *id, "case id, hex")->required();
  misprint->add_option("--number", *spoilt->mutable_number(), "the spoilt number")->required();
  misprint->add_option("--operator", *spoilt->mutable_operator_id(), "operator id")->required();
  misprint->add_option("--reason", *spoilt->mutable_reason(), "why")->required();
  misprint->callback([=] { *result = Finish(Misprint(session, *spoilt, *id)); });

  CLI::App* withdraw = app->add_subcommand("withdraw", "end a case that is not sealed (撤回)");
  auto reason = std::make_shared<std::string>(), gone = std::make_shared<std::string>();
  withdraw->add_option("case", *gone, "case id, hex")->required();
  withdraw->add_option("--reason", *reason, "why")->required();
  withdraw->callback([=] { *result = Finish(Withdraw(session, *gone, *reason)); });

  CLI::App* revoke =
      app->add_subcommand("revoke", "end a certificate by decision (撤销), two people");
  auto o = std::make_shared<RevokeOptions>();
  revoke->add_option("number", o->number, "certificate number (编号)")->required();
  revoke->add_option("--decision", o->reference, "number of the decision document")->required();
  revoke->add_option("--document", o->document, "the decision document, a file")->required();
  AddTwoSigners(revoke, &o->people);
  revoke->callback([=] { *result = Finish(Revoke(session, *o)); });
}

}  // namespace

void AddIssuingCommands(CLI::App* app, Session* session, int* result) {
  AddApply(app, session, result);
  AddSigned(app, session, result);
  AddEndings(app, session, result);
}

}  // namespace birthseal::cli
