// SPDX-License-Identifier: Apache-2.0
// From absl::Status to the status a caller sees: codes 1:1, the reason as a detail.
//
// kInternal and kDataLoss: text and payload go to the event log under an incident id, and only that
// id goes out. One reason of kDataLoss is said as it is: "DOCUMENT_LOST", known since a recovery,
// with what to do. Thread-safe: pure but for that line.
#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}
namespace birthseal::v1 {
class ItemError;
}

namespace birthseal::server {

// The detail is a birthseal.v1.StatusDetails (wire form of google.rpc.Status) with one
// birthseal.v1.ErrorReason in it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The same for one item of a batch. Requires: not OK.
void ToItemError(const absl::Status& status, v1::ItemError* error);

}  // namespace birthseal::server
