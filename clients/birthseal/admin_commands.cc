// SPDX-License-Identifier: Apache-2.0
// Administrators: institutions, clients, operators, seals, stock. They never issue.
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/statements.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "clients/birthseal/signer_options.h"

namespace birthseal::cli {
namespace {

absl::Status BadFile(const std::string& path, absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "FILE",
                      absl::StrCat(path, " holds no ", what));
}

// DER of the first PEM block, whatever its label.
absl::StatusOr<std::string> PemToDer(const std::string& path, absl::string_view what) {
  ASSIGN_OR_RETURN(std::string pem, ReadFile(path));
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) return BadFile(path, what);
  std::string der(reinterpret_cast<char*>(data), static_cast<size_t>(size));
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return der;
}

template <typename Request, typename Response>
absl::Status Send(Session* session, const Request& request,
                  absl::StatusOr<Response> (client::Client::*method)(const Request&),
                  const std::string& done) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(Response response, (client->*method)(request));
  if (session->json())
    PrintJson(response);
  else
    std::printf("%s\n", done.c_str());
  return absl::OkStatus();
}

absl::Status PutInstitution(Session* session, const std::string& file) {
  v1::PutInstitutionRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_institution()));
  return Send(session, request, &client::Client::PutInstitution,
              "institution " + request.institution().code() + " registered");
}

absl::Status PutClient(Session* session, const std::string& file, const std::string& certificate) {
  v1::PutClientRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_client()));
  if (!certificate.empty()) {
    ASSIGN_OR_RETURN(std::string der, PemToDer(certificate, "certificate"));
    request.mutable_client()->set_certificate_sm3(certs::Bytes(certs::Sm3Of(der)));
  }
  return Send(session, request, &client::Client::PutClient,
              "client " + Hex(request.client().certificate_sm3()) + " bound to " +
                  request.client().organisation_code());
}

absl::Status PutOperator(Session* session, const std::string& file, const std::string& key) {
  v1::PutOperatorRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_operator_()));
  if (!key.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_operator_()->mutable_public_key(),
                     PemToDer(key, "public key"));
  }
  return Send(session, request, &client::Client::PutOperator,
              "operator " + request.operator_().id() + " registered");
}

absl::Status PutSeal(Session* session, v1::PutSealRequest request, const std::string& seal) {
  if (!seal.empty()) {
    ASSIGN_OR_RETURN(std::string bytes, ReadFile(seal));
    request.set_seal_sm3(certs::Bytes(certs::Sm3Of(bytes)));
  }
  return Send(session, request, &client::Client::PutSeal,
              absl::StrCat("seal of ", request.institution_code(),
                           request.suspended() ? " suspended" : " enrolled"));
}

absl::Status Summary(Session* session) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(v1::GetSummaryResponse response, client->GetSummary(v1::GetSummaryRequest()));
  PrintJson(response);
  return absl::OkStatus();
}

absl::Status Backup(Session* session, v1::CreateBackupRequest request) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  // A name of our own, so that a repeat after a lost answer asks for the same backup.
  if (request.name().empty()) {
    request.set_name(absl::FormatTime("%Y%m%dT%H%M%SZ", absl::Now(), absl::UTCTimeZone()));
  }
  ASSIGN_OR_RETURN(const v1::CreateBackupResponse response, client->CreateBackup(request));
  if (session->json()) {
    PrintJson(response);
  } else {
    std::printf("backup %s: %llu bytes, log epoch %llu up to %llu, batch %llu\n",
                response.name().c_str(), static_cast<unsigned long long>(response.bytes()),
                static_cast<unsigned long long>(response.log_epoch()),
                static_cast<unsigned long long>(response.log_size()),
                static_cast<unsigned long long>(response.batch_sequence()));
  }
  return absl::OkStatus();
}

absl::Status Cancel(Session* session, const std::string& id, const std::string& reason,
                    const TwoSigners& people) {
  v1::CancelReservationRequest request;
  ASSIGN_OR_RETURN(*request.mutable_case_id(), FromHex(id, 16));
  request.set_reason(reason);
  const certs::Digest digest = certs::CancellationDigest(request.case_id(), reason);
  RETURN_IF_ERROR(people.Sign(certs::View(digest), &request));
  return Send(session, request, &client::Client::CancelReservation,
              "case " + id + "  reservation cancelled");
}

absl::Status Confirm(Session* session, v1::ConfirmStockRequest request, bool used_up,
                     const TwoSigners& people) {
  if (used_up) request.clear_next_number();
  if (request.request_id().empty()) request.set_request_id(RandomRequestId());
  const certs::Digest digest = certs::StockDigest({request.request_id(), request.institution_code(),
                                                   request.first_number(), request.next_number()});
  RETURN_IF_ERROR(people.Sign(certs::View(digest), &request));
  return Send(session, request, &client::Client::ConfirmStock,
              absl::StrCat("range ", request.first_number(), "  ",
                           request.next_number().empty() ? "used up" : "goes on with ",
                           request.next_number()));
}

