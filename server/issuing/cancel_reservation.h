// SPDX-License-Identifier: Apache-2.0
// Gives up a reservation, by two people. Why is theirs to judge: the seal or the evidence no longer
// stands, its log epoch has ended.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "certs/statements.h"
#include "server/issuing/issuing_room.h"
#include "server/use_case/two_people.h"

namespace birthseal::server {

struct CancelReservationInput {
  certs::CaseId case_id;
  std::string reason;                // 1 to 200 bytes
  OperatorSignature issuer, sealer;  // over certs::CancellationDigest
};

// The case ends, the newborn's slot is free, the number goes to waste with the reason. The caller
// is the institution of the case or one that manages it; so are the two people. Repeating it
// succeeds.
// Errors: kInvalidArgument; those of managing.h; kNotFound "CASE_UNKNOWN", "NO_SUCH_INTENT" nothing
// is reserved; those of CheckTwoPeople; kAborted "ISSUE_IN_PROGRESS" it is being sealed; those of
// Freshness::MayIssue and of the ledger.
absl::Status CancelReservation(const IssuingRoom& room, const Caller& caller,
                               const CancelReservationInput& input);

}  // namespace birthseal::server
