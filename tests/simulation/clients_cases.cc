// SPDX-License-Identifier: Apache-2.0
// Cases as institutions bring them: filing, approval, seal order, and what ends them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/face.h"
#include "store/keys.h"
#include "tests/simulation/clients.h"

namespace birthseal::simulation {

using store::Command;

namespace {
constexpr char kOperators[][12] = {"issuer", "sealer", "second"};
}  // namespace

std::optional<Command> Clients::File() {
  if (births_.empty()) return std::nullopt;
  const size_t index = random_->Below(births_.size());
  const Birth& birth = births_[index];
  if (birth.newborn.empty()) return std::nullopt;
  store::SubmitApplication command;
  size_t institution = random_->Below(2);
  if (!birth.certificates.empty() && random_->Percent(80)) {
    const bool exchange = random_->Percent(60);
    command.kind = exchange ? certs::CaseKind::kExchange : certs::CaseKind::kReplacement;
    if (exchange) command.ground = certs::ExchangeGround::kDamaged;
    if (!exchange) institution = 2;
    command.predecessor_number =
        random_->Percent(90) ? birth.certificates.back() : birth.certificates.front();
  }
  command.organisation_code = command.institution_code = Institution(institution);
  command.request_key = random_->NewDigest();
  command.case_id = random_->NewId<certs::CaseId>();
  command.content_sm3 = random_->NewDigest();
  command.newborn_id = birth.newborn;
  command.basis_delivery = birth.delivery;
  command.profile = "default";
  command.profile_version = 1;
  command.state = certs::CaseState::kSubmitted;
  command.content_digest = random_->NewDigest();
  command.sealed_body = "case";
  case_of_id_[command.case_id] = cases_.size();
  cases_.push_back({command, index, false, false, "", 0});
  return command;
}

Clients::Case* Clients::AnyCase() {
  if (cases_.empty()) return nullptr;
  // Mostly the newest ones: work goes on.
  const size_t window = random_->Percent(80) ? std::min<size_t>(cases_.size(), 6) : cases_.size();
  return &cases_[cases_.size() - 1 - random_->Below(window)];
}

std::optional<Command> Clients::Approval() {
  const Case* chosen = AnyCase();
  for (int i = 0; i < 3 && chosen != nullptr && !chosen->number.empty(); ++i) chosen = AnyCase();
  if (chosen == nullptr || !chosen->accepted) return std::nullopt;
  store::Approve command;
  command.organisation_code = command.institution_code = chosen->filed.institution_code;
  command.operator_id = kOperators[0];
  command.signature = "signature";
  command.case_id = chosen->filed.case_id;
  command.content_digest = chosen->filed.content_digest;
  if (random_->Percent(3)) command.content_digest = random_->NewDigest();
  const Birth& birth = births_[chosen->birth];
  // A case brings the same claims whoever approves it, however often.
  const std::string id(View(command.case_id));
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(id[i]); };
  if (byte(0) % 5 != 0)
    command.claims.push_back({certs::ClaimKind::kMother, birth.c1, certs::MapLabel(birth.c1)});
  if (byte(1) % 25 == 0) {
    const Birth& other = births_[byte(2) % births_.size()];
    command.claims.push_back({certs::ClaimKind::kMother, other.c1, certs::MapLabel(other.c1)});
  }
  return command;
}

std::optional<Command> Clients::SealOrder(absl::CivilDay today) {
  const Case* chosen = AnyCase();
  for (int i = 0; i < 4 && chosen != nullptr && chosen->number.empty(); ++i) chosen = AnyCase();
  if (chosen == nullptr || chosen->number.empty()) return std::nullopt;
  store::Reserve command;
  command.organisation_code = command.institution_code = chosen->filed.institution_code;
  command.operator_id = kOperators[random_->Percent(4) ? 0 : 1];
  command.signature = "signature";
  command.case_id = chosen->filed.case_id;
  command.issue_date = random_->Percent(2) ? today - 1 : today;
  command.face_digest =
      certs::FaceDigest(chosen->filed.content_digest, chosen->number, command.issue_date);
  command.document_id = absl::StrFormat("%016x%016x", random_->Next(), random_->Next());
  command.licence_id = absl::StrCat("L", random_->Next());
  command.salt = random_->Bytes(16);
  command.font_version = "f";
  return command;
}

// A misprint or a withdrawal.
std::optional<Command> Clients::Change() {
  const Case* chosen = AnyCase();
  if (chosen == nullptr || !chosen->accepted) return std::nullopt;
  if (random_->Percent(60)) {
    if (chosen->number.empty()) return std::nullopt;
    return store::Misprint{
        chosen->filed.institution_code, kOperators[0],        chosen->number, "PRINT_ERROR",
        random_->NewDigest(),           chosen->filed.case_id};
  }
  return store::Withdraw{chosen->filed.institution_code, "GIVEN_UP", chosen->filed.case_id};
}

std::optional<Command> Clients::Cancellation() {
  const Case* chosen = AnyCase();
  if (chosen == nullptr || !chosen->reserved) return std::nullopt;
  return store::CancelReservation{
      chosen->filed.institution_code,
      kOperators[1],
      kOperators[random_->Percent(10) ? 1 : 2],
      "SEAL_SUSPENDED",
      store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(chosen->intent)),
      random_->Bytes(16)};
}

std::optional<Command> Clients::Revocation() {
  if (births_.empty()) return std::nullopt;
  Birth& birth = random_->Of(births_);
  if (birth.certificates.empty()) return std::nullopt;
  store::Revoke command;
  command.organisation_code = Institution(2);
  command.first_operator = kOperators[1];
  command.second_operator = kOperators[random_->Percent(10) ? 1 : 2];
  command.number = random_->Of(birth.certificates);
  command.reason = "FRAUD";
  command.request_key = random_->NewDigest();
  command.decision_sm3 = random_->NewDigest();
  command.salt = random_->Bytes(16);
  return command;
}

}  // namespace birthseal::simulation
