#include "server/revoke_certificate.h"

#include <utility>

#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/random_ids.h"
#include "server/requests.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxListed = 1u << 16;

// Two different people of one institution, each in the proper role, over one digest.
absl::Status CheckTwoPeople(const Services& services, absl::string_view institution,
                            const OperatorSignature& issuer, const OperatorSignature& sealer,
                            const certs::Digest& digest) {
  RETURN_IF_ERROR(services.operators.CheckApproval(issuer.operator_id, issuer.signature, false,
                                                   institution, digest));
  RETURN_IF_ERROR(services.operators.CheckApproval(sealer.operator_id, sealer.signature, true,
                                                   institution, digest));
  ASSIGN_OR_RETURN(const auto first, services.operators.Find(issuer.operator_id));
  ASSIGN_OR_RETURN(const auto second, services.operators.Find(sealer.operator_id));
  if (first->id != second->id && first->key->spki() != second->key->spki()) {
    return absl::OkStatus();
  }
  return certs::Error(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL",
                      "two different people must sign", "sealer", "须由两名不同人员签署");
}

absl::StatusOr<bool> IsReservedBy(const Services& services, const Caller& caller,
                                  uint64_t intent_index) {
  ASSIGN_OR_RETURN(const auto open, services.registry.OpenReservations(kMaxListed));
  for (const storage::v1::Reservation& reservation : open) {
    if (reservation.intent_index() != intent_index) continue;
    return reservation.institution_code() == caller.organisation_code;
  }
  return false;
}

}  // namespace

certs::Digest RevocationDigest(absl::string_view number, const certs::Digest& decision) {
  return certs::Sm3()
      .Add(absl::string_view("birthseal/revoke/v1\0", 20))
      .Add(number)
      .Add(certs::View(decision))
      .Finish();
}

absl::StatusOr<CertificateView> RevokeCertificate(const Services& services, const Caller& caller,
                                                  const RevokeCertificateInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(certs::CertificateNumber::Parse(input.number).status());
  if (!caller.Has(Role::kManagingInstitution)) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "NOT_MANAGING",
                        "only a managing institution revokes");
  }
  RETURN_IF_ERROR(services.freshness.MayIssue());
  if (input.decision.digest == certs::Digest{} || input.decision.reference.empty() ||
      input.decision.reference.size() > 200) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "DECISION_REQUIRED",
                        "the decision document is required: reference and SM3", "decision");
  }
  RETURN_IF_ERROR(CheckTwoPeople(services, caller.organisation_code, input.issuer, input.sealer,
                                 RevocationDigest(input.number, input.decision.digest)));
  store::Revoke command;
  command.organisation_code = caller.organisation_code;
  command.first_operator = input.issuer.operator_id;
  command.second_operator = input.sealer.operator_id;
  command.number = input.number;
  command.reason = input.decision.reference;
  command.request_key = RequestKey(caller.organisation_code, input.request_id);
  command.decision_sm3 = input.decision.digest;
  command.salt = RandomSalt();
  ASSIGN_OR_RETURN(const store::CertificateAnswer answer,
                   Take<store::CertificateAnswer>(services.ledger.Call(std::move(command))));
  storage::v1::CertificateHead head;
  if (!head.ParseFromString(answer.certificate)) {
    return certs::Error(absl::StatusCode::kInternal, "LEDGER_ANSWER", "unreadable certificate");
  }
  return ViewOf(head);
}

certs::Digest CancellationDigest(uint64_t intent_index, absl::string_view reason) {
  std::string index(8, '\0');
  for (int i = 7; i >= 0; --i, intent_index >>= 8) index[i] = static_cast<char>(intent_index);
  return certs::Sm3()
      .Add(absl::string_view("birthseal/cancel/v1\0", 20))
      .Add(index)
      .Add(reason)
      .Finish();
}

absl::Status CancelReservation(const Services& services, const Caller& caller,
                               const CancelReservationInput& input) {
  RETURN_IF_ERROR(CheckReason(input.reason));
  RETURN_IF_ERROR(CheckTwoPeople(services, caller.organisation_code, input.issuer, input.sealer,
                                 CancellationDigest(input.intent_index, input.reason)));
  ASSIGN_OR_RETURN(const bool yours, IsReservedBy(services, caller, input.intent_index));
  if (!yours) {
    return certs::Error(absl::StatusCode::kNotFound, "NO_SUCH_INTENT",
                        "no such open reservation of the caller", "intent_index");
  }
  if (!services.open_issues.TryClaim(input.intent_index)) {
    return certs::Error(absl::StatusCode::kAborted, "ISSUE_IN_PROGRESS",
                        "the certificate is being sealed now", "intent_index");
  }
  store::CancelReservation command;
  command.organisation_code = caller.organisation_code;
  command.first_operator = input.issuer.operator_id;
  command.second_operator = input.sealer.operator_id;
  command.reason = input.reason;
  command.intent_index = input.intent_index;
  command.salt = RandomSalt();
  const absl::Status status = services.ledger.Call(std::move(command)).status;
  services.open_issues.Release(input.intent_index);
  return status;
}

}  // namespace birthseal::server
