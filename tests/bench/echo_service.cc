// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/echo_service.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <cstdio>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "birthseal/v1/delivery_feed.grpc.pb.h"
#include "birthseal/v1/sharing.grpc.pb.h"
#include "certs/status_macros.h"
#include "tests/bench/flood.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

constexpr int kChannels = 4, kUnderWay = 64, kWindow = 64;

class EchoSharing final : public v1::Sharing::CallbackService {
 public:
  grpc::ServerUnaryReactor* DownloadDocument(grpc::CallbackServerContext* context,
                                             const v1::DownloadDocumentRequest* /*request*/,
                                             v1::DownloadDocumentResponse* response) override {
    response->set_file(file_);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const std::string file_ = std::string(kEchoResponse, 'f');
};

class EchoStream
    : public grpc::ServerBidiReactor<v1::PushDeliveriesRequest, v1::PushDeliveriesResponse> {
 public:
  EchoStream() { StartRead(&request_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    response_.set_seq(request_.seq());
    response_.set_delivery_id(std::string(16, 'd'));
    response_.set_newborn_id(std::string(16, 'n'));
    StartWrite(&response_);
  }
  void OnWriteDone(bool /*ok*/) override { StartRead(&request_); }
  void OnDone() override { delete this; }

 private:
  v1::PushDeliveriesRequest request_;
  v1::PushDeliveriesResponse response_;
};

class EchoFeed final : public v1::DeliveryFeed::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::PushDeliveriesRequest, v1::PushDeliveriesResponse>* PushDeliveries(
      grpc::CallbackServerContext* /*context*/) override {
    return new EchoStream;
  }
};

absl::StatusOr<client::ClientOptions> CallerOf(const Installation& installation,
                                               const ChildProcess& echo, int channels) {
  ASSIGN_OR_RETURN(client::ClientOptions options, installation.Identity("platform"));
  options.target = echo.target();
  options.channels = channels;
  return options;
}

// Cost of what `run` does, for each of `count`.
template <typename Run>
CallCost Measure(const ChildProcess& echo, int count, Run run) {
  const double server = UseOf(echo.pid()).cpu_micros, client = ProcessCpuMicros();
  run();
  return {(UseOf(echo.pid()).cpu_micros - server) / count, (ProcessCpuMicros() - client) / count};
}

}  // namespace

int RunEchoService(const std::string& directory, const std::string& port_file) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = tests::ReadFile(directory + "/tls/ca.pem");
  tls.pem_key_cert_pairs.push_back({tests::ReadFile(directory + "/tls/server.key"),
                                    tests::ReadFile(directory + "/tls/server.pem")});
  EchoSharing sharing;
  EchoFeed feed;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterService(&sharing);
  builder.RegisterService(&feed);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  tests::WriteFile(port_file, absl::StrCat(port, "\n"));
  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

absl::StatusOr<ChildProcess> StartEchoService(const Installation& installation,
                                              const std::string& own_program) {
  const std::string port_file = installation.Path("echo.port");
  return ChildProcess::Start(
      {own_program, "--echo-service", installation.Path(""), "--port-file", port_file}, port_file,
      installation.Path("echo.log"));
}

absl::StatusOr<CallCost> MeasureUnary(const Installation& installation, const ChildProcess& echo,
                                      int calls) {
  ASSIGN_OR_RETURN(const client::ClientOptions options, CallerOf(installation, echo, kChannels));
  const std::string cause(kEchoRequest, 'c');
  Flood<v1::Sharing, v1::DownloadDocumentRequest, v1::DownloadDocumentResponse> flood(
      Connect(options),
      [](v1::Sharing::Stub* stub, grpc::ClientContext* context,
         const v1::DownloadDocumentRequest* request, v1::DownloadDocumentResponse* response,
         std::function<void(grpc::Status)> done) {
        stub->async()->DownloadDocument(context, request, response, std::move(done));
      },
      [&](uint64_t, v1::DownloadDocumentRequest* request) { request->set_use_cause(cause); },
      [](const v1::DownloadDocumentResponse& response) {
        return response.file().size() == kEchoResponse;
      });
  // The handshakes come first, unmeasured.
  flood.Run(kChannels, std::numeric_limits<double>::max(), 4 * kChannels);
  const uint64_t before = flood.done();
  const CallCost cost = Measure(echo, calls, [&] {
    flood.Run(kUnderWay, std::numeric_limits<double>::max(), 5 * kChannels + before + calls);
  });
  if (flood.wrong() > 0) return absl::InternalError("the echo service answered wrongly");
  return cost;
}

absl::StatusOr<CallCost> MeasureStream(const Installation& installation, const ChildProcess& echo,
                                       int messages) {
  ASSIGN_OR_RETURN(const client::ClientOptions options, CallerOf(installation, echo, 1));
  const auto stub = v1::DeliveryFeed::NewStub(Connect(options)[0]);
  grpc::ClientContext context;
  const auto stream = stub->PushDeliveries(&context);
  v1::PushDeliveriesRequest request;
  request.set_raw(std::string(kEchoRequest, 'r'));
  std::mutex mutex;
  std::condition_variable room;
  int answered = 0;  // mutex
  std::thread reader([&] {
    v1::PushDeliveriesResponse response;
    while (stream->Read(&response)) {
      std::lock_guard<std::mutex> lock(mutex);
      ++answered;
      room.notify_one();
    }
  });
  const auto write = [&](int sequence) {
    std::unique_lock<std::mutex> lock(mutex);
    room.wait(lock, [&] { return sequence - answered < kWindow; });
    lock.unlock();
    request.set_seq(static_cast<uint64_t>(sequence) + 1);
    stream->Write(request);
  };
  int sent = 0;
  for (; sent < kWindow; ++sent) write(sent);  // with the handshake, unmeasured
  const CallCost cost = Measure(echo, messages, [&] {
    for (; sent < kWindow + messages; ++sent) write(sent);
  });
  stream->WritesDone();
  reader.join();
  const grpc::Status ended = stream->Finish();
  if (!ended.ok()) return absl::InternalError("the echo service ended the stream wrongly");
  return cost;
}

}  // namespace birthseal::bench
