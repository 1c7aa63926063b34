// SPDX-License-Identifier: Apache-2.0
// Pushes delivery messages over one bidirectional stream, from many threads at once.
//
// At most 64 messages are unanswered; further callers wait. When the stream breaks, everything
// unanswered fails with kUnavailable and the next push opens a new one: the caller sends again and
// the service recognises what it already has. Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/cpp/client.h"

namespace birthseal::client {

class FeedClient {
 public:
  explicit FeedClient(const ClientOptions& options);
  ~FeedClient();
  // Blocks until each verdict is durable; verdicts in the order of the requests. `seq` is set here.
  // Errors: kUnavailable, kResourceExhausted, kDeadlineExceeded: outcome unknown, push again.
  absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> Push(
      std::vector<v1::PushDeliveriesRequest> requests);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::client
