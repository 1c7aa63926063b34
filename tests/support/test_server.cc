// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_server.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "birthseal/v1/admin.grpc.pb.h"
#include "signer/devpki/pki_directory.h"
#include "store/memory_engine.h"
#include "tests/support/places.h"

namespace birthseal::tests {
namespace {

namespace devpki = signer::devpki;

template <typename T>
T Must(absl::StatusOr<T> value, const char* doing) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "test server: cannot %s: %s\n", doing, value.status().ToString().c_str());
  std::abort();
}

void Must(const absl::Status& status, const char* doing) {
  if (status.ok()) return;
  std::fprintf(stderr, "test server: cannot %s: %s\n", doing, status.ToString().c_str());
  std::abort();
}

void Must(const grpc::Status& status, const char* doing) {
  if (status.ok()) return;
  std::fprintf(stderr, "test server: cannot %s: %d %s\n", doing, status.error_code(),
               status.error_message().c_str());
  std::abort();
}

Peer PeerOf(const devpki::Identity& identity) {
  return {devpki::CertificatePem(identity.certificate), devpki::PrivateKeyPem(*identity.key),
          certs::Sm3Of(identity.certificate)};
}

std::string ConfigText(const TestServer::Options& options) {
  return absl::StrCat(R"(
    listen: "127.0.0.1:0"
    tls { certificate_pem: "server.pem" private_key_pem: "server.key" client_ca_pem: "tls-ca.pem" }
    store { in_memory: true ack: LOCAL }
    keys {
      seal_directory: "seals" key_encryption_key_file: "keys/kek.hex"
      log_key_pem: "keys/log.pem" log_name: "birthseal.test/log" index_key_file: "keys/index.hex"
      log_ed25519_key_pem: "keys/log-ed25519.pem" vrf_key_pem: "keys/vrf.pem"
      high_water_file: "high-water"
    }
    trust { seal_makers_pem: "trust/seal-makers.pem" signers_pem: "trust/signers.pem" }
    profiles: ")",
                      BIRTHSEAL_SOURCE_DIR, R"(/deploy/profiles/national-default.textproto"
    profiles: ")",
                      BIRTHSEAL_SOURCE_DIR, R"(/deploy/profiles/guizhou-2021.textproto"
    default_profile: "national-default"
    bootstrap_clients { certificate_pem: "admin.pem" organisation_code: ")",
                      kManaging, R"(" roles: "ADMINISTRATOR" }
    limits { worker_threads: )",
                      options.worker_threads, " queue_length: ", options.queue_length,
                      " verification_threads: ", options.verification_threads,
                      " verification_queue: ", options.verification_queue,
                      " max_message_bytes: ", options.max_message_bytes,
                      " drain_seconds: ", options.drain_seconds, " }");
}

}  // namespace

TestServer::TestServer(Options options) {
  const absl::Time now = options.clock != nullptr ? options.clock->Now() : absl::Now();
  devpki::PkiRequest request;
  request.directory = directory_.path();
  request.institutions = {{kHospital, "云岭县人民医院", "云岭县", false},
                          {kOtherHospital, "青禾县妇幼保健院", "青禾县", false},
                          {kManaging, "云岭县卫生健康局", "云岭县", true}};
  for (const char* id : {"issuer-1", "sealer-1", "issuer-2", "sealer-2", "issuer-m", "sealer-m"}) {
    request.operators.push_back({id, signer::KeyAlgorithm::kSm2});
  }
  request.now = now;
  Must(devpki::WritePkiDirectory(request), "make the development PKI");

  // TLS is judged by the system's clock, whatever clock the service has.
  authority_ = Must(devpki::MakeTlsAuthority(absl::Now()), "make a TLS authority");
  ca_pem_ = devpki::CertificatePem(authority_.certificate);
  const Peer own = MakePeer("server");
  administrator_ = MakePeer("administrator");
  WriteFile(directory_.Join("tls-ca.pem"), ca_pem_);
  WriteFile(directory_.Join("server.pem"), own.certificate_pem);
  WriteFile(directory_.Join("server.key"), own.key_pem);
  WriteFile(directory_.Join("admin.pem"), administrator_.certificate_pem);

  server::ServerApp::Options app;
  app.engine = std::make_unique<store::MemoryEngine>();
  app.clock = options.clock;
  app.step_hook = options.step_hook;
  app.run_finisher = options.run_finisher;
  app_ = Must(server::ServerApp::Start(
                  Must(server::ParseConfig(ConfigText(options), directory_.path()), "configure"),
                  std::move(app)),
              "start");
}

TestServer::~TestServer() = default;

