// SPDX-License-Identifier: Apache-2.0
// The way from a connector to the service: one message in, its durable verdict out.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "birthseal/v1/delivery_feed.pb.h"

namespace birthseal::connect {

class FeedLink {
 public:
  virtual ~FeedLink() = default;
  // Blocks until the verdicts are durable; `seq` is set by the link. Thread-safe.
  // Errors: kUnavailable, kResourceExhausted: nothing may be acknowledged, the sender tries again.
  virtual absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> Push(
      std::vector<v1::PushDeliveriesRequest> requests) = 0;
};

}  // namespace birthseal::connect
