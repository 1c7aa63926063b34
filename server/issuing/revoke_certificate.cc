// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/revoke_certificate.h"

#include <utility>

#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/request_id.h"
#include "server/use_case/stated_reason.h"

namespace birthseal::server {

namespace {

// The caller manages the institution that issued it.
absl::Status CheckArea(const IssuingRoom& room, const Caller& caller, absl::string_view number) {
  RETURN_IF_ERROR(CheckManaging(room, caller));
  const auto unknown = [](const absl::Status& status) {
    if (!absl::IsNotFound(status)) return status;
    return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN", "no such certificate",
                        "number", "未找到该编号的证照");
  };
  const auto index = room.registry.StatusIndexOf(number);
  if (!index.ok()) return unknown(index.status());
  const auto head = room.registry.Certificate(*index);
  if (!head.ok()) return unknown(head.status());
  return CheckManages(room, caller, head->reservation().institution_code());
}

}  // namespace

certs::Digest RevocationDigest(absl::string_view number, const certs::Digest& decision) {
  return certs::Sm3()
      .Add(absl::string_view("birthseal/revoke/v1\0", 20))
      .Add(number)
      .Add(certs::View(decision))
      .Finish();
}

// Rule V2.
absl::StatusOr<CertificateView> RevokeCertificate(const IssuingRoom& room, const Caller& caller,
                                                  const RevokeCertificateInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(certs::CertificateNumber::Parse(input.number).status());
  RETURN_IF_ERROR(CheckArea(room, caller, input.number));
  RETURN_IF_ERROR(room.freshness.MayIssue());
  if (input.decision.digest == certs::Digest{} || !IsShortText(input.decision.reference)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "DECISION_REQUIRED",
                        "the decision document is required: reference and SM3", "decision");
  }
  RETURN_IF_ERROR(CheckTwoPeople(room.approvals, caller.organisation_code(), input.issuer,
                                 input.sealer,
                                 RevocationDigest(input.number, input.decision.digest)));
  store::Revoke command;
  command.organisation_code = caller.organisation_code();
  command.first_operator = input.issuer.operator_id;
  command.second_operator = input.sealer.operator_id;
  command.number = input.number;
  command.reason = input.decision.reference;
  command.request_key = RequestKey(caller.organisation_code(), input.request_id);
  command.decision_sm3 = input.decision.digest;
  command.salt = RandomSalt();
  ASSIGN_OR_RETURN(const store::CertificateAnswer answer, room.ledger.Call(std::move(command)));
  return ViewOf(answer.certificate);
}

}  // namespace birthseal::server
