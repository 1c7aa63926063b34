// SPDX-License-Identifier: Apache-2.0
// Receipts R2 (witnessed) and R3 (joint) of a certificate (回执): made from what was stored when
// the first witnessed checkpoint covered its ISSUED leaf, so the same bytes at every asking.
//
// Nothing personal is in them: no access is recorded.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/reading/reading_room.h"

namespace birthseal::server {

enum class FetchedReceipt { kWitnessed = 1, kJoint = 2 };

// Canonical bytes (certs/proof/receipt.h). Errors: kNotFound "LICENCE_UNKNOWN" no such certificate;
// kUnavailable "NOT_YET_WITNESSED"; kFailedPrecondition "ENDED_BEFORE_WITNESSED" R3 of a
// certificate that was no longer in force under that checkpoint; kDataLoss.
absl::StatusOr<std::string> GetReceipt(const ReadingRoom& room, absl::string_view licence_id,
                                       FetchedReceipt strength);

}  // namespace birthseal::server
