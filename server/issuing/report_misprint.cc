// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/report_misprint.h"

#include <utility>

#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/issuing/known_case.h"
#include "server/use_case/request_id.h"
#include "server/use_case/stated_reason.h"

namespace birthseal::server {

// Rule O6.
absl::StatusOr<std::string> ReportMisprint(const IssuingRoom& room, const Caller& caller,
                                           const ReportMisprintInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(CheckReason(input.reason));
  RETURN_IF_ERROR(certs::CertificateNumber::Parse(input.number).status());
  ASSIGN_OR_RETURN(const storage::v1::CaseHead head, KnownCaseHead(room, input.case_id));
  if (head.institution_code() != caller.organisation_code()) return CaseUnknown();
  const auto who = room.operators.Find(input.operator_id);
  if (!who.ok() && !absl::IsNotFound(who.status())) return who.status();
  if (!who.ok() || !who->active || who->institution_code != caller.organisation_code()) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN",
                        "no such active operator of this institution", "operator_id");
  }
  // It allots another number: one that a lost document may bear, if the store has gone back.
  RETURN_IF_ERROR(room.freshness.MayIssue());
  store::Misprint command;
  command.organisation_code = caller.organisation_code();
  command.operator_id = input.operator_id;
  command.number = input.number;
  command.reason = input.reason;
  command.request_key = RequestKey(caller.organisation_code(), input.request_id);
  command.case_id = input.case_id;
  ASSIGN_OR_RETURN(store::CaseAnswer answer, room.ledger.Call(std::move(command)));
  return std::move(answer.certificate_number);
}

}  // namespace birthseal::server
