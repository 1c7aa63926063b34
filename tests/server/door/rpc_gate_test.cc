// SPDX-License-Identifier: Apache-2.0
// The gate by itself: a call is held open at a port of its own, and the gate is asked about it when
// its time is over, when its caller has left, and for a method that is none.
#include "server/door/rpc_gate.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/test/default_reactor_test_peer.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "birthseal/v1/verification.pb.h"
#include "server/house.h"
#include "server/use_case/worker_pool.h"
#include "tests/support/call.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_server.h"

namespace birthseal::server {
namespace {

using tests::StatusIs;

constexpr char kPath[] = "/birthseal.v1.Verification/VerifyNumber";

// Ends when it is told to.
class HeldReactor : public grpc::ServerGenericBidiReactor {
  void OnDone() override { delete this; }
};
struct HeldCall {
  grpc::CallbackServerContext* context;
  HeldReactor* reactor;
};

// Keeps the first call open and hands it over; any other ends at once.
class HoldingService : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    auto* const reactor = new HeldReactor;
    if (taken_.exchange(true)) {
      reactor->Finish(grpc::Status::OK);
    } else {
      first.set_value({context, reactor});
    }
    return reactor;
  }
  std::promise<HeldCall> first;

 private:
  std::atomic<bool> taken_{false};
};

class RpcGateTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto read = [this](const char* name) {
      return tests::ReadFile(whole_.directory() + "/" + name);
    };
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = read("tls-ca.pem");
    tls.pem_key_cert_pairs.push_back({read("server.key"), read("server.pem")});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    const tests::Peer peer = whole_.Register(tests::kOutsider, {Role::kPolice});
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    channel_ = grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port),
        grpc::SslCredentials({whole_.ca_pem(), peer.key_pem, peer.certificate_pem}), arguments);
    ASSERT_TRUE(
        channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(60)));
  }
  void TearDown() override {
    held_.reactor->Finish(grpc::Status::OK);
    call_.wait();
    server_->Shutdown();
  }
  // Holds a call that has this much time.
  void Hold(std::chrono::milliseconds time) {
    std::future<HeldCall> arrived = service_.first.get_future();
    const auto here = [&] {
      return arrived.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
    };
    do {  // one whose time was over before it arrived is sent again
      call_ = std::async(std::launch::async, [this, time] {
        return tests::CallRaw(channel_, kPath, "", nullptr, time).error_code();
      });
      while (!here() && call_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      }
    } while (!here());
    held_ = arrived.get();
  }
  void WaitUntilItsTimeIsOver() const {
    while (std::chrono::system_clock::now() < held_.context->deadline()) std::this_thread::yield();
  }
  // Queues the call behind a busy worker, lets `meanwhile` happen, and gives how it ended.
  grpc::StatusCode EndedAfter(const std::function<void()>& meanwhile) {
    const auto ended = std::make_shared<std::promise<grpc::Status>>();
    grpc::testing::DefaultReactorTestPeer peer(
        held_.context, [ended](grpc::Status status) { ended->set_value(std::move(status)); });
    std::promise<void> busy;
    workers_.Post([until = busy.get_future().share()] { until.wait(); });
    gate_.OnWorker(gate_.Method(kPath), held_.context, v1::VerifyNumberRequest(),
                   [this](const Caller&) {
                     begun_ = true;
                     return absl::OkStatus();
                   });
    meanwhile();
    busy.set_value();
    return ended->get_future().get().error_code();
  }

  tests::TestServer whole_;
  const AccessPolicy policy_;
  ClientDirectory directory_{&whole_.app().house().issuing.registry, {}};
  WorkerPool workers_{1, 8};
  RpcGate gate_{&directory_, &policy_, &workers_};
  HoldingService service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  HeldCall held_{};
  std::future<grpc::StatusCode> call_;
  std::atomic<bool> begun_{false};
};

TEST_F(RpcGateTest, AdmitsWhoMayToAMethodAndNobodyToWhatIsNone) {
  Hold(std::chrono::seconds(60));
  EXPECT_OK(gate_.Admit(*gate_.Method(kPath), *held_.context, 0));
  for (const char* path : {"/birthseal.v1.Verification/Forge", ""}) {
    EXPECT_THAT(gate_.Admit(*gate_.Method(path), *held_.context, 0),
                StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"))
        << path;
  }
}

TEST_F(RpcGateTest, AdmitsNobodyWhoseTimeIsOver) {
  Hold(std::chrono::milliseconds(200));
  WaitUntilItsTimeIsOver();
  EXPECT_THAT(gate_.Admit(*gate_.Method(kPath), *held_.context, 0),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "TOO_LITTLE_TIME"));
}

TEST_F(RpcGateTest, WhatHasTimeAndACallerIsDone) {
  Hold(std::chrono::seconds(60));
  EXPECT_EQ(EndedAfter([] {}), grpc::StatusCode::OK);
  EXPECT_TRUE(begun_);
}

TEST_F(RpcGateTest, WhatWaitedUntilItsTimeWasOverIsNotBegun) {
  Hold(std::chrono::milliseconds(200));
  EXPECT_EQ(EndedAfter([this] { WaitUntilItsTimeIsOver(); }), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_FALSE(begun_);
}

TEST_F(RpcGateTest, WhatWaitedUntilItsCallerHadLeftIsNotBegun) {
  Hold(std::chrono::seconds(60));
  EXPECT_EQ(EndedAfter([this] {
              held_.context->TryCancel();
              while (!held_.context->IsCancelled()) std::this_thread::yield();
            }),
            grpc::StatusCode::CANCELLED);
  EXPECT_FALSE(begun_);
}

}  // namespace
}  // namespace birthseal::server
