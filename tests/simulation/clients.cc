#include "tests/simulation/clients.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/face.h"

namespace birthseal::simulation {

using store::Command;

namespace {

constexpr size_t kInstitutions = 3;  // two that issue, one that manages
constexpr int64_t kFirstDay = 20000;
constexpr char kOperators[][12] = {"issuer", "sealer", "second"};

}  // namespace

const std::string& Clients::Institution(size_t index) {
  static const std::string codes[kInstitutions] = {"11220000013544541J", "11330105002500287C",
                                                   "11110000000021135M"};
  return codes[index];
}

std::vector<Command> Clients::Enrol() {
  std::vector<Command> commands;
  for (size_t i = 0; i < kInstitutions; ++i) {
    storage::v1::Institution record;
    record.set_code(Institution(i));
    commands.push_back(store::PutInstitution{Institution(i), record.SerializeAsString()});
    commands.push_back(SealRecord(i, false));
    commands.push_back(Stock(i));
  }
  return commands;
}

Command Clients::SealRecord(size_t institution, bool suspended) {
  storage::v1::SealRecord seal;
  seal.set_institution_code(Institution(institution));
  seal.set_seal_sm3("seal");
  seal.set_suspended(suspended);
  return store::PutSeal{Institution(institution), seal.SerializeAsString(), random_->Bytes(16)};
}

Command Clients::Stock(size_t institution) {
  const uint64_t count = 3 + random_->Below(6);
  store::ReceiveStock stock;
  stock.organisation_code = stock.institution_code = Institution(institution);
  stock.first_number = absl::StrFormat("A52%07d", next_number_);
  stock.last_number = absl::StrFormat("A52%07d", next_number_ + count - 1);
  stock.request_key = random_->NewDigest();
  next_number_ += count;
  return stock;
}

std::optional<Command> Clients::Next(absl::CivilDay today, absl::Time now) {
  const uint64_t draw = random_->Below(100);
  if (draw < 10) return Feed(now);
  if (draw < 14) return FeedAgain(now);
  if (draw < 20) return Resolve();
  if (draw < 40) return File();
  if (draw < 61) return Approval();
  if (draw < 83) return SealOrder(today);
  if (draw < 87) return Change();
  if (draw < 89) return Cancellation();
  if (draw < 91) return Revocation();
  return Administration();
}

size_t Clients::NewBirth() {
  Birth birth;
  Birth* last = births_.empty() ? nullptr : &births_.back();
  if (last != nullptr && !last->has_twin &&
      (last->plurality == 2 ? random_->Percent(70) : random_->Percent(5))) {
    last->has_twin = true;  // doubtful when the first was reported as the only one
    birth = *last;
    birth.newborn = birth.delivery = {};
    birth.delivery_time = absl::InfinitePast();
    birth.certificates.clear();
    birth.order = 2;
    birth.plurality = 2;
  } else {
    mothers_.push_back(random_->NewDigest());
    birth.mother = mothers_.size() - 1;
    birth.day = kFirstDay + static_cast<int64_t>(random_->Below(3));
    birth.minute = static_cast<int>(random_->Below(1440));
    birth.plurality = random_->Percent(25) ? 2 : 1;
    birth.facility = random_->Below(2);
  }
  birth.sex = random_->Percent(50) ? 1 : 2;
  birth.c1 = random_->NewDigest();
  birth.c1[0] &= 0x11;  // neighbours in the map, as claims serve as labels
  birth.c3 = random_->NewDigest();
  births_.push_back(std::move(birth));
  return births_.size() - 1;
}

std::vector<certs::Claim> Clients::ClaimsOf(const Birth& birth) const {
  // Any injective label will do here: the claim itself.
  return {{'1', birth.c1, birth.c1}, {'3', birth.c3, {}}};
}

void Clients::FillDelivery(const Birth& birth, absl::Time now, store::AcceptDelivery& command) {
  command.facility_code = command.organisation_code = Institution(birth.facility);
  command.message_key = random_->NewDigest();
  command.delivery_id = random_->NewId();
  command.new_newborn_id = random_->NewId();
  command.claims = ClaimsOf(birth);
  command.mother_key = mothers_[birth.mother];
  command.birth_day = birth.day;
  command.birth_minute = birth.day * 1440 + birth.minute;
  command.birth_order = birth.order;
  command.plurality = birth.plurality;
  command.sex = birth.sex;
  command.event_time = now;
  command.sealed_body = "body";
  command.sealed_raw = "raw";
  command.raw_format = "hl7v2";
}

std::optional<Command> Clients::Feed(absl::Time now) {
  if (births_.size() >= most_births_) return FeedAgain(now);
  const size_t index = NewBirth();
  store::AcceptDelivery command;
  FillDelivery(births_[index], now, command);
  if (random_->Percent(5)) command.claims.erase(command.claims.begin());  // the mother is unknown
  birth_of_delivery_[command.delivery_id] = index;
  return command;
}

// An update, a second source, a wrong claim, a withdrawal or a merged number.
std::optional<Command> Clients::FeedAgain(absl::Time now) {
  if (births_.empty()) return std::nullopt;
  const size_t index = random_->Below(births_.size());
  Birth birth = births_[index];
  store::AcceptDelivery command;
  const uint64_t what = random_->Below(16);
  if (what == 0) birth.sex = 3 - birth.sex;
  if (what == 1) birth.day += 1;
  if (what == 2) birth.facility = 1 - birth.facility, birth.c3 = random_->NewDigest();
  FillDelivery(birth, now, command);
  if (birth.facility == births_[index].facility) command.base = birth.delivery;
  if (what == 3) command.event = store::FeedEvent::kWithdraw;
  if (what == 4) {
    command.event = store::FeedEvent::kAlias;
    command.claims = {{'3', birth.c3, {}}};
    command.alias_claim = random_->Percent(50) ? random_->NewDigest() : random_->Of(births_).c3;
  }
  if (what == 5) command.claims[0] = {'1', random_->Of(births_).c1, {}};
  if (what == 5) command.claims[0].label = command.claims[0].hash;
  if (what == 6) command.event = store::FeedEvent::kIgnored;
  birth_of_delivery_[command.delivery_id] = index;
  return command;
}

std::optional<Command> Clients::Resolve() {
  if (reviews_.empty()) return std::nullopt;
  const Review review = random_->Of(reviews_);
  const Birth& birth = births_[review.birth];
  store::ResolveReview command;
  command.organisation_code = Institution(birth.facility);
  command.operator_id = "reviewer";
  command.reason = "looked at";
  command.delivery_id = review.delivery;
  command.accept = random_->Percent(80);
  if (command.accept) {
    command.new_delivery_id = random_->NewId();
    command.sealed_body = "body";
    command.claims = ClaimsOf(birth);
    command.mother_key = mothers_[birth.mother];
    command.birth_day = birth.day;
    command.birth_minute = birth.day * 1440 + birth.minute;
    command.birth_order = birth.order;
    command.plurality = birth.plurality;
    command.sex = birth.sex;
    birth_of_delivery_[command.new_delivery_id] = review.birth;
  }
  return command;
}

std::optional<Command> Clients::File() {
  if (births_.empty()) return std::nullopt;
  const size_t index = random_->Below(births_.size());
  const Birth& birth = births_[index];
  if (store::Empty(birth.newborn)) return std::nullopt;
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
  command.application_id = random_->NewId();
  command.content_sm3 = random_->NewDigest();
  command.newborn_id = birth.newborn;
  command.basis_delivery = birth.delivery;
  command.profile = "default";
  command.profile_version = 1;
  command.state = certs::CaseState::kSubmitted;
  command.content_digest = random_->NewDigest();
  command.sealed_body = "case";
  case_of_id_[command.application_id] = cases_.size();
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
  command.application_id = chosen->filed.application_id;
  command.content_digest = chosen->filed.content_digest;
  if (random_->Percent(3)) command.content_digest = random_->NewDigest();
  const Birth& birth = births_[chosen->birth];
  // A case brings the same claims whoever approves it, however often.
  const store::Id& id = command.application_id;
  if (id[0] % 5 != 0) command.claims.push_back({'1', birth.c1, birth.c1});
  if (id[1] % 25 == 0) {
    const Birth& other = births_[id[2] % births_.size()];
    command.claims.push_back({'1', other.c1, other.c1});
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
  command.application_id = chosen->filed.application_id;
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
    return store::Misprint{chosen->filed.institution_code,
                           kOperators[0],
                           chosen->number,
                           "PRINT_ERROR",
                           random_->NewDigest(),
                           chosen->filed.application_id};
  }
  return store::Withdraw{chosen->filed.institution_code, "GIVEN_UP", chosen->filed.application_id};
}

std::optional<Command> Clients::Cancellation() {
  const Case* chosen = AnyCase();
  if (chosen == nullptr || !chosen->reserved) return std::nullopt;
  return store::CancelReservation{chosen->filed.institution_code,
                                  kOperators[1],
                                  kOperators[random_->Percent(10) ? 1 : 2],
                                  "SEAL_SUSPENDED",
                                  chosen->intent,
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

std::optional<Command> Clients::Administration() {
  switch (random_->Below(6)) {
    case 0:
      return SealRecord(random_->Below(kInstitutions), true);
    case 1:
    case 2:
      return SealRecord(random_->Below(kInstitutions), false);
    case 3:
      return Stock(random_->Below(kInstitutions));
    default:
      return store::Access{
          Institution(2), "Disclose", absl::StrCat("cause ", random_->Next()), {"subject"}};
  }
}

store::CommitIssue Clients::Finish(uint64_t intent_index) {
  store::CommitIssue command;
  command.intent_index = intent_index;
  command.file_sm3 = random_->NewDigest();
  command.to_be_signed_sm3 = random_->NewDigest();
  command.file_size = 40000;
  command.sealed_recipe = "recipe of " + certs::Bytes(command.file_sm3).substr(0, 8);
  command.salt = random_->Bytes(16);
  return command;
}

}  // namespace birthseal::simulation