// What only two people release.
void AddReleases(CLI::App* admin, Session* session, int* result) {
  CLI::App* cancel = admin->add_subcommand(
      "cancel-reservation", "give up a reservation that cannot be finished (取消预留), two people");
  auto id = std::make_shared<std::string>(), reason = std::make_shared<std::string>();
  auto people = std::make_shared<TwoSigners>();
  cancel->add_option("case", *id, "case id, hex")->required();
  cancel->add_option("--reason", *reason, "why")->required();
  AddTwoSigners(cancel, people.get());
  cancel->callback([=] { *result = Finish(Cancel(session, *id, *reason, *people)); });

  CLI::App* confirm = admin->add_subcommand(
      "confirm-stock", "release numbers held after a recovery (核实号段), two people");
  auto range = std::make_shared<v1::ConfirmStockRequest>();
  auto used_up = std::make_shared<bool>(false);
  confirm->add_option("institution", *range->mutable_institution_code(), "USCC")->required();
  confirm->add_option("first", *range->mutable_first_number(), "first number of the range")
      ->required();
  auto* next = confirm->add_option_group("next", "where the range goes on");
  next->add_option("--next", *range->mutable_next_number(), "next unused number");
  next->add_flag("--used-up", *used_up, "no number is left");
  next->require_option(1);
  confirm->add_option("--request-id", *range->mutable_request_id(), "to ask again");
  AddTwoSigners(confirm, people.get());
  confirm->callback([=] { *result = Finish(Confirm(session, *range, *used_up, *people)); });
}

void AddRegistry(CLI::App* admin, Session* session, int* result) {
  auto file = std::make_shared<std::string>(), pem = std::make_shared<std::string>();
  CLI::App* institution = admin->add_subcommand("institution", "register an institution (机构)");
  institution->add_option("file", *file, "Institution as JSON")->required();
  institution->callback([=] { *result = Finish(PutInstitution(session, *file)); });
  CLI::App* client = admin->add_subcommand("client", "bind a TLS certificate to an organisation");
  client->add_option("file", *file, "Client as JSON")->required();
  client->add_option("--certificate", *pem, "the TLS certificate, PEM");
  client->callback([=] { *result = Finish(PutClient(session, *file, *pem)); });
  CLI::App* person = admin->add_subcommand("operator", "register an operator (签发或盖章人员)");
  person->add_option("file", *file, "Operator as JSON")->required();
  person->add_option("--public-key", *pem, "the operator's public key, PEM");
  person->callback([=] { *result = Finish(PutOperator(session, *file, *pem)); });
}

}  // namespace

void AddAdminCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* admin = app->add_subcommand("admin", "registry and stock (管理)");
  admin->require_subcommand(1);
  AddRegistry(admin, session, result);
  AddReleases(admin, session, result);

  CLI::App* seal = admin->add_subcommand("seal", "enrol or suspend a seal (电子印章)");
  auto wanted = std::make_shared<v1::PutSealRequest>();
  auto seal_file = std::make_shared<std::string>();
  auto suspend = std::make_shared<bool>(false);
  seal->add_option("institution", *wanted->mutable_institution_code(), "USCC")->required();
  seal->add_option("--seal", *seal_file, "Seal.esl");
  seal->add_flag("--suspend", *suspend, "suspend it");
  seal->callback([=] {
    wanted->set_suspended(*suspend);
    *result = Finish(PutSeal(session, *wanted, *seal_file));
  });

  CLI::App* stock = admin->add_subcommand("stock", "receive a range of numbers (入库)");
  auto range = std::make_shared<v1::ReceiveStockRequest>();
  stock->add_option("institution", *range->mutable_institution_code(), "USCC")->required();
  stock->add_option("first", *range->mutable_first_number(), "first number")->required();
  stock->add_option("last", *range->mutable_last_number(), "last number, inclusive")->required();
  stock->add_option("--request-id", *range->mutable_request_id(), "to ask again");
  stock->callback([=] {
    if (range->request_id().empty()) range->set_request_id(RandomRequestId());
    *result = Finish(
        Send(session, *range, &client::Client::ReceiveStock,
             absl::StrCat("received ", range->first_number(), " to ", range->last_number())));
  });

  CLI::App* backup = admin->add_subcommand(
      "backup", "copy the running store into its backup directory (在线备份)");
  auto copy = std::make_shared<v1::CreateBackupRequest>();
  backup->add_option("name", *copy->mutable_name(), "folder to make; default: the time");
  backup->callback([=] { *result = Finish(Backup(session, *copy)); });

  CLI::App* summary = admin->add_subcommand("summary", "counts of the service (汇总)");
  summary->callback([=] { *result = Finish(Summary(session)); });
}

}  // namespace birthseal::cli
