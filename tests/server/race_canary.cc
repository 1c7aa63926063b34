// SPDX-License-Identifier: Apache-2.0
// A planted data race in a handler, to be found by the thread sanitizer under the very options with
// which the server tests run. If this program is reported clean, a suppression blinds the tool.
//
// The handler does what ours do: it posts to our own worker threads through a function without grpc
// types, which then touches shared memory without a lock.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "birthseal/v1/verification.grpc.pb.h"
#include "server/use_case/worker_pool.h"

namespace birthseal {
namespace {

constexpr int kThreads = 4, kCalls = 200;

struct Counter {
  long value = 0;  // no lock: this is the race
};

void CountOnWorker(server::WorkerPool& pool, Counter& counter, std::function<void()> done) {
  pool.Post([&counter, done = std::move(done)] {
    ++counter.value;
    done();
  });
}

class RacyService : public v1::Verification::CallbackService {
 public:
  RacyService(server::WorkerPool* pool, Counter* counter) : pool_(pool), counter_(counter) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest*,
                                      v1::GetStatusResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    CountOnWorker(*pool_, *counter_, [reactor] { reactor->Finish(grpc::Status::OK); });
    return reactor;
  }

 private:
  server::WorkerPool* const pool_;
  Counter* const counter_;
};

void CallMany(const std::string& target) {
  auto stub =
      v1::Verification::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  for (int i = 0; i < kCalls; ++i) {
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    stub->GetStatus(&context, {}, &response);
  }
}

int Run() {
  server::WorkerPool pool(kThreads, kThreads * kCalls);
  Counter counter;
  RacyService service(&pool, &counter);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> grpc_server = builder.BuildAndStart();
  std::vector<std::thread> callers;
  for (int i = 0; i < kThreads; ++i) {
    callers.emplace_back(CallMany, "127.0.0.1:" + std::to_string(port));
  }
  for (std::thread& caller : callers) caller.join();
  grpc_server->Shutdown();
  pool.Drain();
  std::printf("%ld of %d counted\n", counter.value, kThreads * kCalls);
  return 0;
}

}  // namespace
}  // namespace birthseal

int main() { return birthseal::Run(); }
