// SPDX-License-Identifier: Apache-2.0
#include "server/api/issuing_acts.h"

#include "certs/statements.h"
#include "server/api/convert.h"
#include "server/api/field_checker.h"
#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"

namespace birthseal::server {
namespace {

constexpr auto kRequired = FieldChecker::kRequired;

}  // namespace

absl::Status IssuingActs::Cancel(const Caller& caller,
                                 const v1::CancelReservationRequest& in) const {
  FieldChecker check;
  CancelReservationInput input;
  input.case_id = check.Identifier<certs::CaseId>(in.case_id(), "case_id");
  input.reason = check.Text(in.reason(), "reason", certs::kMaxReason, kRequired);
  input.issuer = FromProto(in.issuer(), "issuer", &check);
  input.sealer = FromProto(in.sealer(), "sealer", &check);
  if (!check.ok()) return check.status();
  return CancelReservation(room_, caller, input);
}

absl::Status IssuingActs::Confirm(const Caller& caller, const v1::ConfirmStockRequest& in) const {
  FieldChecker check;
  ConfirmStockInput input;
  certs::StockStatement& statement = input.statement;
  statement.request_id = check.Text(in.request_id(), "request_id", certs::kMaxRequestId, kRequired);
  statement.institution_code = check.Text(in.institution_code(), "institution_code", 18, kRequired);
  statement.first_number = check.Text(in.first_number(), "first_number", 10, kRequired);
  statement.next_number = check.Text(in.next_number(), "next_number", 10);
  input.issuer = FromProto(in.issuer(), "issuer", &check);
  input.sealer = FromProto(in.sealer(), "sealer", &check);
  if (!check.ok()) return check.status();
  return ConfirmStock(room_, caller, input);
}

}  // namespace birthseal::server
