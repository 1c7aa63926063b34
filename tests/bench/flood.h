// SPDX-License-Identifier: Apache-2.0
// Many unary calls at once with the callback interface: the cheapest generator there is.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "clients/cpp/client.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {

// Connections of their own, mutual TLS.
inline std::vector<std::shared_ptr<grpc::Channel>> Connect(const client::ClientOptions& options) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = options.ca_pem;
  ssl.pem_cert_chain = options.certificate_pem;
  ssl.pem_private_key = options.private_key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options.channels; ++i) {
    channels.push_back(
        grpc::CreateCustomChannel(options.target, grpc::SslCredentials(ssl), arguments));
  }
  return channels;
}

// Keeps `outstanding` calls under way until `until` (wall µs) or `limit` calls were begun.
template <typename Service, typename Request, typename Response>
class Flood {
 public:
  using Start = std::function<void(typename Service::Stub*, grpc::ClientContext*, const Request*,
                                   Response*, std::function<void(grpc::Status)>)>;
  using Make = std::function<void(uint64_t index, Request*)>;
  using Right = std::function<bool(const Response&)>;

  Flood(const std::vector<std::shared_ptr<grpc::Channel>>& channels, Start start, Make make,
        Right right)
      : start_(std::move(start)), make_(std::move(make)), right_(std::move(right)) {
    for (const auto& channel : channels) stubs_.push_back(Service::NewStub(channel));
  }

  void Run(int outstanding, double until, uint64_t limit) {
    until_ = until;
    limit_ = limit;
    under_way_ = outstanding;
    for (int i = 0; i < outstanding; ++i) Next();
    std::unique_lock<std::mutex> lock(mutex_);
    ended_.wait(lock, [this] { return under_way_ == 0; });
  }
  uint64_t done() const { return done_; }
  uint64_t wrong() const { return wrong_; }

 private:
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
  };

  void Next() {
    const uint64_t index = begun_++;
    if (index >= limit_ || WallMicros() >= until_) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (--under_way_ == 0) ended_.notify_all();
      return;
    }
    Call* const call = new Call;  // Ended frees it
    make_(index, &call->request);
    start_(stubs_[index % stubs_.size()].get(), &call->context, &call->request, &call->response,
           [this, call](const grpc::Status& status) { Ended(call, status); });
  }

  // The call goes before it counts as ended: its context holds the channel, and a channel whose
  // last holder is this thread, one of gRPC's own, takes the queue away that the thread goes on to
  // read (1.51, completion_queue_cc.cc: it joins itself).
  void Ended(Call* call, const grpc::Status& status) {
    ++done_;
    if (!status.ok() || !right_(call->response)) ++wrong_;
    delete call;
    Next();
  }

  const Start start_;
  const Make make_;
  const Right right_;
  std::vector<std::unique_ptr<typename Service::Stub>> stubs_;
  double until_ = 0;
  uint64_t limit_ = 0;
  std::atomic<uint64_t> begun_{0}, done_{0}, wrong_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int under_way_ = 0;  // mutex_
};

}  // namespace birthseal::bench
