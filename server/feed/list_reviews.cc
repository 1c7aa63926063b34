// SPDX-License-Identifier: Apache-2.0
#include "server/feed/list_reviews.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"
#include "server/use_case/stored_ids.h"

namespace birthseal::server {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;

absl::Status MaySee(const FeedRoom& room, const Caller& caller, absl::string_view facility) {
  if (caller.MayPushFor(facility) || caller.organisation_code() == facility)
    return absl::OkStatus();
  if (caller.Has(Role::kManagingInstitution)) return CheckManages(room, caller, facility);
  return certs::Error(absl::StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS",
                      "the facility is not bound to the caller", "facility_code");
}

}  // namespace

absl::StatusOr<ListReviewsResult> ListReviews(const FeedRoom& room, const Caller& caller,
                                              const ListReviewsInput& input) {
  RETURN_IF_ERROR(MaySee(room, caller, input.facility_code));
  if (input.page_size < 0 || input.page_size > kMaxPage) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "PAGE_SIZE",
                        "a page holds 1 to 200 records", "page_size");
  }
  const size_t limit = input.page_size == 0 ? kDefaultPage : input.page_size;
  ASSIGN_OR_RETURN(store::Registry::ReviewPage page,
                   room.registry.Reviews(input.facility_code, input.page_token, limit));
  ListReviewsResult result;
  result.next_page_token = std::move(page.next_token);
  for (const store::StoredDelivery& review : page.reviews) {
    ReviewItem item;
    item.delivery_id = review.id;
    if (!review.head.newborn_id().empty()) {
      ASSIGN_OR_RETURN(item.newborn_id,
                       StoredId<certs::NewbornId>(review.head.newborn_id(), "newborn_id"));
    }
    for (const storage::v1::FeedDefect& defect : review.head.defects()) {
      item.defects.push_back({defect.code(), defect.location(), defect.fatal()});
    }
    item.accepted_time = absl::FromUnixMicros(review.head.accepted_time());
    result.reviews.push_back(std::move(item));
  }
  return result;
}

}  // namespace birthseal::server
