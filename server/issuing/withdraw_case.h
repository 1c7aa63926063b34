// SPDX-License-Identifier: Apache-2.0
// Ends a case that is not yet reserved.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct WithdrawCaseInput {
  certs::CaseId case_id;
  std::string reason;  // 1 to 200 bytes
};

// Errors: kInvalidArgument; kNotFound "CASE_UNKNOWN", also for a case that is not the caller's;
// those of store::Withdraw.
absl::Status WithdrawCase(const IssuingRoom& room, const Caller& caller,
                          const WithdrawCaseInput& input);

}  // namespace birthseal::server
