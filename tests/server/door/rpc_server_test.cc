// SPDX-License-Identifier: Apache-2.0
// The network side end to end: who is let in, what is bounded, how it stops.
#include <grpcpp/grpcpp.h>

#include <future>
#include <thread>

#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "birthseal/v1/issuing.grpc.pb.h"
#include "birthseal/v1/verification.grpc.pb.h"
#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/house.h"
#include "server/use_case/worker_pool.h"
#include "tests/support/call.h"
#include "tests/support/test_server.h"

namespace birthseal::server {
namespace {

using grpc::StatusCode;
using tests::CallRaw;
using tests::Peer;
using tests::ReasonOf;
using tests::TestServer;

constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr char kStatus[] = "/birthseal.v1.Verification/GetStatus";
constexpr char kVerifyNumber[] = "/birthseal.v1.Verification/VerifyNumber";
constexpr char kVerify[] = "/birthseal.v1.Verification/VerifyDocument";

// Keeps one worker busy until it goes.
class BusyWorker {
 public:
  explicit BusyWorker(WorkerPool* pool) {
    std::promise<void> began;
    std::future<void> running = began.get_future();
    pool->Post([&began, until = end_.get_future().share()] {
      began.set_value();
      until.wait();
    });
    running.wait();
  }
  ~BusyWorker() { Release(); }
  void Release() {
    if (!released_) end_.set_value();
    released_ = true;
  }

 private:
  std::promise<void> end_;
  bool released_ = false;
};

TEST(RpcServerTest, WithoutACertificateNothingIsReached) {
  TestServer server;
  for (const char* path : {kStatus, kHealth, kReflection}) {
    EXPECT_EQ(CallRaw(server.Connect(nullptr), path).error_code(), StatusCode::UNAVAILABLE);
    const Peer foreign = server.MakeForeignPeer("foreign");
    EXPECT_EQ(CallRaw(server.Connect(foreign), path).error_code(), StatusCode::UNAVAILABLE);
  }
}

TEST(RpcServerTest, AnUnknownCertificateOfOurAuthorityIsUnauthenticatedEverywhere) {
  TestServer server;
  const auto channel = server.Connect(server.MakePeer("unknown"));
  for (const char* path : {kStatus, kVerify, kHealth, kReflection, "/no.such/Method"}) {
    EXPECT_EQ(CallRaw(channel, path).error_code(), StatusCode::UNAUTHENTICATED) << path;
  }
}

TEST(RpcServerTest, HealthAndReflectionAreOpenToEveryRegisteredPeer) {
  TestServer server;
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kAuditor}));
  std::string answer;
  EXPECT_TRUE(CallRaw(channel, kHealth, "", &answer).ok());
  EXPECT_EQ(answer, std::string("\x08\x01", 2));  // SERVING
  // list_services, as a ServerReflectionRequest.
  std::string listed;
  EXPECT_TRUE(CallRaw(channel, kReflection, std::string("\x3a\x01*", 3), &listed).ok());
  EXPECT_NE(listed.find("birthseal.v1.Issuing"), std::string::npos);
}

TEST(RpcServerTest, ADeactivatedClientIsRefusedFromItsNextCallOn) {
  TestServer server;
  const Peer peer = server.Register(tests::kOutsider, {Role::kAuditor});
  const auto channel = server.Connect(peer);
  EXPECT_TRUE(CallRaw(channel, kHealth).ok());
  server.Put(peer, tests::kOutsider, {Role::kAuditor}, {}, false);
  EXPECT_EQ(CallRaw(channel, kHealth).error_code(), StatusCode::UNAUTHENTICATED);
}

