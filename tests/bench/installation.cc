// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/installation.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "certs/digest.h"
#include "certs/status_macros.h"
#include "signer/devpki/pki_directory.h"
#include "signer/verify/certificate_facts.h"
#include "store/fsck/fsck.h"
#include "store/reads/registry.h"
#include "store/rocksdb/rocksdb_engine.h"
#include "store/sealed_value.h"
#include "tests/support/places.h"

namespace birthseal::bench {
namespace {

namespace devpki = signer::devpki;

constexpr const char* kWitnesses[] = {"witness-police", "witness-health", "witness-audit"};

std::string WitnessesText() {
  std::string text = "witnesses {";
  for (const char* name : kWitnesses) {
    absl::StrAppend(&text, " witness { name: \"", name, "\" public_key_pem: \"trust/", name,
                    ".pem\" client_pem: \"tls/", name, ".pem\" }");
  }
  return absl::StrCat(text, " quorum: 2 }\n");
}

std::string ConfigText(const std::string& name, const InstallationOptions& options,
                       bool witnesses) {
  return absl::StrCat(
      "listen: \"127.0.0.1:0\" port_file: \"", name, ".port\"\n",
      "tls { certificate_pem: \"tls/server.pem\" private_key_pem: \"tls/server.key\" "
      "client_ca_pem: \"tls/ca.pem\" }\nstore { directory: \"",
      name, "\" ",
      options.journal ? absl::StrCat("journal_directory: \"", name, ".journal\" ack: JOURNALED")
                      : "ack: LOCAL",
      " }\nkeys { seal_directory: \"seals\" key_encryption_key_file: \"keys/kek.hex\" "
      "log_key_pem: \"keys/log.pem\" log_name: \"",
      kLogName,
      "\" index_key_file: \"keys/index.hex\" log_ed25519_key_pem: \"keys/log-ed25519.pem\" "
      "vrf_key_pem: \"keys/vrf.pem\" high_water_file: \"",
      name,
      ".high-water\" }\n"
      "trust { seal_makers_pem: \"trust/seal-makers.pem\" signers_pem: \"trust/signers.pem\" }\n"
      "profiles: \"",
      BIRTHSEAL_SOURCE_DIR,
      "/deploy/profiles/national-default.textproto\" default_profile: \"national-default\"\n"
      "bootstrap_clients { certificate_pem: \"tls/admin.pem\" organisation_code: \"",
      kHospital,
      "\" roles: \"ADMINISTRATOR\" }\n"
      // Idle callers do not read the farewell, and a drain waits for them to its end.
      "limits { drain_seconds: 1 worker_threads: ",
      options.workers, " }\n", witnesses ? WitnessesText() : "");
}

absl::Status PutClient(client::Client* admin, const Installation& installation,
                       const std::string& role, std::initializer_list<v1::Role> roles) {
  ASSIGN_OR_RETURN(
      const std::string der,
      signer::CertificateFromPem(tests::ReadFile(installation.Path("tls/" + role + ".pem"))));
  v1::PutClientRequest request;
  v1::Client* put = request.mutable_client();
  put->set_certificate_sm3(certs::Bytes(certs::Sm3Of(der)));
  put->set_organisation_code(kHospital);
  for (const v1::Role allowed : roles) put->add_roles(allowed);
  put->add_facility_codes(kHospital);
  put->set_active(true);
  return admin->PutClient(request).status();
}

absl::Status PutOperator(client::Client* admin, const Installation& installation,
                         const std::string& id, bool seals) {
  ASSIGN_OR_RETURN(const auto key, installation.OperatorKey(id));
  v1::PutOperatorRequest request;
  v1::Operator* who = request.mutable_operator_();
  who->set_id(id);
  who->set_institution_code(kHospital);
  who->set_may_issue(!seals);
  who->set_may_seal(seals);
  who->set_active(true);
  who->set_public_key(key->PublicSpki());
  return admin->PutOperator(request).status();
}

absl::Status PutInstitution(client::Client* admin) {
  v1::PutInstitutionRequest request;
  v1::Institution* institution = request.mutable_institution();
  institution->set_code(kHospital);
  institution->set_name(kHospitalName);
  institution->set_county_code("529901");
  institution->set_county_name("云岭县");
  institution->set_licensed(true);
  return admin->PutInstitution(request).status();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Installation>> Installation::Make(
    const InstallationOptions& options) {
  std::unique_ptr<Installation> made(new Installation(options));
  devpki::PkiRequest request;
  request.directory = made->directory_.path();
  request.institutions = {{kHospital, kHospitalName, "云岭县", false}};
  request.operators = {{"issuer-sm2", signer::KeyAlgorithm::kSm2},
                       {"sealer-sm2", signer::KeyAlgorithm::kSm2},
                       {"issuer-p256", signer::KeyAlgorithm::kP256},
                       {"sealer-p256", signer::KeyAlgorithm::kP256}};
  request.now = absl::Now();
  RETURN_IF_ERROR(devpki::WritePkiDirectory(request));
  return made;
}

absl::StatusOr<client::ClientOptions> Installation::Identity(const std::string& role) const {
  return client::OptionsFromDirectory("", Path("tls"), role);
}

absl::StatusOr<std::shared_ptr<const signer::PrivateKey>> Installation::OperatorKey(
    const std::string& id) const {
  return signer::PrivateKey::FromPkcs8(tests::ReadFile(Path("operators/" + id + ".key")));
}

absl::StatusOr<std::unique_ptr<Service>> Service::Start(const Installation& installation,
                                                        const std::string& name,
                                                        const std::string& birthseald,
                                                        const std::string& birthseal) {
  const std::string config = installation.Path(name + ".textproto");
  tests::WriteFile(config, ConfigText(name, installation.options(), !birthseal.empty()));
  ASSIGN_OR_RETURN(
      ChildProcess process,
      ChildProcess::Start(
          {birthseald.empty() ? installation.options().birthseald : birthseald, "--config", config},
          installation.Path(name + ".port"), installation.Path(name + ".log")));
  std::unique_ptr<Service> service(new Service(installation, name, std::move(process)));
  RETURN_IF_ERROR(service->Register());
  if (!birthseal.empty()) RETURN_IF_ERROR(service->StartWitnesses(birthseal));
  return service;
}

absl::Status Service::StartWitnesses(const std::string& birthseal) {
  for (const char* name : kWitnesses) {
    ASSIGN_OR_RETURN(
        ChildProcess witness,
        ChildProcess::Spawn({birthseal,
                             "--server",
                             process_.target(),
                             "--tls",
                             installation_.Path("tls"),
                             "--role",
                             name,
                             "witness",
                             "--state",
                             installation_.Path(absl::StrCat(name_, ".", name)),
                             "--key",
                             installation_.Path(absl::StrCat("keys/", name, ".pem")),
                             "--name",
                             name,
                             "--log-key",
                             installation_.Path("trust/log.pem"),
                             "--log-ed25519",
                             installation_.Path("trust/log-ed25519.pem"),
                             "--log-name",
                             kLogName},
                            installation_.Path(absl::StrCat(name_, ".", name, ".log"))));
    witnesses_.push_back(std::move(witness));
  }
  // Nothing is issued before the witnesses have confirmed the store.
  ASSIGN_OR_RETURN(const client::ClientOptions options, As("police", 1));
  client::Client police(options);
  const absl::Time patience = absl::Now() + absl::Seconds(30);
  while (absl::Now() < patience) {
    ASSIGN_OR_RETURN(const v1::GetCheckpointResponse now, police.GetCheckpoint({}));
    if (!now.witnessed_checkpoint().empty()) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(50));
  }
  return absl::DeadlineExceededError("no quorum of witnesses");
}

absl::StatusOr<double> Service::StopAndCheckStore(uint64_t* records) {
  witnesses_.clear();
  process_.Stop();
  const std::string kek_hex = tests::ReadFile(installation_.Path("keys/kek.hex"));
  const std::string index_hex = tests::ReadFile(installation_.Path("keys/index.hex"));
  ASSIGN_OR_RETURN(const auto engine, store::RocksDbEngine::Open(installation_.Path(name_)));
  const store::ValueSealer sealer(absl::HexStringToBytes(absl::StripAsciiWhitespace(kek_hex)));
  store::FsckOptions options;
  options.sealer = &sealer;
  options.index_key = absl::HexStringToBytes(absl::StripAsciiWhitespace(index_hex));
  const absl::Time begin = absl::Now();
  const store::FsckReport report = store::CheckStore(*engine->NewSnapshot(), options);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  if (!report.clean()) return absl::DataLossError(store::ToLine(report.findings.front()));
  *records = 0;
  for (const uint64_t count : report.records) *records += count;
  return static_cast<double>(*records) / seconds;
}

absl::StatusOr<client::ClientOptions> Service::As(const std::string& role, int channels) const {
  ASSIGN_OR_RETURN(client::ClientOptions options, installation_.Identity(role));
  options.target = process_.target();
  options.channels = channels;
  return options;
}

absl::Status Service::Register() {
  ASSIGN_OR_RETURN(const client::ClientOptions options, As("admin", 1));
  client::Client admin(options);
  RETURN_IF_ERROR(PutInstitution(&admin));
  RETURN_IF_ERROR(PutClient(&admin, installation_, "hospital-a", {v1::ROLE_HOSPITAL}));
  RETURN_IF_ERROR(PutClient(&admin, installation_, "issuer-a", {v1::ROLE_ISSUING_INSTITUTION}));
  RETURN_IF_ERROR(PutClient(&admin, installation_, "police", {v1::ROLE_POLICE}));
  RETURN_IF_ERROR(PutClient(&admin, installation_, "platform", {v1::ROLE_PLATFORM}));
  for (const char* algorithm : {"sm2", "p256"}) {
    RETURN_IF_ERROR(PutOperator(&admin, installation_, absl::StrCat("issuer-", algorithm), false));
    RETURN_IF_ERROR(PutOperator(&admin, installation_, absl::StrCat("sealer-", algorithm), true));
  }
  v1::PutSealRequest seal;
  seal.set_institution_code(kHospital);
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(
      tests::ReadFile(installation_.Path(absl::StrCat("seals/", kHospital, "/seal.esl"))))));
  RETURN_IF_ERROR(admin.PutSeal(seal).status());
  v1::ReceiveStockRequest stock;
  stock.set_request_id("bench-stock");
  stock.set_institution_code(kHospital);
  stock.set_first_number("Z520000001");
  stock.set_last_number("Z520900000");
  return admin.ReceiveStock(stock).status();
}

absl::StatusOr<uint64_t> Service::StopAndCountCommits() {
  process_.Stop();
  const std::string kek_hex = tests::ReadFile(installation_.Path("keys/kek.hex"));
  ASSIGN_OR_RETURN(const auto engine, store::RocksDbEngine::Open(installation_.Path(name_)));
  const store::ValueSealer sealer(absl::HexStringToBytes(absl::StripAsciiWhitespace(kek_hex)));
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, store::Registry(engine.get(), &sealer).Meta());
  return meta.batch_sequence();
}

}  // namespace birthseal::bench
