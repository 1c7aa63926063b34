// SPDX-License-Identifier: Apache-2.0
#include "server/door/rpc_gate.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "google/protobuf/message.h"
#include "server/door/auth_processor.h"
#include "server/door/grpc_status.h"
#include "server/host/event_log.h"
#include "server/host/system_clock.h"
#include "server/use_case/worker_pool.h"

namespace birthseal::server {
namespace {

// With less than this left the answer would come too late anyway.
constexpr absl::Duration kLeastTime = absl::Milliseconds(5);

absl::Status CheckTime(const grpc::CallbackServerContext& context) {
  const absl::Time deadline = absl::FromChrono(context.deadline());
  if (deadline - SystemClock().Now() >= kLeastTime) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kDeadlineExceeded, "TOO_LITTLE_TIME",
                      "too little time is left to answer within the deadline");
}

bool OurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kUnknown;
}

}  // namespace

absl::Status QueueFull() {
  return certs::Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                      "the service has as much work as it can hold; try again later", "",
                      "服务繁忙，请稍后重试");
}

absl::Status Stopping() {
  return certs::Error(absl::StatusCode::kUnavailable, "STOPPING",
                      "the service is stopping; try again");
}

RpcGate::RpcGate(ClientDirectory* directory, const AccessPolicy* policy, WorkerPool* workers)
    : directory_(directory), policy_(policy), workers_(workers) {}

RpcMethod* RpcGate::Method(absl::string_view path, size_t max_request_bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  RpcMethod& method = methods_.emplace_back();
  method.path = std::string(path);
  method.access = policy_->Find(path);
  method.max_request_bytes = max_request_bytes;
  method.workers = workers_;
  method.max_held_bytes = std::numeric_limits<size_t>::max();
  return &method;
}

void RpcGate::RunApart(RpcMethod* method, WorkerPool* workers, size_t max_held_bytes) {
  method->workers = workers;
  method->max_held_bytes = max_held_bytes;
}

absl::StatusOr<std::shared_ptr<const Caller>> RpcGate::Admit(
    const RpcMethod& method, const grpc::CallbackServerContext& context, size_t request_bytes) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Caller> caller,
                   CallerOf(*context.auth_context(), directory_));
  if (method.access == nullptr || !AccessPolicy::Allows(*method.access, *caller)) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
                        "no role of the calling organisation may use this method");
  }
  RETURN_IF_ERROR(CheckTime(context));
  if (request_bytes > method.max_request_bytes) {
    return certs::Error(
        absl::StatusCode::kInvalidArgument, "REQUEST_TOO_LARGE",
        absl::StrCat("a request of this method has at most ", method.max_request_bytes, " bytes"));
  }
  return caller;
}

void RpcGate::Count(RpcMethod* method, const absl::Status& status) {
  std::atomic<uint64_t>& counter = status.ok()               ? method->ok
                                   : OurFault(status.code()) ? method->failed
                                                             : method->refused;
  counter.fetch_add(1, std::memory_order_relaxed);
}

grpc::ServerUnaryReactor* RpcGate::OnWorker(RpcMethod* method, grpc::CallbackServerContext* context,
                                            const google::protobuf::Message& request, Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const size_t bytes = request.ByteSizeLong();
  const size_t held = method->held_bytes.fetch_add(bytes) + bytes;
  const auto finish = [this, method, reactor, bytes](const absl::Status& status) {
    Count(method, status);
    method->held_bytes.fetch_sub(bytes);
    reactor->Finish(ToGrpcStatus(status));
  };
  absl::StatusOr<std::shared_ptr<const Caller>> caller = Admit(*method, *context, bytes);
  if (caller.ok() && held > method->max_held_bytes) caller = QueueFull();
  if (!caller.ok()) {
    finish(caller.status());
    return reactor;
  }
  const bool posted =
      method->workers->Post([finish, context, caller = *std::move(caller), work = std::move(work)] {
        // Time may have run out in the queue, or the caller may have left: then nothing is begun.
        if (absl::Status time = CheckTime(*context); !time.ok()) return finish(time);
        if (context->IsCancelled()) return finish(absl::CancelledError("the caller has left"));
        finish(work(*caller));
      });
  if (!posted) {
    finish(method->workers->draining() ? Stopping() : QueueFull());
  }
  return reactor;
}

grpc::ServerUnaryReactor* RpcGate::AtOnce(RpcMethod* method, grpc::CallbackServerContext* context,
                                          const google::protobuf::Message& request,
                                          const Work& work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<std::shared_ptr<const Caller>> caller =
      Admit(*method, *context, request.ByteSizeLong());
  const absl::Status status = caller.ok() ? work(**caller) : caller.status();
  Count(method, status);
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

void RpcGate::LogCounters() const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const RpcMethod& method : methods_) {
    const auto ok = static_cast<int64_t>(method.ok.load());
    const auto refused = static_cast<int64_t>(method.refused.load());
    const auto failed = static_cast<int64_t>(method.failed.load());
    if (ok + refused + failed == 0) continue;
    LogEvent(LogLevel::kInfo, "calls",
             {{"method", method.path}, {"ok", ok}, {"refused", refused}, {"failed", failed}});
  }
}

}  // namespace birthseal::server