TEST(RpcServerTest, AFullQueueAnswersResourceExhaustedAndStatusGoesOn) {
  TestServer::Options options;
  options.worker_threads = 1;
  options.queue_length = 1;
  TestServer server(options);
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  WorkerPool& pool = server.app().house().issuing.workers;
  BusyWorker busy(&pool);
  ASSERT_TRUE(pool.Post([] {}));
  const grpc::Status status = CallRaw(channel, kVerifyNumber);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status).reason(), "QUEUE_FULL");
  EXPECT_TRUE(CallRaw(channel, kStatus, std::string("\x10\x01", 2)).ok());
}

// A request for the verification of `bytes` bytes that are no OFD.
std::string FileOf(size_t bytes) {
  v1::VerifyDocumentRequest request;
  request.set_file(std::string(bytes, 'x'));
  request.set_use_cause("test");
  return request.SerializeAsString();
}

TEST(RpcServerTest, FilesAreVerifiedApartAndTheirExcessIsRefusedAlone) {
  TestServer::Options options;
  options.worker_threads = 1;
  options.verification_threads = 1;
  options.verification_queue = 1;
  TestServer server(options);
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  WorkerPool* const pool = &server.app().verifications();
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->threads(), 1u);
  BusyWorker busy(pool);
  std::future<grpc::Status> waiting =
      std::async(std::launch::async, [&channel] { return CallRaw(channel, kVerify, FileOf(10)); });
  while (pool->queued() == 0) std::this_thread::yield();
  const grpc::Status excess = CallRaw(channel, kVerify, FileOf(10));
  EXPECT_EQ(excess.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(excess).reason(), "QUEUE_FULL");
  // Whoever asks for something else does not notice.
  EXPECT_EQ(server.app().house().issuing.workers.queued(), 0u);
  v1::VerifyNumberRequest number;
  number.set_use_cause("test");
  EXPECT_TRUE(CallRaw(channel, kVerifyNumber, number.SerializeAsString()).ok());
  busy.Release();
  EXPECT_TRUE(waiting.get().ok());
}

TEST(RpcServerTest, WaitingFilesHoldNoMoreThanEightOfTheLargest) {
  constexpr size_t kLargest = 100'000, kFile = 90'000;
  TestServer::Options options;
  options.max_message_bytes = kLargest;
  options.verification_threads = 1;
  TestServer server(options);
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  WorkerPool* const pool = &server.app().verifications();
  BusyWorker busy(pool);
  std::vector<std::future<grpc::Status>> waiting;
  for (size_t i = 0; i < 8 * kLargest / kFile; ++i) {
    waiting.push_back(std::async(std::launch::async,
                                 [&channel] { return CallRaw(channel, kVerify, FileOf(kFile)); }));
  }
  while (pool->queued() < waiting.size()) std::this_thread::yield();
  const grpc::Status excess = CallRaw(channel, kVerify, FileOf(kFile));
  EXPECT_EQ(excess.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(excess).reason(), "QUEUE_FULL");
  busy.Release();
  for (std::future<grpc::Status>& call : waiting) EXPECT_TRUE(call.get().ok());
  EXPECT_TRUE(CallRaw(channel, kVerify, FileOf(kFile)).ok());
}

TEST(RpcServerTest, ACallWhoseTimeRanOutInTheQueueIsNotBegun) {
  TestServer::Options options;
  options.worker_threads = 1;
  options.verification_threads = 1;
  TestServer server(options);
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  BusyWorker busy(&server.app().house().issuing.workers);
  BusyWorker verifying(&server.app().verifications());
  for (const char* path : {kVerifyNumber, kVerify}) {
    EXPECT_EQ(
        CallRaw(channel, path, std::string("\x0a\x01x", 3), nullptr, std::chrono::milliseconds(100))
            .error_code(),
        StatusCode::DEADLINE_EXCEEDED)
        << path;
  }
}

