// SPDX-License-Identifier: Apache-2.0
// After a recovery, ranges of certificate numbers are held (暂停发放), since nobody knows which of
// them the lost documents bear. Two people look at the paper and say where a range goes on.
#pragma once

#include "absl/status/status.h"
#include "certs/statements.h"
#include "server/issuing/issuing_room.h"
#include "server/use_case/two_people.h"

namespace birthseal::server {

struct ConfirmStockInput {
  certs::StockStatement statement;
  OperatorSignature issuer, sealer;  // over certs::StockDigest
};

// Numbers passed over go to waste. The caller is the institution of the range, one that manages it
// or an administrator; the two people are of the institution or of one that manages it. The same
// request id again succeeds.
// Errors: kInvalidArgument; kPermissionDenied "NOT_YOURS"; those of managing.h, Freshness::MayIssue
// and CheckTwoPeople; kNotFound "STOCK_UNKNOWN"; kFailedPrecondition "STOCK_NOT_HELD"; others of
// store::ConfirmStock.
absl::Status ConfirmStock(const IssuingRoom& room, const Caller& caller,
                          const ConfirmStockInput& input);

}  // namespace birthseal::server
