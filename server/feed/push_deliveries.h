// SPDX-License-Identifier: Apache-2.0
// A facility pushes one delivery message; what is kept of it is durable before the answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/delivery.h"
#include "certs/digest.h"
#include "server/feed/feed_room.h"
#include "store/answers.h"
#include "store/commands.h"

namespace birthseal::server {

struct DeliveryMessage {
  std::string facility_code;      // must be one of the caller's
  std::string source_message_id;  // 1 to 256 bytes, not blank
  certs::Digest content_digest{};
  store::FeedEvent event = store::FeedEvent::kRecord;
  certs::Delivery delivery;                 // as far as known
  std::vector<std::string> cleared_fields;  // proto names of birthseal.v1.Delivery
  std::string alias_of;                     // kAlias: the baby number that goes
  std::string reason;                       // kWithdraw; at most 200 bytes
  std::vector<store::FeedDefect> defects;
  std::string raw, raw_format;  // 1 byte to 1 MiB; none: delivery_feed.proto says when
  absl::Time event_time;
};

// Merges with the current record of the same baby (cleared fields clear, absent ones keep), judges
// it, and submits it. `done` is called exactly once, perhaps on the ledger's answer thread, perhaps
// before this returns: keep it short. The messages of one stream are given in their order, one call
// after the other returns; a message that met a newer record of its baby is merged again and
// retried here, up to 16 times. Errors: kInvalidArgument names the field, "IDENTITY_EMPTY" when
// source_message_id, content_digest or raw is empty or made of an empty message; kPermissionDenied
// "FACILITY_NOT_YOURS"; kAborted "RECORD_MOVED_ON" after that; kResourceExhausted "WORKERS_BUSY";
// those of the store and ledger.
void PushDelivery(const FeedRoom& room, const Caller& caller, DeliveryMessage message,
                  std::function<void(absl::StatusOr<store::DeliveryAnswer>)> done);

}  // namespace birthseal::server
