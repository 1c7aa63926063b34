// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/confirm_stock.h"

#include <utility>

#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"
#include "server/use_case/request_id.h"

namespace birthseal::server {

namespace {

absl::Status CheckRange(const IssuingRoom& room, const Caller& caller,
                        absl::string_view institution) {
  if (institution == caller.organisation_code() || caller.Has(Role::kAdministrator)) {
    return absl::OkStatus();
  }
  if (caller.Has(Role::kManagingInstitution)) return CheckManages(room, caller, institution);
  return certs::Error(absl::StatusCode::kPermissionDenied, "NOT_YOURS",
                      "the range is of another institution", "institution_code",
                      "该编号段属于其他机构");
}

}  // namespace

absl::Status ConfirmStock(const IssuingRoom& room, const Caller& caller,
                          const ConfirmStockInput& input) {
  const certs::StockStatement& statement = input.statement;
  RETURN_IF_ERROR(CheckRequestId(statement.request_id));
  RETURN_IF_ERROR(certs::CertificateNumber::Parse(statement.first_number).status());
  if (!statement.next_number.empty()) {
    RETURN_IF_ERROR(certs::CertificateNumber::Parse(statement.next_number).status());
  }
  RETURN_IF_ERROR(CheckRange(room, caller, statement.institution_code));
  // In a store that lacks what was signed for, the numbers may be of documents that are there.
  RETURN_IF_ERROR(room.freshness.MayIssue());
  RETURN_IF_ERROR(CheckTwoPeopleOver(room, room.operators, room.approvals,
                                     statement.institution_code, input.issuer, input.sealer,
                                     certs::StockDigest(statement)));
  store::ConfirmStock command;
  command.organisation_code = caller.organisation_code();
  command.institution_code = statement.institution_code;
  command.first_number = statement.first_number;
  command.next_number = statement.next_number;
  command.first_operator = input.issuer.operator_id;
  command.second_operator = input.sealer.operator_id;
  command.request_key = RequestKey(caller.organisation_code(), statement.request_id);
  return room.ledger.Call(std::move(command)).status();
}

}  // namespace birthseal::server
