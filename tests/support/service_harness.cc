// SPDX-License-Identifier: Apache-2.0
#include "tests/support/service_harness.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "certs/digest.h"
#include "signer/devpki/pki_directory.h"
#include "signer/verify/certificate_facts.h"
#include "tests/support/places.h"

extern char** environ;

namespace birthseal::tests {
namespace {

namespace devpki = signer::devpki;

constexpr const SiteInstitution* kInstitutions[] = {&kSiteA, &kSiteB, &kSiteManaging};
constexpr absl::Duration kLookEvery = absl::Milliseconds(2);

void Must(const absl::Status& status, absl::string_view doing) {
  if (status.ok()) return;
  std::fprintf(stderr, "service harness: cannot %s: %s\n", std::string(doing).c_str(),
               status.ToString().c_str());
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> value, absl::string_view doing) {
  Must(value.status(), doing);
  return *std::move(value);
}

std::string WitnessesText() {
  std::string text = "witnesses {\n";
  for (const char* name : {"witness-police", "witness-health", "witness-audit"}) {
    absl::StrAppend(&text, "  witness { name: \"", name, "\" public_key_pem: \"trust/", name,
                    ".pem\" client_pem: \"tls/", name, ".pem\" }\n");
  }
  return text + "  quorum: 2\n}\n";
}

std::string ConfigText(const ServiceSite::Options& options) {
  return absl::StrCat(
      R"(listen: "127.0.0.1:0"
port_file: "port"
tls {
  certificate_pem: "tls/server.pem" private_key_pem: "tls/server.key" client_ca_pem: "tls/ca.pem"
}
store { directory: "store" )",
      R"(backup_directory: "backups" )",
      options.journal ? R"(journal_directory: "journal" ack: JOURNALED })" : "ack: LOCAL }",
      R"(
keys {
  seal_directory: "seals" key_encryption_key_file: "keys/kek.hex"
  log_key_pem: "keys/log.pem" log_name: "birthseal.test/log" index_key_file: "keys/index.hex"
  log_ed25519_key_pem: "keys/log-ed25519.pem" vrf_key_pem: "keys/vrf.pem"
  high_water_file: "high-water"
}
trust { seal_makers_pem: "trust/seal-makers.pem" signers_pem: "trust/signers.pem" }
profiles: ")",
      BIRTHSEAL_SOURCE_DIR, R"(/deploy/profiles/national-default.textproto"
bootstrap_clients {
  certificate_pem: "tls/admin.pem" organisation_code: ")",
      kSiteManaging.code, R"(" roles: "ADMINISTRATOR"
}
limits { worker_threads: )",
      options.worker_threads, " drain_seconds: 5 }\n",
      options.allow_crash_points ? "allow_crash_points: true\n" : "",
      options.witnesses ? WitnessesText() : "");
}

}  // namespace

ServiceSite::ServiceSite(Options options) : options_(std::move(options)) {
  devpki::PkiRequest request;
  request.directory = directory();
  request.now = absl::Now();
  for (const SiteInstitution* institution : kInstitutions) {
    request.institutions.push_back(
        {institution->code, institution->name, institution->county, institution->managing});
    for (const char* office : {"issuer-", "sealer-"}) {
      request.operators.push_back(
          {absl::StrCat(office, institution->suffix), options_.operator_keys});
    }
  }
  Must(devpki::WritePkiDirectory(request), "make the development PKI");
  std::filesystem::create_directory(directory_.Join("backups"));
  WriteFile(config_path(), ConfigText(options_));
}

client::ClientOptions ServiceSite::ClientFor(const std::string& role, int port) const {
  return Must(
      client::OptionsFromDirectory(absl::StrCat("127.0.0.1:", port), directory_.Join("tls"), role),
      "read a client's key");
}

std::shared_ptr<const signer::PrivateKey> ServiceSite::OperatorKey(const std::string& id) const {
  return Must(signer::PrivateKey::FromPkcs8(
                  ReadFile(directory_.Join(absl::StrCat("operators/", id, ".key")))),
              "read an operator's key");
}

void ServiceSite::RegisterInstitution(client::Client* admin,
                                      const SiteInstitution& institution) const {
  v1::PutInstitutionRequest put;
  put.mutable_institution()->set_code(institution.code);
  put.mutable_institution()->set_name(institution.name);
  put.mutable_institution()->set_county_code(institution.county_code);
  put.mutable_institution()->set_county_name(institution.county);
  put.mutable_institution()->set_licensed(true);
  put.mutable_institution()->set_managing(institution.managing);
  Must(admin->PutInstitution(put).status(), "register an institution");
  for (const bool sealer : {false, true}) {
    v1::PutOperatorRequest request;
    v1::Operator* who = request.mutable_operator_();
    who->set_id(absl::StrCat(sealer ? "sealer-" : "issuer-", institution.suffix));
    who->set_institution_code(institution.code);
    who->set_may_issue(!sealer);
    who->set_may_seal(sealer);
    who->set_active(true);
    who->set_public_key(OperatorKey(who->id())->PublicSpki());
    Must(admin->PutOperator(request).status(), "register an operator");
  }
  v1::PutSealRequest seal;
  seal.set_institution_code(institution.code);
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(
      ReadFile(directory_.Join(absl::StrCat("seals/", institution.code, "/seal.esl"))))));
  Must(admin->PutSeal(seal).status(), "enrol a seal");
  v1::ReceiveStockRequest stock;
  stock.set_request_id(absl::StrCat("stock-", institution.suffix));
  stock.set_institution_code(institution.code);
  stock.set_first_number(absl::StrFormat("%s%06d", institution.number_prefix, 1));
  stock.set_last_number(absl::StrFormat("%s%06d", institution.number_prefix, options_.numbers));
  Must(admin->ReceiveStock(stock).status(), "receive numbers");
}

