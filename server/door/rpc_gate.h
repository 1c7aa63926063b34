// SPDX-License-Identifier: Apache-2.0
// The one way from the network into a use case. Every unary handler, and every message of a stream,
// passes here: caller looked up again, role checked again, deadline and size checked, posted to a
// bounded worker pool, its status mapped and counted.
//
// Handlers stay on the network thread only for these checks (and GetStatus for its short reads).
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace birthseal::server {

class WorkerPool;

// One method: its right and its counters.
struct RpcMethod {
  std::string path;
  const MethodAccess* access = nullptr;  // null: denied
  size_t max_request_bytes = 0;
  WorkerPool* workers = nullptr;  // where its calls run
  size_t max_held_bytes = 0;      // of its requests that wait or run
  std::atomic<size_t> held_bytes{0};
  std::atomic<uint64_t> ok{0}, refused{0}, failed{0};  // failed: errors of the service
};

class RpcGate {
 public:
  // All arguments outlive the gate.
  RpcGate(ClientDirectory* directory, const AccessPolicy* policy, WorkerPool* workers);

  // At construction of the services. `path` is "/birthseal.v1.Verification/GetStatus".
  RpcMethod* Method(absl::string_view path, size_t max_request_bytes = 1u << 20);

  // At construction as well: calls of `method` run on a pool of their own, and their requests hold
  // at most `max_held_bytes` together; more is refused as a full queue is.
  void RunApart(RpcMethod* method, WorkerPool* workers, size_t max_held_bytes);

  using Work = std::function<absl::Status(const Caller&)>;
  // Refuses or posts to the pool. `request` and whatever `work` refers to live until the answer is
  // sent, as gRPC keeps request and response. Returns the reactor of the call.
  grpc::ServerUnaryReactor* OnWorker(RpcMethod* method, grpc::CallbackServerContext* context,
                                     const google::protobuf::Message& request, Work work);
  // Runs `work` at once: for reads that never block.
  grpc::ServerUnaryReactor* AtOnce(RpcMethod* method, grpc::CallbackServerContext* context,
                                   const google::protobuf::Message& request, const Work& work);

  // The checks alone: for messages of a stream. Errors: kUnauthenticated, kPermissionDenied;
  // kDeadlineExceeded "TOO_LITTLE_TIME"; kInvalidArgument "REQUEST_TOO_LARGE"; those of the
  // registry.
  absl::StatusOr<std::shared_ptr<const Caller>> Admit(const RpcMethod& method,
                                                      const grpc::CallbackServerContext& context,
                                                      size_t request_bytes);
  void Count(RpcMethod* method, const absl::Status& status);

  WorkerPool* workers() { return workers_; }
  ClientDirectory* directory() { return directory_; }
  // One log line for each method that was called.
  void LogCounters() const;

 private:
  ClientDirectory* const directory_;
  const AccessPolicy* const policy_;
  WorkerPool* const workers_;
  mutable std::mutex mutex_;
  std::list<RpcMethod> methods_;  // mutex_; stable addresses
};

// kResourceExhausted "QUEUE_FULL".
absl::Status QueueFull();
// kUnavailable "STOPPING".
absl::Status Stopping();

}  // namespace birthseal::server
