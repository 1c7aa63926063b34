// SPDX-License-Identifier: Apache-2.0
#include "server/admin/administer.h"

#include <utility>

#include "certs/digest.h"
#include "certs/division.h"
#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"
#include "server/use_case/managing.h"
#include "server/use_case/random_ids.h"
#include "server/use_case/request_id.h"
#include "signer/verify/sm2_verify.h"

namespace birthseal::server {
namespace {

// Rule S3.
constexpr uint32_t kMaxRange = 1'000'000;
constexpr int kFirstRole = static_cast<int>(Role::kHospital);
constexpr int kLastRole = static_cast<int>(Role::kWitness);

absl::Status Invalid(absl::string_view reason, absl::string_view field, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, reason, message, field);
}

absl::Status CheckCode(absl::string_view code, absl::string_view field) {
  if (certs::CreditCode::Parse(code).ok()) return absl::OkStatus();
  return Invalid("CREDIT_CODE", field, "not a unified social credit code");
}

}  // namespace

// Rule M3.
absl::Status PutInstitution(const AdminRoom& room, const Caller& caller,
                            const storage::v1::Institution& institution) {
  RETURN_IF_ERROR(CheckCode(institution.code(), "institution.code"));
  if (institution.name().empty() || institution.name().size() > 210) {
    return Invalid("NAME", "institution.name", "a name has 1 to 210 bytes");
  }
  // An area that is not known is a right that nobody has: said now, not at the first refusal.
  const std::string& division = institution.county_code();
  if (certs::LevelOf(division) == certs::DivisionLevel::kNone &&
      (institution.managing() || !division.empty())) {
    return Invalid("DIVISION_CODE", "institution.county_code",
                   "six digits of GB/T 2260, required for a managing institution: 520000 for a "
                   "province, 520600 for a city, 520602 for a county");
  }
  if (room.profiles.Find(institution.profile()) == nullptr) {
    return Invalid("PROFILE_UNKNOWN", "institution.profile", "no such profile is loaded");
  }
  return room.ledger
      .Call(store::PutInstitution{caller.organisation_code(), institution.SerializeAsString()})
      .status();
}

absl::Status PutClient(const AdminRoom& room, const Caller& caller,
                       const storage::v1::Client& client) {
  RETURN_IF_ERROR(CheckCode(client.organisation_code(), "client.organisation_code"));
  if (client.certificate_sm3().size() != 32) {
    return Invalid("DIGEST_FORM", "client.certificate_sm3", "an SM3 digest has 32 bytes");
  }
  if (client.roles().empty()) return Invalid("ROLE", "client.roles", "at least one role");
  for (const int role : client.roles()) {
    if (role < kFirstRole || role > kLastRole) {
      return Invalid("ROLE", "client.roles", "no such role");
    }
  }
  for (const std::string& facility : client.facility_codes()) {
    RETURN_IF_ERROR(CheckCode(facility, "client.facility_codes"));
  }
  return room.ledger.Call(store::PutClient{caller.organisation_code(), client.SerializeAsString()})
      .status();
}

// Rule O2.
absl::Status PutOperator(const AdminRoom& room, const Caller& caller,
                         const storage::v1::Operator& record) {
  if (record.id().empty() || record.id().size() > 64) {
    return Invalid("OPERATOR_ID", "operator.id", "an operator id has 1 to 64 bytes");
  }
  RETURN_IF_ERROR(CheckCode(record.institution_code(), "operator.institution_code"));
  if (record.may_issue() && record.may_seal()) {
    return Invalid("ROLES_OF_ONE_PERSON", "operator.may_seal",
                   "one person does not approve and seal");
  }
  if (!signer::PublicKey::FromSpki(record.public_key()).ok()) {
    return Invalid("OPERATOR_KEY", "operator.public_key",
                   "not a DER SubjectPublicKeyInfo of SM2 or P-256");
  }
  absl::Status status = room.ledger
                            .Call(store::PutOperator{caller.organisation_code(),
                                                     record.SerializeAsString(), RandomSalt()})
                            .status();
  room.operators.Forget(record.id());  // also when the outcome is unknown
  return status;
}

