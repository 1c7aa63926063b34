// SPDX-License-Identifier: Apache-2.0
// Random histories against a small model of the law, and the agreement of heads, numbers, log and
// audit trail (law_model.h). Deterministic: seeded, Step alone.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/lifecycle.h"
#include "store/keys.h"
#include "store/ledger/step.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "tests/model/trace_check.h"
#include "tests/store/ledger/law_model.h"
#include "tests/store/ledger/registry_driver.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using certs::CertificateState;
using certs::NumberState;
using store::Family;

struct Case {
  store::SubmitApplication filed;
  std::string number;
  uint64_t intent = 0;
  bool reserved = false;
};

constexpr int kMothers = 30;

class HistoryTest : public testing::TestWithParam<int> {
 protected:
  HistoryTest()
      : random_(static_cast<unsigned>(GetParam())),
        driver_([this](store::Command c) { return Do(std::move(c)); }, &clock_) {}

  void SetUp() override {
    const auto epoch = engine_.AcquireFence();
    ASSERT_OK(epoch);
    epoch_ = *epoch;
    driver_.Enrol(kHospital, 100000);
    Birth birth;
    for (int mother = 0; mother < kMothers; ++mother) {
      birth.mother = absl::StrCat("PASSPORT", mother);
      for (birth.order = 1; birth.order <= 2; ++birth.order) {
        for (const int64_t day : {Birth().day, Birth().day + 1}) {
          birth.day = day;
          claims_.push_back(driver_.ClaimsOf(birth)[0].hash);
        }
      }
    }
  }

  // One batch; sometimes it is lost before its commit and sent again, as after a crash.
  std::vector<store::AnyAnswer> DoAll(std::vector<store::Command> commands) {
    clock_.Advance(absl::Milliseconds(Below(5000)));
    for (;;) {
      const auto snapshot = engine_.NewSnapshot();
      const auto state = store::ReadState(*snapshot);
      EXPECT_OK(state);
      std::vector<store::Command> copies = commands;
      auto step = store::Step(*snapshot, *state, copies, clock_.Now(), kIndexKey,
                              store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
      EXPECT_OK(step);
      if (Below(20) == 0) continue;
      EXPECT_OK(engine_.Commit(step->batch, epoch_));
      trace_.Check(step->next.meta.batch_sequence(), epoch_, step->batch);
      return std::move(step->answers);
    }
  }
  store::AnyAnswer Do(store::Command command) {
    std::vector<store::Command> commands;
    commands.push_back(std::move(command));
    return std::move(DoAll(std::move(commands))[0]);
  }
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  template <typename T>
  T& AnyOf(std::vector<T>& list) {
    return list[static_cast<size_t>(Below(static_cast<int>(list.size())))];
  }

  void Feed();
  void File();
  void ApproveSome();
  void Change();
  void ReserveOne();
  void Finish();
  void Revoke();
  void FollowMap();

  std::mt19937 random_;
  store::MemoryEngine engine_;
  SimulatedClock clock_;
  RegistryDriver driver_;
  store::FenceEpoch epoch_;
  LawModel model_;
  TraceChecker trace_;                 // the batches against tests/model/transitions.txt
  std::vector<certs::Digest> claims_;  // C1 of all births that may come
  std::vector<std::pair<certs::NewbornId, certs::DeliveryId>> babies_;  // and current record
  std::vector<Case> cases_;
};

void HistoryTest::Feed() {
  Birth birth;
  const int mother = Below(kMothers);
  birth.mother = absl::StrCat("PASSPORT", mother);
  birth.plurality = mother % 3 == 0 ? 2 : 1;
  birth.order = 1 + Below(birth.plurality);
  birth.facility = Below(4) == 0 ? kOtherHospital : kHospital;
  birth.record = absl::StrCat("B", mother, "-", birth.order);
  if (Below(10) == 0) birth.day += 1;
  if (Below(20) == 0) birth.sex = 2;
  store::AcceptDelivery command = driver_.Delivery(birth);
  if (Below(10) == 0) command.event = store::FeedEvent::kWithdraw;
  if (!babies_.empty() && Below(2) == 0) command.base = AnyOf(babies_).second;
  const store::AnyAnswer answer = Do(command);
  if (!answer.status.ok()) {
    EXPECT_EQ(certs::ReasonOf(answer.status), "RECORD_MOVED_ON");
    return;
  }
  const store::DeliveryAnswer& fed = DeliveryIn(answer);
  if (fed.verdict != store::FeedVerdict::kAccepted || command.event != store::FeedEvent::kRecord) {
    return;
  }
  const std::string key = absl::StrCat(birth.mother, "/", birth.day, "/", birth.order);
  const auto [known, added] = model_.births.emplace(key, store::IdKey(fed.newborn_id));
  EXPECT_EQ(known->second, store::IdKey(fed.newborn_id)) << "I12: one birth, two newborns";
  babies_.push_back({fed.newborn_id, fed.delivery_id});
}

void HistoryTest::File() {
  if (babies_.empty()) return;
  const auto newborn = AnyOf(babies_).first;
  const auto head = Stored<storage::v1::Newborn>(engine_, Family::kNewborns, store::IdKey(newborn));
  store::DeliveryAnswer delivery;
  delivery.newborn_id = newborn;
  delivery.delivery_id = IdIn<certs::DeliveryId>(head.current_delivery());
  store::SubmitApplication command = driver_.Application(delivery);
  const uint64_t valid = model_.ValidOf(store::IdKey(newborn));
  if (Below(3) != 0 && valid != 0) {
    command.kind = Below(2) == 0 ? certs::CaseKind::kExchange : certs::CaseKind::kReplacement;
    command.predecessor_number = model_.certificates.at(valid).number;
  }
  const absl::Status status = Do(command).status;
  const bool lawful = command.kind != certs::CaseKind::kFirstIssue || valid == 0;
  EXPECT_EQ(status.ok(), lawful) << status;
  if (status.ok()) cases_.push_back({command, "", 0, false});
}

// Several in one batch, some of them for one newborn.
void HistoryTest::ApproveSome() {
  if (cases_.empty()) return;
  std::vector<Case*> chosen;
  std::vector<store::Command> commands;
  for (int i = Below(6); i >= 0; --i) {
    chosen.push_back(&AnyOf(cases_));
    commands.push_back(driver_.Approval(chosen.back()->filed));
  }
  const std::vector<store::AnyAnswer> answers = DoAll(std::move(commands));
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].status.ok()) continue;
    const std::string number = CaseIn(answers[i]).certificate_number;
    const std::string newborn = store::IdKey(chosen[i]->filed.newborn_id);
    const std::string id = store::IdKey(chosen[i]->filed.case_id);
    if (!chosen[i]->number.empty()) {
      EXPECT_EQ(number, chosen[i]->number) << "the repeat of an approval";
      continue;
    }
    EXPECT_TRUE(model_.slots.emplace(newborn, id).second) << "the slot was taken";
    model_.Allot(number);
    chosen[i]->number = number;
  }
}

