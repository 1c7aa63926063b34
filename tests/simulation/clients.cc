// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/clients.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace birthseal::simulation {

using store::Command;

namespace {

constexpr size_t kInstitutions = 3;  // two that issue, one that manages
constexpr int64_t kFirstDay = 20000;

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
    birth.newborn = {};
    birth.delivery = {};
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
  return {{certs::ClaimKind::kMother, birth.c1, certs::MapLabel(birth.c1)},
          {certs::ClaimKind::kBabyRecord, birth.c3, {}}};
}

void Clients::FillDelivery(const Birth& birth, absl::Time now, store::AcceptDelivery& command) {
  command.facility_code = command.organisation_code = Institution(birth.facility);
  command.message_key = random_->NewDigest();
  command.delivery_id = random_->NewId<certs::DeliveryId>();
  command.new_newborn_id = random_->NewId<certs::NewbornId>();
  command.claims = ClaimsOf(birth);
  command.mother_key = mothers_[birth.mother];
  command.birth.day = birth.day;
  command.birth.minute = birth.day * 1440 + birth.minute;
  command.birth.order = birth.order;
  command.birth.plurality = birth.plurality;
  command.birth.sex = birth.sex;
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

// An update, a second source, a wrong claim, a withdrawal or a merged number; a message under an id
// that something has, or under no key.
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
    command.claims = {{certs::ClaimKind::kBabyRecord, birth.c3, {}}};
    command.alias_claim = random_->Percent(50) ? random_->NewDigest() : random_->Of(births_).c3;
  }
  if (what == 5) command.claims[0] = {certs::ClaimKind::kMother, random_->Of(births_).c1, {}};
  if (what == 5) command.claims[0].label = certs::MapLabel(command.claims[0].hash);
  if (what == 6) command.event = store::FeedEvent::kIgnored;
  if (what == 7 && !birth.newborn.empty()) {  // a stranger's record in the known one's place
    command.new_newborn_id = birth.newborn;
    command.claims = {{certs::ClaimKind::kBabyRecord, random_->NewDigest(), {}}};
  }
  if (what == 8 && !birth.delivery.empty()) command.delivery_id = birth.delivery;
  if (what == 9) command.message_key = {};
  birth_of_delivery_[command.delivery_id] = index;
  return command;
}

// Now and then the person finds another place in the order of births; whose record it is is said,
// rightly or wrongly, or forgotten.
void Clients::SayWhose(const Birth& birth, store::ResolveReview& command) {
  command.new_newborn_id = random_->NewId<certs::NewbornId>();
  if (random_->Percent(30)) {
    command.birth.order = 3 - birth.order;
    command.birth.plurality = 2;
    command.claims[0].hash = random_->NewDigest();
    command.claims[0].label = certs::MapLabel(command.claims[0].hash);
  }
  const uint64_t said = random_->Below(3);
  if (said == 0) command.whose = store::WhoseRecord::kSameNewborn;
  if (said == 1) command.whose = store::WhoseRecord::kAnotherNewborn;
}

std::optional<Command> Clients::Resolve() {
  if (reviews_.empty()) return std::nullopt;
  const Review review = random_->Of(reviews_);
  const Birth& birth = births_[review.birth];
  store::ResolveReview command;
  command.organisation_code = Institution(birth.facility);
  command.operator_id = "reviewer";
  command.reason = "looked at";
  command.request_key = random_->NewDigest();
  command.content_sm3 = certs::Sm3Of(certs::View(command.request_key));
  command.delivery_id = review.delivery;
  command.accept = random_->Percent(80);
  if (command.accept) {
    command.new_delivery_id = random_->NewId<certs::DeliveryId>();
    command.sealed_body = "body";
    command.claims = ClaimsOf(birth);
    command.mother_key = mothers_[birth.mother];
    command.birth.day = birth.day;
    command.birth.minute = birth.day * 1440 + birth.minute;
    command.birth.order = birth.order;
    command.birth.plurality = birth.plurality;
    command.birth.sex = birth.sex;
    SayWhose(birth, command);
    birth_of_delivery_[command.new_delivery_id] = review.birth;
  }
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

store::CommitIssue Clients::Finish(store::IntentKey intent) {
  store::CommitIssue command(intent);
  command.file_sm3 = random_->NewDigest();
  command.to_be_signed_sm3 = random_->NewDigest();
  command.file_size = 40000;
  command.sealed_recipe = "recipe of " + certs::Bytes(command.file_sm3).substr(0, 8);
  command.salt = random_->Bytes(16);
  return command;
}

}  // namespace birthseal::simulation
