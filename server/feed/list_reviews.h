// SPDX-License-Identifier: Apache-2.0
// Records of a facility that wait for a person; without personal data.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/feed/feed_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct ReviewItem {
  certs::DeliveryId delivery_id;
  certs::NewbornId newborn_id;  // zero: of none
  std::vector<store::FeedDefect> defects;
  absl::Time accepted_time;
};
struct ListReviewsInput {
  std::string facility_code;
  int page_size = 0;  // 1..200; 0: 50
  std::string page_token;
};
struct ListReviewsResult {
  std::vector<ReviewItem> reviews;
  std::string next_page_token;  // empty: no more
};

// Errors: kInvalidArgument; kPermissionDenied "FACILITY_NOT_YOURS"; for managing institutions those
// of managing.h.
absl::StatusOr<ListReviewsResult> ListReviews(const FeedRoom& room, const Caller& caller,
                                              const ListReviewsInput& input);

}  // namespace birthseal::server
