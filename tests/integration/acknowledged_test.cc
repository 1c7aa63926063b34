// SPDX-License-Identifier: Apache-2.0
// With ack: WITNESSED an issue and a revocation are done at once and answered only when a quorum of
// witnesses covers them: until then the caller asks again, and gets what was done.
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include "absl/time/clock.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"
#include "server/api/services.h"
#include "server/door/auth_processor.h"
#include "server/door/rpc_gate.h"
#include "server/door/rpc_server.h"
#include "server/host/config.h"
#include "server/house.h"
#include "server/issuing/revoke_certificate.h"
#include "server/use_case/worker_pool.h"
#include "signer/sealing/sm2_sign.h"
#include "tests/integration/scenario_fixture.h"
#include "tests/support/simulated_clock.h"

namespace birthseal::tests {
namespace {

using server::IssuingRoom;

// A second door to the service, whose clock is so late that nobody's time is left to wait.
class AcknowledgedTest : public ScenarioTest {
 protected:
  AcknowledgedTest() {
    server::Config config;
    config.listen = "127.0.0.1:0";
    const auto read = [](const char* name) {
      return ReadFile(town().server.directory() + "/" + name);
    };
    config.tls = {read("server.pem"), read("server.key"), read("tls-ca.pem")};
    config.limits.max_message_bytes = 1 << 20;
    auto started = server::RpcServer::Start(config, server::NewAuthProcessor(&policy_, &directory_),
                                            {issuing_.get()});
    EXPECT_OK(started);
    door_ = *std::move(started);
    late_hospital_ = SiteAt(kHospital, "1", server::Role::kIssuingInstitution);
    late_county_ = SiteAt(kManaging, "m", server::Role::kManagingInstitution);
  }
  ~AcknowledgedTest() override {
    door_->Shutdown(absl::Seconds(5));
    workers_.Drain();
  }

  // The same room, but for a clock of its own and answers that wait for the quorum.
  static IssuingRoom Waiting(const IssuingRoom& of, const certs::Clock* clock) {
    return IssuingRoom{{of.registry, *clock, of.accesses},
                       of.ledger,
                       of.claims,
                       of.operators,
                       of.approvals,
                       of.workers,
                       of.profiles,
                       of.renderer,
                       of.sealer,
                       of.verifier,
                       of.checkpoints,
                       of.desk,
                       of.freshness,
                       of.open_issues,
                       of.font_version,
                       true,
                       nullptr};
  }
  Site SiteAt(const char* code, const char* suffix, server::Role role) {
    client::ClientOptions options = OptionsFor(town().server, town().server.Register(code, {role}));
    options.target = absl::StrCat("127.0.0.1:", door_->port());
    return {code, "", suffix, std::make_unique<client::Client>(options), nullptr};
  }
  static v1::OperatorSignature SignedBy(const std::string& id, const certs::Digest& digest) {
    v1::OperatorSignature signature;
    signature.set_operator_id(id);
    signature.set_signature(signer::SignWith(town().server.OperatorKey(id), certs::View(digest)));
    return signature;
  }

  SimulatedClock clock_{absl::Now() + absl::Minutes(10)};
  const IssuingRoom room_ = Waiting(town().server.app().house().issuing, &clock_);
  const server::AccessPolicy policy_;
  server::ClientDirectory directory_{&room_.registry, {}};
  server::WorkerPool workers_{2, 64};
  server::RpcGate gate_{&directory_, &policy_, &workers_};
  const std::unique_ptr<grpc::Service> issuing_ = server::NewIssuingService(&gate_, &room_);
  std::unique_ptr<server::RpcServer> door_;
  Site late_hospital_, late_county_;
};

TEST_F(AcknowledgedTest, WhatNoQuorumCoversIsNotAcknowledgedAndIsDoneAllTheSame) {
  const v1::Delivery birth = NewBirth(hospital());
  const auto filed =
      File(hospital(), ApplicationFor(birth, Deliver(hospital(), birth), hospital().code));
  ASSERT_OK(filed);
  const auto approved = Approve(hospital(), *filed);
  ASSERT_OK(approved);
  const auto not_yet = StatusIs(absl::StatusCode::kUnavailable, "NOT_YET_WITNESSED");
  EXPECT_THAT(Issue(late_hospital_, *approved), not_yet);
  EXPECT_THAT(Issue(late_hospital_, *approved), not_yet);
  const auto issued = Issue(hospital(), *approved);
  ASSERT_OK(issued);
  EXPECT_EQ(issued->number(), approved->certificate_number());
  EXPECT_EQ(StatusOfLicence(issued->licence_id()), v1::CERTIFICATE_STATUS_VALID);

  v1::RevokeCertificateRequest request;
  request.set_request_id("revoke-acknowledged");
  request.set_number(issued->number());
  request.mutable_decision()->set_kind("DECISION");
  request.mutable_decision()->set_reference("DECISION-1");
  const certs::Digest decision = certs::Sm3Of("decision");
  request.mutable_decision()->set_sm3(certs::Bytes(decision));
  const certs::Digest digest = server::RevocationDigest(issued->number(), decision);
  *request.mutable_issuer() = SignedBy("issuer-m", digest);
  *request.mutable_sealer() = SignedBy("sealer-m", digest);
  EXPECT_THAT(late_county_.client->RevokeCertificate(request), not_yet);
  EXPECT_EQ(StatusOfLicence(issued->licence_id()), v1::CERTIFICATE_STATUS_REVOKED);
  EXPECT_OK(county().client->RevokeCertificate(request));
}

}  // namespace
}  // namespace birthseal::tests