// A misprint or a withdrawal.
void HistoryTest::Change() {
  if (cases_.empty()) return;
  Case& one = AnyOf(cases_);
  const bool approved = !one.number.empty() && !one.reserved;
  if (Below(2) == 0) {
    store::Misprint command;
    command.number = one.number;
    command.reason = "misprint";
    command.request_key = driver_.NewKey();
    command.case_id = one.filed.case_id;
    const store::AnyAnswer answer = Do(command);
    EXPECT_EQ(answer.status.ok(), approved) << answer.status;
    if (!answer.status.ok()) return;
    model_.Waste(one.number);
    one.number = CaseIn(answer).certificate_number;
    model_.Allot(one.number);
    return;
  }
  const absl::Status status = Do(store::Withdraw{kHospital, "withdrawn", one.filed.case_id}).status;
  EXPECT_EQ(status.ok(), !one.reserved) << status;
  if (!status.ok()) return;
  if (approved) {
    model_.Waste(one.number);
    model_.slots.erase(store::IdKey(one.filed.newborn_id));
  }
  std::swap(one, cases_.back());
  cases_.pop_back();
}

void HistoryTest::ReserveOne() {
  if (cases_.empty()) return;
  Case& one = AnyOf(cases_);
  const store::AnyAnswer answer = Do(driver_.Order(driver_.Approval(one.filed), one.number));
  if (!answer.status.ok()) return;
  const storage::v1::Reservation reservation = ReservationIn(answer);
  EXPECT_EQ(reservation.certificate_number(), one.number);
  if (one.reserved) {
    EXPECT_EQ(reservation.intent_index(), one.intent);
    return;
  }
  EXPECT_EQ(model_.slots.at(store::IdKey(one.filed.newborn_id)), store::IdKey(one.filed.case_id));
  one.reserved = true;
  one.intent = reservation.intent_index();
  model_.open[one.intent] = reservation;
}

