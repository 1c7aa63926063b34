// SPDX-License-Identifier: Apache-2.0
// Many at once and callers that die, through gRPC with mutual TLS, for one newborn: at most one
// certificate, and whoever asks again gets it.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "birthseal/v1/issuing.grpc.pb.h"
#include "certs/errors.h"
#include "clients/cpp/client.h"
#include "clients/cpp/feed_client.h"
#include "gtest/gtest.h"
#include "tests/support/birth_messages.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_server.h"

namespace birthseal::tests {
namespace {

using server::IssueStep;
using server::Role;

constexpr int kAttempts = 64;

// Stops whoever reaches the step first, until opened.
class Barrier {
 public:
  void CloseAt(IssueStep step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    step_ = step;
    held_ = false;
    closed_ = true;
  }
  void Open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = false;
    changed_.notify_all();
  }
  void AwaitHeld() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }
  absl::Status Reached(IssueStep step) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!closed_ || held_ || step != step_) return absl::OkStatus();
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !closed_; });
    return absl::OkStatus();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  IssueStep step_ = IssueStep::kReserved;  // all under mutex_
  bool closed_ = false, held_ = false;
};

// One institution as the service knows it: a hospital that issues.
struct Office {
  std::string code, name, issuer, sealer;
  Peer peer;
};

class RaceTest : public testing::Test {
 protected:
  RaceTest() : server_(Options()) {
    server_.RegisterInstitutions();
    here_ = {kHospital, "云岭县人民医院", "issuer-1", "sealer-1", {}};
    there_ = {kOtherHospital, "青禾县妇幼保健院", "issuer-2", "sealer-2", {}};
    for (Office* office : {&here_, &there_}) {
      office->peer = server_.Register(
          office->code, {Role::kHospital, Role::kIssuingInstitution, Role::kPlatform});
    }
  }

  client::ClientOptions OptionsOf(const Office& office) const {
    client::ClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(server_.port());
    options.ca_pem = server_.ca_pem();
    options.certificate_pem = office.peer.certificate_pem;
    options.private_key_pem = office.peer.key_pem;
    options.retry = false;
    options.channels = 4;
    return options;
  }

  std::string Push(const Office& office, const v1::Delivery& delivery) {
    client::FeedClient feed(OptionsOf(office));
    const auto verdicts = feed.Push({MessageFor(delivery)});
    EXPECT_OK(verdicts);
    EXPECT_EQ(verdicts->front().verdict(), v1::FEED_VERDICT_ACCEPTED);
    return verdicts->front().newborn_id();
  }
  v1::SubmitApplicationResponse File(client::Client* client, const v1::Application& application,
                                     int n) {
    v1::SubmitApplicationRequest request;
    request.set_request_id("case-" + application.institution_code() + "-" + std::to_string(n));
    *request.mutable_application() = application;
    const auto filed = client->SubmitApplication(request);
    EXPECT_OK(filed);
    return filed.ok() ? *filed : v1::SubmitApplicationResponse();
  }
  v1::ApproveCasesResponse::Result Approve(client::Client* client, const Office& office,
                                           const v1::SubmitApplicationResponse& filed) {
    v1::ApproveCasesRequest request;
    *request.add_items() = ApprovalOf(filed, office.issuer, server_.OperatorKey(office.issuer));
    const auto response = client->ApproveCases(request);
    EXPECT_OK(response);
    return response.ok() ? response->results(0) : v1::ApproveCasesResponse::Result();
  }
  v1::IssueCertificatesRequest OrderFor(const Office& office,
                                        const v1::ApproveCasesResponse::Result& approved) {
    v1::IssueCertificatesRequest request;
    *request.add_items() = OrderOf(approved, office.sealer, server_.OperatorKey(office.sealer));
    return request;
  }
  // An approved case of a new birth, ready for its order.
  v1::IssueCertificatesRequest ReadyOrder(client::Client* client, int n) {
    const v1::Delivery birth = BirthOf(n, here_.code, here_.name);
    const auto filed = File(client, ApplicationFor(birth, Push(here_, birth), here_.code), n);
    return OrderFor(here_, Approve(client, here_, filed));
  }
  uint64_t Issued() {
    client::ClientOptions options = OptionsOf(here_);
    options.certificate_pem = server_.administrator().certificate_pem;
    options.private_key_pem = server_.administrator().key_pem;
    const auto summary = client::Client(options).GetSummary(v1::GetSummaryRequest());
    EXPECT_OK(summary);
    return summary.ok() ? summary->certificates_issued() : 0;
  }

