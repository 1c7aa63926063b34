// SPDX-License-Identifier: Apache-2.0
// Two guards stand before every method: the processor on the credentials and the gate of the
// handlers. Each alone keeps out whoever may not enter.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "server/api/feed_streams.h"
#include "server/api/services.h"
#include "server/door/auth_processor.h"
#include "server/door/rpc_gate.h"
#include "server/door/rpc_server.h"
#include "server/house.h"
#include "server/use_case/worker_pool.h"
#include "tests/server/door/second_port.h"
#include "tests/support/call.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

using grpc::StatusCode;
using tests::CallRaw;
using tests::Peer;
using tests::ReasonOf;

constexpr Role kAllRoles[] = {
    Role::kHospital, Role::kConnector, Role::kIssuingInstitution, Role::kManagingInstitution,
    Role::kPlatform, Role::kPolice,    Role::kRelyingParty,       Role::kAdministrator,
    Role::kAuditor,  Role::kWitness};

class GateAloneTest : public EachGuardTest {
 protected:
  GateAloneTest() : workers_(2, 64), gate_(&directory_, &policy_, &workers_) {
    const House& house = whole_.app().house();
    adapters_.push_back(NewDeliveryFeedService(&gate_, &house.feed, &streams_));
    adapters_.push_back(NewIssuingService(&gate_, &house.issuing));
    adapters_.push_back(NewSharingService(&gate_, &house.reading));
    adapters_.push_back(NewVerificationService(&gate_, &house.reading));
    adapters_.push_back(NewTransparencyService(&gate_, &house.reading));
    adapters_.push_back(NewAdminService(&gate_, &house.admin, &house.issuing));
    std::vector<grpc::Service*> registered;
    for (const auto& adapter : adapters_) registered.push_back(adapter.get());
    Config config;
    config.listen = "127.0.0.1:0";
    config.tls = Tls();
    config.limits.max_message_bytes = 1 << 20;
    auto server = RpcServer::Start(config, std::make_shared<OpenDoor>(), registered);
    EXPECT_OK(server);
    server_ = *std::move(server);
  }
  ~GateAloneTest() override {
    streams_.Stop();
    server_->Shutdown(absl::Seconds(5));
    workers_.Drain();
  }

  WorkerPool workers_;
  RpcGate gate_;
  FeedStreams streams_;
  std::vector<std::unique_ptr<grpc::Service>> adapters_;
  std::unique_ptr<RpcServer> server_;
};

TEST_F(GateAloneTest, LetsEachRoleIntoExactlyItsMethods) {
  for (const Role role : kAllRoles) {
    const auto channel = Connect(whole_.Register(tests::kOutsider, {role}), server_->port());
    for (const auto& [path, access] : policy_.methods()) {
      const grpc::Status status = CallRaw(channel, path);
      const bool refused = status.error_code() == StatusCode::PERMISSION_DENIED &&
                           ReasonOf(status).reason() == "ROLE_NOT_ALLOWED";
      EXPECT_EQ(refused, !access.allowed.Has(role))
          << path << " role " << static_cast<int>(role) << " code " << status.error_code();
    }
  }
}

TEST_F(GateAloneTest, LetsNoStrangerIn) {
  const auto channel = Connect(whole_.MakePeer("unknown"), server_->port());
  for (const auto& [path, access] : policy_.methods()) {
    const grpc::Status status = CallRaw(channel, path);
    EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED) << path;
    EXPECT_EQ(ReasonOf(status).reason(), "CLIENT_UNKNOWN") << path;
  }
}

TEST_F(GateAloneTest, LetsNobodyInWhoWasDeactivated) {
  const Peer peer = whole_.Register(tests::kOutsider, {Role::kAuditor});
  const auto channel = Connect(peer, server_->port());
  const std::string path = "/birthseal.v1.Transparency/GetCheckpoint";
  EXPECT_NE(CallRaw(channel, path).error_code(), StatusCode::UNAUTHENTICATED);
  whole_.Put(peer, tests::kOutsider, {Role::kAuditor}, {}, false);
  directory_.Invalidate();
  EXPECT_EQ(CallRaw(channel, path).error_code(), StatusCode::UNAUTHENTICATED);
}

// Behind the processor stands nobody who would refuse: whoever passes is told that there is
// nothing.
class ProcessorAloneTest : public EachGuardTest {
 protected:
  ProcessorAloneTest() {
    const TlsConfig tls = Tls();
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = tls.client_ca_pem;
    options.pem_key_cert_pairs.push_back({tls.private_key_pem, tls.certificate_pem});
    auto credentials = grpc::SslServerCredentials(options);
    credentials->SetAuthMetadataProcessor(NewAuthProcessor(&policy_, &directory_));
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterCallbackGenericService(&nobody_);
    server_ = builder.BuildAndStart();
  }
  ~ProcessorAloneTest() override { server_->Shutdown(); }

  grpc::CallbackGenericService nobody_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ProcessorAloneTest, LetsEachRoleIntoExactlyItsMethods) {
  for (const Role role : kAllRoles) {
    const auto channel = Connect(whole_.Register(tests::kOutsider, {role}), port_);
    for (const auto& [path, access] : policy_.methods()) {
      EXPECT_EQ(CallRaw(channel, path).error_code(), access.allowed.Has(role)
                                                         ? StatusCode::UNIMPLEMENTED
                                                         : StatusCode::PERMISSION_DENIED)
          << path << " role " << static_cast<int>(role);
    }
  }
}

TEST_F(ProcessorAloneTest, LetsNobodyIntoWhatIsNotDeclared) {
  const auto channel = Connect(whole_.Register(tests::kOutsider, {Role::kAdministrator}), port_);
  for (const char* path : {"/birthseal.v1.Issuing/Forge", "/no.such/Method"}) {
    EXPECT_EQ(CallRaw(channel, path).error_code(), StatusCode::PERMISSION_DENIED) << path;
  }
}

TEST_F(ProcessorAloneTest, LetsNoStrangerIn) {
  const auto channel = Connect(whole_.MakePeer("unknown"), port_);
  for (const auto& [path, access] : policy_.methods()) {
    EXPECT_EQ(CallRaw(channel, path).error_code(), StatusCode::UNAUTHENTICATED) << path;
  }
}

}  // namespace
}  // namespace birthseal::server