void ServiceSite::RegisterClient(client::Client* admin, const std::string& role,
                                 const char* organisation, const std::vector<int>& roles) const {
  v1::PutClientRequest request;
  v1::Client* client = request.mutable_client();
  const std::string pem = ReadFile(directory_.Join(absl::StrCat("tls/", role, ".pem")));
  client->set_certificate_sm3(
      certs::Bytes(certs::Sm3Of(Must(signer::CertificateFromPem(pem), "read a certificate"))));
  client->set_organisation_code(organisation);
  for (const int value : roles) client->add_roles(static_cast<v1::Role>(value));
  client->set_active(true);
  Must(admin->PutClient(request).status(), absl::StrCat("register ", role));
}

void ServiceSite::Register(int port) const {
  client::Client admin(ClientFor("admin", port));
  for (const SiteInstitution* institution : kInstitutions)
    RegisterInstitution(&admin, *institution);
  RegisterClient(&admin, "hospital-a", kSiteA.code, {v1::ROLE_HOSPITAL});
  RegisterClient(&admin, "hospital-b", kSiteB.code, {v1::ROLE_HOSPITAL});
  RegisterClient(&admin, "issuer-a", kSiteA.code, {v1::ROLE_ISSUING_INSTITUTION});
  RegisterClient(&admin, "issuer-b", kSiteB.code, {v1::ROLE_ISSUING_INSTITUTION});
  RegisterClient(&admin, "managing", kSiteManaging.code, {v1::ROLE_MANAGING_INSTITUTION});
  RegisterClient(&admin, "platform", kSiteManaging.code, {v1::ROLE_PLATFORM});
  RegisterClient(&admin, "police", kSiteManaging.code, {v1::ROLE_POLICE});
  RegisterClient(&admin, "auditor", kSiteManaging.code, {v1::ROLE_AUDITOR});
}

ServiceProcess::ServiceProcess(const ServiceSite& site, std::vector<std::string> environment)
    : site_(site) {
  // What a killed one left behind would be taken for the new one's.
  std::remove(site.port_file().c_str());
  std::string program = absl::StrCat(BIRTHSEAL_BINARY_DIR, "/server/birthseald");
  std::string flag = "--config", config = site.config_path();
  char* const arguments[] = {program.data(), flag.data(), config.data(), nullptr};
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  const std::string log = site.log_path();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) Must(absl::InternalError("fork"), "start birthseald");
  if (pid_ == 0) {  // only async-signal-safe calls from here
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out >= 0) {
      dup2(out, STDOUT_FILENO);
      dup2(out, STDERR_FILENO);
    }
    execve(arguments[0], arguments, variables.data());
    _exit(127);
  }
}

ServiceProcess::~ServiceProcess() { Kill(); }

bool ServiceProcess::Running() {
  if (!ended_ && waitpid(pid_, &wait_status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

bool ServiceProcess::WaitUntilServing(absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (Running() && absl::Now() < give_up) {
    // Renamed into place by the service, so never half a number.
    std::ifstream in(site_.port_file());
    if (in >> port_) return true;
    absl::SleepFor(kLookEvery);
  }
  return false;
}

bool ServiceProcess::WaitUntilEnded(absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (Running()) {
    if (absl::Now() >= give_up) return false;
    absl::SleepFor(kLookEvery);
  }
  return true;
}

void ServiceProcess::Kill() {
  if (ended_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &wait_status_, 0);
  ended_ = true;
}

void ServiceProcess::Stop() {
  if (ended_) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, &wait_status_, 0);
  ended_ = true;
}

}  // namespace birthseal::tests