TEST(RpcServerTest, AMessageAboveTheLimitOfTheServerIsRefused) {
  TestServer::Options options;
  options.max_message_bytes = 100'000;
  TestServer server(options);
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  v1::VerifyDocumentRequest request;
  request.set_file(std::string(200'000, 'x'));
  EXPECT_EQ(CallRaw(channel, kVerify, request.SerializeAsString()).error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
}

TEST(RpcServerTest, AMessageAboveTheLimitOfItsMethodIsRefused) {
  TestServer server;
  const auto channel = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  v1::GetStatusRequest request;
  request.set_licence_id(std::string(10'000, 'x'));
  const grpc::Status status = CallRaw(channel, kStatus, request.SerializeAsString());
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status).reason(), "REQUEST_TOO_LARGE");
}

// tests/SCENARIOS.md 18.
TEST(RpcServerTest, AnApplicationWithAFieldThatIsNotOursIsRefused) {
  TestServer server;
  const auto channel =
      server.Connect(server.Register(tests::kHospital, {Role::kIssuingInstitution}));
  v1::SubmitApplicationRequest request;
  request.set_request_id("r-1");
  v1::Application* application = request.mutable_application();
  application->GetReflection()->MutableUnknownFields(application)->AddLengthDelimited(99, "permit");
  const grpc::Status status =
      CallRaw(channel, "/birthseal.v1.Issuing/SubmitApplication", request.SerializeAsString());
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status).reason(), "FIELD_UNKNOWN");
}

v1::PushDeliveriesRequest Ignored(uint64_t seq) {
  v1::PushDeliveriesRequest message;
  message.set_seq(seq);
  message.set_facility_code(tests::kHospital);
  message.set_source_message_id("message " + std::to_string(seq));
  message.set_content_digest(std::string(32, static_cast<char>(seq % 120 + 1)));
  message.set_event(v1::FEED_EVENT_IGNORED);
  return message;
}

TEST(RpcServerTest, TheStreamAnswersEveryMessageInOrder) {
  constexpr uint64_t kMessages = 500;
  TestServer server;
  const auto channel = server.Connect(server.Register(tests::kHospital, {Role::kHospital}));
  const auto stub = v1::DeliveryFeed::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  std::thread sender([&stream] {
    for (uint64_t seq = 1; seq <= kMessages; ++seq) stream->Write(Ignored(seq));
    stream->WritesDone();
  });
  v1::PushDeliveriesResponse response;
  uint64_t expected = 0;
  while (stream->Read(&response)) {
    EXPECT_EQ(response.seq(), ++expected);
    EXPECT_EQ(response.durable_seq(), expected);
    EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_IGNORED);
  }
  sender.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(expected, kMessages);
}

TEST(RpcServerTest, AnotherFacilitysMessageIsRejectedAndTheStreamGoesOn) {
  TestServer server;
  const auto channel = server.Connect(server.Register(tests::kOtherHospital, {Role::kHospital}));
  const auto stub = v1::DeliveryFeed::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  v1::PushDeliveriesRequest own = Ignored(2);
  own.set_facility_code(tests::kOtherHospital);
  ASSERT_TRUE(stream->Write(Ignored(1)));
  ASSERT_TRUE(stream->Write(own));
  stream->WritesDone();
  v1::PushDeliveriesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_REJECTED);
  EXPECT_EQ(response.defects(0).code(), "FACILITY_NOT_YOURS");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_IGNORED);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(RpcServerTest, AMessageWhoseIdentityIsThatOfNothingIsRejectedByName) {
  TestServer server;
  const auto stub = v1::DeliveryFeed::NewStub(
      server.Connect(server.Register(tests::kHospital, {Role::kHospital})));
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  v1::PushDeliveriesRequest no_digest = Ignored(1), no_raw = Ignored(2);
  no_digest.set_content_digest(certs::Bytes(certs::Sm3Of("")));
  no_digest.set_raw("a message as it came");
  no_raw.set_event(v1::FEED_EVENT_RECORD);
  for (const v1::PushDeliveriesRequest& message : {no_digest, no_raw, Ignored(3)}) {
    ASSERT_TRUE(stream->Write(message));
  }
  stream->WritesDone();
  v1::PushDeliveriesResponse response;
  for (const char* field : {"content_digest", "raw"}) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_REJECTED);
    ASSERT_EQ(response.defects_size(), 1);
    EXPECT_EQ(response.defects(0).code(), "IDENTITY_EMPTY");
    EXPECT_EQ(response.defects(0).location(), field);
  }
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_IGNORED);
  EXPECT_TRUE(stream->Finish().ok());
}