  TestServer::Options Options() {
    TestServer::Options options;
    options.worker_threads = 16;
    options.step_hook = [this](IssueStep step) { return barrier_.Reached(step); };
    return options;
  }

  Barrier barrier_;
  TestServer server_;
  Office here_, there_;
};

TEST_F(RaceTest, SixtyFourAttemptsFromTwoInstitutionsGiveOneCertificateAndClearRefusals) {
  // Both hospitals hold a record of the birth; every attempt is a case of its own.
  const v1::Delivery births[] = {BirthOf(1, here_.code, here_.name),
                                 BirthOf(1, there_.code, there_.name)};
  const std::string newborn = Push(here_, births[0]);
  ASSERT_EQ(Push(there_, births[1]), newborn);
  const Office* const offices[] = {&here_, &there_};
  client::Client clients[] = {client::Client(OptionsOf(here_)), client::Client(OptionsOf(there_))};
  std::vector<v1::SubmitApplicationResponse> filed;
  for (int i = 0; i < kAttempts; ++i) {
    filed.push_back(
        File(&clients[i % 2], ApplicationFor(births[i % 2], newborn, offices[i % 2]->code), i));
    ASSERT_EQ(filed.back().state(), v1::CASE_STATE_SUBMITTED) << filed.back().ShortDebugString();
  }

  std::mutex mutex;
  std::map<std::string, int> refusals;
  std::vector<std::string> numbers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAttempts; ++i) {
    threads.emplace_back([&, i] {
      const auto approved = Approve(&clients[i % 2], *offices[i % 2], filed[i]);
      if (approved.has_error()) {
        const std::lock_guard<std::mutex> lock(mutex);
        ++refusals[approved.error().reason()];
        return;
      }
      const auto issued = clients[i % 2].IssueCertificates(OrderFor(*offices[i % 2], approved));
      ASSERT_OK(issued);
      const std::lock_guard<std::mutex> lock(mutex);
      if (issued->results(0).has_error()) {
        ++refusals[issued->results(0).error().reason()];
      } else {
        numbers.push_back(issued->results(0).certificate().number());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(numbers.size(), 1u);
  EXPECT_EQ(refusals["SLOT_TAKEN"] + refusals["CERTIFICATE_EXISTS"], kAttempts - 1)
      << testing::PrintToString(refusals);
  EXPECT_EQ(Issued(), 1u);
}

TEST_F(RaceTest, SecondInstitutionWithItsOwnRecordIsRefusedOnceTheFirstHasIssued) {  // scenario 10
  const v1::Delivery birth_here = BirthOf(1, here_.code, here_.name);
  const v1::Delivery birth_there = BirthOf(1, there_.code, there_.name);
  const std::string newborn = Push(here_, birth_here);
  ASSERT_EQ(Push(there_, birth_there), newborn);
  client::Client here(OptionsOf(here_)), there(OptionsOf(there_));
  const auto filed_here = File(&here, ApplicationFor(birth_here, newborn, here_.code), 1);
  const auto filed_there = File(&there, ApplicationFor(birth_there, newborn, there_.code), 1);
  for (const auto& filed : {filed_here, filed_there}) {
    ASSERT_EQ(filed.state(), v1::CASE_STATE_SUBMITTED) << filed.ShortDebugString();
  }
  const auto issued = here.IssueCertificates(OrderFor(here_, Approve(&here, here_, filed_here)));
  ASSERT_OK(issued);
  ASSERT_FALSE(issued->results(0).has_error()) << issued->ShortDebugString();
  // The case filed before, and one filed now.
  EXPECT_EQ(Approve(&there, there_, filed_there).error().reason(), "CERTIFICATE_EXISTS");
  v1::SubmitApplicationRequest late;
  late.set_request_id("late");
  *late.mutable_application() = ApplicationFor(birth_there, newborn, there_.code);
  EXPECT_THAT(there.SubmitApplication(late),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
  EXPECT_EQ(Issued(), 1u);
}

class DyingClient : public RaceTest, public testing::WithParamInterface<int> {};

// The client is gone while the service stands at the step; the service goes on, and the client's
// successor gets the certificate.
TEST_P(DyingClient, GetsTheSameCertificateWhenItAsksAgain) {
  client::Client client(OptionsOf(here_));
  const v1::IssueCertificatesRequest order = ReadyOrder(&client, 1);
  barrier_.CloseAt(static_cast<IssueStep>(GetParam()));
  auto channel = server_.Connect(here_.peer);
  auto context = std::make_unique<grpc::ClientContext>();
  std::thread dying([&] {
    v1::IssueCertificatesResponse response;
    const grpc::Status status =
        v1::Issuing::NewStub(channel)->IssueCertificates(context.get(), order, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  });
  barrier_.AwaitHeld();
  context->TryCancel();
  dying.join();
  channel.reset();
  // Asks again while the first order is still under way, and once more when it is through.
  absl::StatusOr<v1::IssueCertificatesResponse> second = absl::UnknownError("not asked");
  std::thread successor([&] { second = client.IssueCertificates(order); });
  barrier_.Open();
  successor.join();
  const auto third = client.IssueCertificates(order);
  ASSERT_OK(second);
  ASSERT_OK(third);
  ASSERT_FALSE(third->results(0).has_error()) << third->ShortDebugString();
  const v1::Certificate& certificate = third->results(0).certificate();
  EXPECT_EQ(second->results(0).certificate().SerializeAsString(), certificate.SerializeAsString());
  v1::DownloadDocumentRequest download;
  download.mutable_key()->set_number(certificate.number());
  download.set_use_cause("户口登记");
  const auto document = client.DownloadDocument(download);
  ASSERT_OK(document);
  EXPECT_EQ(certs::Bytes(certs::Sm3Of(document->file())), certificate.file_sm3());
  EXPECT_EQ(Issued(), 1u);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, DyingClient, testing::Range(1, server::kIssueSteps + 1));

TEST_F(RaceTest, ClientThatDiesWhileApprovingGetsTheSameNumberWhenItAsksAgain) {
  client::Client client(OptionsOf(here_));
  const v1::Delivery birth = BirthOf(1, here_.code, here_.name);
  const auto filed = File(&client, ApplicationFor(birth, Push(here_, birth), here_.code), 1);
  v1::ApproveCasesRequest request;
  *request.add_items() = ApprovalOf(filed, here_.issuer, server_.OperatorKey(here_.issuer));
  std::vector<std::thread> dying;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  for (int i = 0; i < 8; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    dying.emplace_back([&, context = contexts.back().get()] {
      v1::ApproveCasesResponse response;
      v1::Issuing::NewStub(server_.Connect(here_.peer))->ApproveCases(context, request, &response);
    });
  }
  for (const auto& context : contexts) context->TryCancel();
  for (std::thread& thread : dying) thread.join();
  const auto first = Approve(&client, here_, filed);
  ASSERT_FALSE(first.has_error()) << first.ShortDebugString();
  const auto second = Approve(&client, here_, filed);
  EXPECT_EQ(first.certificate_number(), second.certificate_number());
  const auto issued = client.IssueCertificates(OrderFor(here_, second));
  ASSERT_OK(issued);
  EXPECT_EQ(issued->results(0).certificate().number(), first.certificate_number());
}

}  // namespace
}  // namespace birthseal::tests
