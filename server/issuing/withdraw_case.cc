// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/withdraw_case.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/stated_reason.h"

namespace birthseal::server {

absl::Status WithdrawCase(const IssuingRoom& room, const Caller& caller,
                          const WithdrawCaseInput& input) {
  RETURN_IF_ERROR(CheckReason(input.reason));
  const auto head = room.registry.CaseHead(input.case_id);
  if (!head.ok() && !absl::IsNotFound(head.status())) return head.status();
  if (!head.ok() || (head->institution_code() != caller.organisation_code &&
                     head->organisation_code() != caller.organisation_code)) {
    return certs::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN", "no such case of the caller",
                        "case_id");
  }
  store::Withdraw command;
  command.organisation_code = caller.organisation_code;
  command.reason = input.reason;
  command.case_id = input.case_id;
  return room.ledger.Call(std::move(command)).status();
}

}  // namespace birthseal::server