// Answered, refused by its fields, by its place in the stream, and at the gate.
TEST(RpcServerTest, EveryMessageOfAStreamIsCountedWhoeverRefusesIt) {
  TestServer server;
  const Peer peer = server.Register(tests::kHospital, {Role::kHospital});
  const auto stub = v1::DeliveryFeed::NewStub(server.Connect(peer));
  v1::PushDeliveriesRequest no_digest = Ignored(2);
  no_digest.set_content_digest(std::string(31, 'x'));
  v1::PushDeliveriesResponse response;
  {
    grpc::ClientContext context;
    const auto stream = stub->PushDeliveries(&context);
    for (const v1::PushDeliveriesRequest& message : {Ignored(1), no_digest}) {
      ASSERT_TRUE(stream->Write(message));
      ASSERT_TRUE(stream->Read(&response));
    }
    EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_REJECTED);
    stream->Write(Ignored(2));  // not ascending
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), StatusCode::INVALID_ARGUMENT);
  }
  {
    grpc::ClientContext context;
    const auto stream = stub->PushDeliveries(&context);
    ASSERT_TRUE(stream->Write(Ignored(3)));
    ASSERT_TRUE(stream->Read(&response));
    server.Put(peer, tests::kHospital, {Role::kHospital}, {}, false);
    stream->Write(Ignored(4));
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAUTHENTICATED);
  }
  testing::internal::CaptureStderr();
  server.app().LogCounters();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("\"method\":\"/birthseal.v1.DeliveryFeed/PushDeliveries\","
                                 "\"ok\":\"2\",\"refused\":\"3\",\"failed\":\"0\""));
}

TEST(RpcServerTest, AStreamOfAClientThatIsDeactivatedEndsAtItsNextMessage) {
  TestServer server;
  const Peer peer = server.Register(tests::kHospital, {Role::kHospital});
  const auto stub = v1::DeliveryFeed::NewStub(server.Connect(peer));
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  v1::PushDeliveriesResponse response;
  ASSERT_TRUE(stream->Write(Ignored(1)));
  ASSERT_TRUE(stream->Read(&response));
  server.Put(peer, tests::kHospital, {Role::kHospital}, {}, false);
  stream->Write(Ignored(2));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST(RpcServerTest, AGracefulStopAnswersWhatIsInFlightAndEndsStreams) {
  TestServer::Options options;
  options.worker_threads = 1;
  TestServer server(options);
  const auto police = server.Connect(server.Register(tests::kOutsider, {Role::kPolice}));
  const auto stub = v1::DeliveryFeed::NewStub(
      server.Connect(server.Register(tests::kHospital, {Role::kHospital})));
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  v1::PushDeliveriesResponse response;
  ASSERT_TRUE(stream->Write(Ignored(1)));
  ASSERT_TRUE(stream->Read(&response));

  BusyWorker busy(&server.app().house().issuing.workers);
  std::future<grpc::Status> in_flight = std::async(std::launch::async, [&police] {
    v1::VerifyNumberRequest request;
    request.set_use_cause("test");
    return CallRaw(police, "/birthseal.v1.Verification/VerifyNumber", request.SerializeAsString());
  });
  while (server.app().house().issuing.workers.queued() == 0) std::this_thread::yield();
  std::thread stopper([&server] { server.app().Stop(); });
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status ended = stream->Finish();
  EXPECT_EQ(ended.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(ended).reason(), "STOPPING");
  busy.Release();
  EXPECT_TRUE(in_flight.get().ok());
  stopper.join();
}

}  // namespace
}  // namespace birthseal::server
