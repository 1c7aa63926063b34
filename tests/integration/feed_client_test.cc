// SPDX-License-Identifier: Apache-2.0
// The client's end of a delivery feed, at a service that does not answer as it should.
#include "clients/cpp/feed_client.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "gtest/gtest.h"
#include "signer/devpki/dev_pki.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

namespace devpki = signer::devpki;

// Answers so many messages of a stream and then ends it, or reads none until it is released.
class FakeFeed : public v1::DeliveryFeed::Service {
 public:
  grpc::Status PushDeliveries(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::PushDeliveriesResponse, v1::PushDeliveriesRequest>* stream)
      override {
    std::unique_lock<std::mutex> lock(mutex_);
    ++streams_;
    changed_.notify_all();
    // So long only that a client which does not give up is told so.
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return released_; });
    v1::PushDeliveriesRequest request;
    for (int i = 0; i < answers && stream->Read(&request); ++i) {
      v1::PushDeliveriesResponse response;
      response.set_seq(request.seq());
      response.set_verdict(v1::FEED_VERDICT_ACCEPTED);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void WaitForAStream() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return streams_ > 0; });
  }
  int answers = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  int streams_ = 0;
};

class FeedClientTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto authority = devpki::MakeTlsAuthority(absl::Now());
    ASSERT_OK(authority);
    const auto identity = devpki::MakeTlsIdentity(*authority, "fake", absl::Now());
    ASSERT_OK(identity);
    options_.ca_pem = devpki::CertificatePem(authority->certificate);
    options_.certificate_pem = devpki::CertificatePem(identity->certificate);
    options_.private_key_pem = devpki::PrivateKeyPem(*identity->key);
    grpc::SslServerCredentialsOptions ssl;
    ssl.pem_key_cert_pairs.push_back({options_.private_key_pem, options_.certificate_pem});
    int port = 0;
    server_ = grpc::ServerBuilder()
                  .AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(ssl), &port)
                  .RegisterService(&feed_)
                  .BuildAndStart();
    ASSERT_NE(server_, nullptr);
    options_.target = absl::StrCat("127.0.0.1:", port);
  }
  void TearDown() override {
    feed_.Release();
    server_->Shutdown();
  }
  static std::vector<v1::PushDeliveriesRequest> Messages(int count, size_t bytes) {
    v1::PushDeliveriesRequest message;
    message.set_raw(std::string(bytes, 'x'));
    return std::vector<v1::PushDeliveriesRequest>(count, message);
  }

  client::ClientOptions options_;
  FakeFeed feed_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(FeedClientTest, EveryMessageHasItsVerdict) {
  feed_.answers = 130;  // more than the window
  feed_.Release();
  client::FeedClient client(options_);
  const auto verdicts = client.Push(Messages(130, 10));
  ASSERT_OK(verdicts);
  EXPECT_EQ(verdicts->size(), 130u);
}

TEST_F(FeedClientTest, AStreamThatEndsBeforeTheLastVerdictGivesNone) {
  feed_.Release();
  for (const int answers : {0, 1, 2}) {
    feed_.answers = answers;
    client::FeedClient client(options_);
    EXPECT_THAT(client.Push(Messages(3, 10)),
                StatusIs(absl::StatusCode::kUnavailable, "FEED_ENDED"))
        << answers;
  }
}

TEST_F(FeedClientTest, AVerdictThatDoesNotComeIsNotWaitedForLongerThanACallMayTake) {
  options_.deadline = absl::Milliseconds(300);
  client::FeedClient client(options_);
  EXPECT_THAT(client.Push(Messages(2, 10)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "FEED_NO_VERDICT"));
}

TEST_F(FeedClientTest, AWindowThatStaysFullIsNotWaitedForLongerThanACallMayTake) {
  options_.deadline = absl::Milliseconds(200);
  client::FeedClient client(options_);
  absl::Status first;
  std::thread pushing([&] {  // fills the window, and more than the connection takes unread
    first = client.Push(Messages(64, 1 << 18)).status();
  });
  feed_.WaitForAStream();
  EXPECT_THAT(client.Push(Messages(1, 10)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "FEED_WINDOW_FULL"));
  feed_.Release();
  pushing.join();
  EXPECT_FALSE(first.ok());
}

}  // namespace
}  // namespace birthseal::tests
