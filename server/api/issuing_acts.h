// SPDX-License-Identifier: Apache-2.0
// Acts of issuing that stand in the service of administration: what two people cancel or confirm.
// Apart from it, so that no adapter holds two rooms.
//
// Thread-safe. The room outlives it. Errors: those of the use cases; kInvalidArgument names the
// field.
#pragma once

#include "absl/status/status.h"
#include "birthseal/v1/admin.pb.h"
#include "server/access/caller.h"

namespace birthseal::server {

struct IssuingRoom;

class IssuingActs {
 public:
  explicit IssuingActs(const IssuingRoom* room) : room_(*room) {}
  absl::Status Cancel(const Caller& caller, const v1::CancelReservationRequest& in) const;
  absl::Status Confirm(const Caller& caller, const v1::ConfirmStockRequest& in) const;

 private:
  const IssuingRoom& room_;
};

}  // namespace birthseal::server
