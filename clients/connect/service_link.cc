// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/service_link.h"

namespace birthseal::connect {
namespace {

// A stream that idled through a restart of the service breaks at its next use: one new attempt
// tells that apart from a service that is down. More would keep the hospital's queue waiting.
constexpr int kAttempts = 2;

}  // namespace

absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> ServiceLink::Push(
    std::vector<v1::PushDeliveriesRequest> requests) {
  absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> verdicts;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    verdicts = feed_.Push(requests);
    if (!absl::IsUnavailable(verdicts.status())) break;
  }
  return verdicts;
}

}  // namespace birthseal::connect
