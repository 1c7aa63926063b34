// SPDX-License-Identifier: Apache-2.0
// The feed link over the network: a FeedClient that tries again while the caller can wait.
#pragma once

#include <vector>

#include "clients/connect/feed_link.h"
#include "clients/cpp/feed_client.h"

namespace birthseal::connect {

class ServiceLink : public FeedLink {
 public:
  explicit ServiceLink(const client::ClientOptions& options) : feed_(options) {}
  absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> Push(
      std::vector<v1::PushDeliveriesRequest> requests) override;

 private:
  client::FeedClient feed_;
};

}  // namespace birthseal::connect