// Commits or, rarely, cancels what is open; now and then again what is done.
void HistoryTest::Finish() {
  if (cases_.empty()) return;
  Case& one = AnyOf(cases_);
  if (!one.reserved) return;
  const std::string newborn = store::IdKey(one.filed.newborn_id);
  const bool open = model_.open.count(one.intent) != 0;
  if (Below(8) == 0) {
    const absl::Status status =
        Do(store::CancelReservation{
               kHospital, "one", "two", "cancelled",
               store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(one.intent)), "salt"})
            .status;
    EXPECT_EQ(status.ok(), open);
    if (!status.ok()) return;
    model_.Waste(one.number);
    model_.open.erase(one.intent);
    model_.slots.erase(newborn);
    std::swap(one, cases_.back());
    cases_.pop_back();
    return;
  }
  const store::AnyAnswer answer = Do(driver_.Issue(one.intent));
  ASSERT_OK(answer.status) << "finishing is never refused";
  EXPECT_EQ(std::get<store::CertificateAnswer>(answer.value).first, open);
  if (!open) return;
  const uint64_t old = model_.ValidOf(newborn);
  if (one.filed.predecessor_number.empty()) {
    EXPECT_EQ(old, 0u) << "I1: a second valid certificate";
  } else {
    ASSERT_NE(old, 0u);
    EXPECT_EQ(model_.certificates[old].number, one.filed.predecessor_number);
    model_.certificates[old].state = one.filed.kind == certs::CaseKind::kExchange
                                         ? CertificateState::kExchanged
                                         : CertificateState::kReplaced;
  }
  model_.certificates[CertificateIn(answer).reservation().status_index()] = {newborn, one.number};
  model_.numbers[one.number] = NumberState::kUsed;
  model_.slots.erase(newborn);
  model_.open.erase(one.intent);
}

void HistoryTest::Revoke() {
  if (model_.certificates.empty() || Below(5) != 0) return;
  auto it = model_.certificates.begin();
  std::advance(it, Below(static_cast<int>(model_.certificates.size())));
  store::Revoke command;
  command.first_operator = "one", command.second_operator = "two";
  command.number = it->second.number;
  command.reason = "revoked";
  command.request_key = driver_.NewKey();
  command.salt = "salt";
  const absl::Status status = Do(command).status;
  if (it->second.state != CertificateState::kValid) {
    EXPECT_EQ(certs::ReasonOf(status), "CERTIFICATE_NOT_VALID");
  } else if (status.ok()) {
    it->second.state = CertificateState::kRevoked;
  } else {
    EXPECT_EQ(certs::ReasonOf(status), "ISSUE_IN_PROGRESS");
  }
}

// Every label of a newborn leads to its one valid certificate from its first one on.
void HistoryTest::FollowMap() {
  const auto snapshot = engine_.NewSnapshot();
  for (const certs::Digest& claim : claims_) {
    const auto owner = snapshot->Get(Family::kClaims, store::DigestKey(claim));
    if (!owner.ok()) continue;
    const uint64_t valid = model_.ValidOf(*owner);
    const auto known = model_.map.find(LabelOf(claim));
    if (known != model_.map.end()) {
      known->second = valid;
    } else if (valid != 0) {
      model_.map[LabelOf(claim)] = valid;
    }
  }
}

// Rules I1, I4, I12.
TEST_P(HistoryTest, InvariantsHoldAndTheLogTellsTheSameStory) {
  RecordProperty("seed", GetParam());
  for (int i = 0; i < 1200; ++i) {
    switch (Below(12)) {
      case 0:
      case 1:
        Feed();
        break;
      case 2:
      case 3:
        File();
        break;
      case 4:
      case 5:
        ApproveSome();
        break;
      case 6:
        Change();
        break;
      case 7:
      case 8:
        ReserveOne();
        break;
      case 9:
        Revoke();
        break;
      default:
        Finish();
    }
    FollowMap();
    if (i % 300 == 299) {
      EXPECT_EQ(trace_.Faults(), "");
      CheckAgainst(model_, engine_);
    }
    if (HasFailure()) FAIL() << "seed " << GetParam() << ", step " << i;
  }
  EXPECT_GT(model_.certificates.size(), 5u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistoryTest, testing::Range(1, 13));

}  // namespace
}  // namespace birthseal::tests
