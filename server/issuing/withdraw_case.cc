// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/withdraw_case.h"

#include <utility>

#include "certs/status_macros.h"
#include "server/issuing/known_case.h"
#include "server/use_case/stated_reason.h"

namespace birthseal::server {

absl::Status WithdrawCase(const IssuingRoom& room, const Caller& caller,
                          const WithdrawCaseInput& input) {
  RETURN_IF_ERROR(CheckReason(input.reason));
  ASSIGN_OR_RETURN(const storage::v1::CaseHead head, KnownCaseHead(room, input.case_id));
  if (!HasPartIn(caller, head)) return CaseUnknown();
  store::Withdraw command;
  command.organisation_code = caller.organisation_code();
  command.reason = input.reason;
  command.case_id = input.case_id;
  return room.ledger.Call(std::move(command)).status();
}

}  // namespace birthseal::server
