// SPDX-License-Identifier: Apache-2.0
// A person decides a record that waits in review.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "certs/delivery.h"
#include "server/feed/feed_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct ResolveReviewInput {
  std::string request_id;  // 1 to 64 bytes
  certs::DeliveryId delivery_id;
  bool accept = true;        // false: the record is withdrawn
  certs::Delivery delivery;  // accept: reported fields replace those of the record
  store::WhoseRecord whose = store::WhoseRecord::kUnsaid;
  std::string operator_id;  // an active operator of the caller's organisation
  std::string reason;       // 1 to 200 bytes
};

// Gives the newborn id. The same request again gets the first answer. Errors: kInvalidArgument;
// kNotFound; kFailedPrecondition "NOT_IN_REVIEW" and others of store::ResolveReview; kAlreadyExists
// "REQUEST_ID_REUSED"; kPermissionDenied "FACILITY_NOT_YOURS", "OPERATOR_UNKNOWN"; for managing
// institutions those of managing.h.
absl::StatusOr<certs::NewbornId> ResolveReview(const FeedRoom& room, const Caller& caller,
                                               const ResolveReviewInput& input);

}  // namespace birthseal::server