absl::Status PutSeal(const AdminRoom& room, const Caller& caller,
                     const storage::v1::SealRecord& seal) {
  RETURN_IF_ERROR(CheckCode(seal.institution_code(), "institution_code"));
  if (seal.seal_sm3().size() != 32) {
    return Invalid("DIGEST_FORM", "seal_sm3", "an SM3 digest has 32 bytes");
  }
  if (!seal.suspended()) {
    ASSIGN_OR_RETURN(const certs::Digest held, room.seal_check.DigestOf(seal.institution_code()));
    if (certs::Bytes(held) != seal.seal_sm3()) {
      return certs::Error(absl::StatusCode::kFailedPrecondition, "SEAL_MISMATCH",
                          "the key provider holds another seal of this institution", "seal_sm3");
    }
  }
  return room.ledger
      .Call(store::PutSeal{caller.organisation_code(), seal.SerializeAsString(), RandomSalt()})
      .status();
}

// Rule S4.
absl::Status ReceiveStock(const AdminRoom& room, const Caller& caller,
                          const ReceiveStockInput& input) {
  RETURN_IF_ERROR(CheckRequestId(input.request_id));
  RETURN_IF_ERROR(CheckCode(input.institution_code, "institution_code"));
  if (!caller.Has(Role::kAdministrator)) {
    const bool own = input.institution_code == caller.organisation_code();
    RETURN_IF_ERROR(own ? CheckManaging(room, caller)
                        : CheckManages(room, caller, input.institution_code));
  }
  ASSIGN_OR_RETURN(const certs::CertificateNumber first,
                   certs::CertificateNumber::Parse(input.first_number));
  ASSIGN_OR_RETURN(const certs::CertificateNumber last,
                   certs::CertificateNumber::Parse(input.last_number));
  if (first.series() != last.series() || last.serial() < first.serial() ||
      last.serial() - first.serial() >= kMaxRange) {
    return Invalid("STOCK_RANGE", "last_number",
                   "a range is of one series, ascending, of at most 1,000,000 numbers");
  }
  store::ReceiveStock command;
  command.organisation_code = caller.organisation_code();
  command.institution_code = input.institution_code;
  command.first_number = input.first_number;
  command.last_number = input.last_number;
  command.request_key = RequestKey(caller.organisation_code(), input.request_id);
  absl::Status status = room.ledger.Call(std::move(command)).status();
  if (certs::ReasonOf(status) != "STOCK_OVERLAP") return status;
  return certs::Error(absl::StatusCode::kAlreadyExists, "STOCK_OVERLAP",
                      "numbers of this range were received before", "first_number");
}

absl::StatusOr<Summary> GetSummary(const AdminRoom& room, const Caller& caller) {
  if (!caller.Has(Role::kAdministrator) && !caller.Has(Role::kAuditor)) {
    RETURN_IF_ERROR(CheckManaging(room, caller));
  }
  return GetSummary(room);
}

absl::StatusOr<Summary> GetSummary(const AdminRoom& room) {
  const absl::StatusOr<storage::v1::Meta> stored = room.registry.Meta();
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  const storage::v1::Meta meta = stored.value_or(storage::v1::Meta());  // nothing was written yet
  Summary summary;
  summary.deliveries_accepted = meta.deliveries_accepted();
  summary.deliveries_in_review = meta.deliveries_in_review();
  summary.deliveries_rejected = meta.deliveries_rejected();
  summary.certificates_issued = meta.certificates_issued();
  summary.certificates_voided = meta.certificates_voided();
  summary.log_size = meta.log_size();
  summary.numbers_in_stock = meta.numbers_in_stock();
  summary.numbers_wasted = meta.numbers_wasted();
  return summary;
}

}  // namespace birthseal::server
