// SPDX-License-Identifier: Apache-2.0
// One delivery record, disclosed after its ACCESS entry is durable.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "certs/delivery.h"
#include "server/feed/feed_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct GetDeliveryInput {
  certs::DeliveryId delivery_id;              // this, or
  certs::NewbornId newborn_id;                // the current record of the newborn, or
  std::string facility_code, baby_record_no;  // of the baby with this number in the facility
  std::string use_cause;                      // 1 to 200 bytes
};
struct GetDeliveryResult {
  certs::Delivery delivery;
  certs::DeliveryId delivery_id;
  certs::NewbornId newborn_id;  // zero: of none
  bool in_review = false, withdrawn = false;
};

// Errors: kInvalidArgument "USE_CAUSE_REQUIRED", "KEY_REQUIRED"; kNotFound, also for a record of
// another facility; for managing institutions those of managing.h.
absl::StatusOr<GetDeliveryResult> GetDelivery(const FeedRoom& room, const Caller& caller,
                                              const GetDeliveryInput& input);

}  // namespace birthseal::server