Peer TestServer::MakePeer(const std::string& name) {
  return PeerOf(Must(devpki::MakeTlsIdentity(authority_, name, absl::Now()), "make a peer"));
}

Peer TestServer::MakeForeignPeer(const std::string& name) {
  const devpki::Identity other =
      Must(devpki::MakeTlsAuthority(absl::Now()), "make another TLS authority");
  return PeerOf(Must(devpki::MakeTlsIdentity(other, name, absl::Now()), "make a peer"));
}

void TestServer::Put(const Peer& peer, const std::string& organisation,
                     const std::vector<server::Role>& roles,
                     const std::vector<std::string>& facilities, bool active) {
  v1::PutClientRequest request;
  v1::Client* client = request.mutable_client();
  client->set_certificate_sm3(certs::Bytes(peer.certificate_sm3));
  client->set_organisation_code(organisation);
  for (const server::Role role : roles) client->add_roles(static_cast<v1::Role>(role));
  for (const std::string& facility : facilities) client->add_facility_codes(facility);
  client->set_active(active);
  grpc::ClientContext context;
  v1::PutClientResponse response;
  const auto stub = v1::Administration::NewStub(Connect(administrator_));
  Must(stub->PutClient(&context, request, &response), "register a client");
}

Peer TestServer::Register(const std::string& organisation,
                          std::initializer_list<server::Role> roles,
                          const std::vector<std::string>& facilities) {
  Peer peer = MakePeer("peer");
  Put(peer, organisation, roles, facilities, true);
  return peer;
}

std::shared_ptr<grpc::Channel> TestServer::Connect(const Peer* peer) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_pem_;
  if (peer != nullptr) {
    options.pem_private_key = peer->key_pem;
    options.pem_cert_chain = peer->certificate_pem;
  }
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port()),
                                   grpc::SslCredentials(options), arguments);
}

std::shared_ptr<const signer::PrivateKey> TestServer::OperatorKey(const std::string& id) const {
  return Must(signer::PrivateKey::FromPkcs8(
                  ReadFile(directory_.Join(absl::StrCat("operators/", id, ".key")))),
              "read an operator's key");
}

void TestServer::RegisterInstitution(const std::string& code, const std::string& name,
                                     bool managing, const std::string& suffix,
                                     const std::string& first_number,
                                     const std::string& last_number) {
  const auto stub = v1::Administration::NewStub(Connect(administrator_));
  {
    grpc::ClientContext context;
    v1::PutInstitutionRequest request;
    v1::PutInstitutionResponse response;
    v1::Institution* institution = request.mutable_institution();
    institution->set_code(code);
    institution->set_name(name);
    institution->set_county_code("529901");
    institution->set_county_name("云岭县");
    institution->set_licensed(true);
    institution->set_managing(managing);
    // The others lie in 529901: the profile of their division.
    if (code == kOtherHospital) institution->set_profile("national-default");
    Must(stub->PutInstitution(&context, request, &response), "register an institution");
  }
  for (const bool sealer : {false, true}) {
    grpc::ClientContext context;
    v1::PutOperatorRequest request;
    v1::PutOperatorResponse response;
    v1::Operator* who = request.mutable_operator_();
    who->set_id(absl::StrCat(sealer ? "sealer-" : "issuer-", suffix));
    who->set_institution_code(code);
    who->set_may_issue(!sealer);
    who->set_may_seal(sealer);
    who->set_active(true);
    who->set_public_key(OperatorKey(who->id())->PublicSpki());
    Must(stub->PutOperator(&context, request, &response), "register an operator");
  }
  {
    grpc::ClientContext context;
    v1::PutSealRequest request;
    v1::PutSealResponse response;
    request.set_institution_code(code);
    request.set_seal_sm3(certs::Bytes(
        certs::Sm3Of(ReadFile(directory_.Join(absl::StrCat("seals/", code, "/seal.esl"))))));
    Must(stub->PutSeal(&context, request, &response), "enrol a seal");
  }
  grpc::ClientContext context;
  v1::ReceiveStockRequest request;
  v1::ReceiveStockResponse response;
  request.set_request_id(absl::StrCat("stock-", suffix));
  request.set_institution_code(code);
  request.set_first_number(first_number);
  request.set_last_number(last_number);
  Must(stub->ReceiveStock(&context, request, &response), "receive numbers");
}

void TestServer::RegisterInstitutions() {
  RegisterInstitution(kHospital, "云岭县人民医院", false, "1", "Z520000001", "Z520001000");
  RegisterInstitution(kOtherHospital, "青禾县妇幼保健院", false, "2", "Z520001001", "Z520002000");
  RegisterInstitution(kManaging, "云岭县卫生健康局", true, "m", "Z520002001", "Z520003000");
}

}  // namespace birthseal::tests
