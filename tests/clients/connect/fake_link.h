// SPDX-License-Identifier: Apache-2.0
// A feed link that keeps what is pushed and answers as the service does, by content.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "clients/connect/feed_link.h"

namespace birthseal::tests {

class FakeLink : public connect::FeedLink {
 public:
  absl::StatusOr<std::vector<v1::PushDeliveriesResponse>> Push(
      std::vector<v1::PushDeliveriesRequest> requests) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (down) return certs::Error(absl::StatusCode::kUnavailable, "DOWN", "the service is down");
    std::vector<v1::PushDeliveriesResponse> out;
    for (v1::PushDeliveriesRequest& request : requests) {
      const std::string key = absl::StrCat(request.source_message_id(), request.content_digest());
      auto [known, added] = answers_.try_emplace(key);
      if (added) {
        known->second = Judge(request);
        pushed.push_back(std::move(request));
        out.push_back(known->second);
        continue;
      }
      out.push_back(known->second);
      out.back().set_first_verdict(known->second.verdict());
      out.back().set_verdict(v1::FEED_VERDICT_DUPLICATE);
    }
    return out;
  }

  bool down = false;
  std::vector<v1::PushDeliveriesRequest> pushed;

 private:
  v1::PushDeliveriesResponse Judge(const v1::PushDeliveriesRequest& request) {
    v1::PushDeliveriesResponse verdict;
    verdict.mutable_accepted_time()->set_seconds(1'780'000'000 + static_cast<int>(answers_.size()));
    *verdict.mutable_defects() = request.defects();
    verdict.set_verdict(v1::FEED_VERDICT_ACCEPTED);
    if (request.event() == v1::FEED_EVENT_IGNORED) verdict.set_verdict(v1::FEED_VERDICT_IGNORED);
    if (request.defects_size() > 0) verdict.set_verdict(v1::FEED_VERDICT_REVIEW);
    for (const v1::FeedDefect& defect : request.defects()) {
      if (defect.fatal()) verdict.set_verdict(v1::FEED_VERDICT_REJECTED);
    }
    return verdict;
  }

  std::mutex mutex_;
  std::map<std::string, v1::PushDeliveriesResponse> answers_;
};

}  // namespace birthseal::tests
