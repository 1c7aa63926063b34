// SPDX-License-Identifier: Apache-2.0
// Channels, deadlines, retries and status conversion: what Client and FeedClient share. Internal:
// the only header of this folder that knows grpc.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/client.h"

namespace birthseal::client {

class Channels {
 public:
  explicit Channels(const ClientOptions& options);
  const std::shared_ptr<grpc::Channel>& Next();
  const ClientOptions& options() const { return options_; }

 private:
  ClientOptions options_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::atomic<size_t> next_{0};
};

// Code 1:1; reason, field and Chinese text from the ErrorReason detail.
absl::Status FromGrpcStatus(const grpc::Status& status);
// Pause before attempt `n` (from 1), with jitter so that clients do not come back together.
absl::Duration PauseBefore(int attempt);
bool MayRetry(const absl::Status& status);

}  // namespace birthseal::client
