// SPDX-License-Identifier: Apache-2.0
// Nothing new is made under an id that something has: what is there stays as it is.
#include <map>

#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::FeedEvent;
using store::WhoseRecord;

class TakenIdsTest : public LedgerTest {
 protected:
  using Records = std::map<std::pair<Family, std::string>, std::string>;

  void SetUp() override {
    LedgerTest::SetUp();
    known_ = driver_.Accept(Birth());
    driver_.Issued(known_);
  }
  static Birth Other() {
    Birth birth;
    birth.facility = kOtherHospital;
    birth.mother = "PASSPORT002", birth.record = "B2";
    return birth;
  }
  // All that is stored but the audit trail and the counters, which tell of the refusal.
  Records Kept() {
    Records kept;
    const auto snapshot = engine_.NewSnapshot();
    for (int i = 0; i < store::kFamilyCount; ++i) {
      const auto family = static_cast<Family>(i);
      if (family == Family::kAudit || family == Family::kMeta) continue;
      EXPECT_OK(snapshot->Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
        kept[{family, std::string(key)}] = std::string(value);
        return true;
      }));
    }
    return kept;
  }
  void ExpectTaken(const store::Command& command, const std::string& field) {
    const Records before = Kept();
    const absl::Status status = driver_.Call1(command);
    EXPECT_THAT(status, StatusIs(StatusCode::kAlreadyExists, "ID_TAKEN"));
    EXPECT_EQ(certs::FieldOf(status), field);
    EXPECT_EQ(Kept(), before);
  }
  store::DeliveryAnswer Doubtful() {
    store::AcceptDelivery command = Update(known_, Birth());
    command.defects.push_back({"WEIGHT_IMPLAUSIBLE", "OBX-5", false});
    return driver_.Accept(command);
  }

  store::DeliveryAnswer known_;
};

// Rule I14.
TEST_F(TakenIdsTest, AMessageMakesNoNewbornInTheKnownOnesPlace) {
  for (const FeedEvent event : {FeedEvent::kRecord, FeedEvent::kWithdraw, FeedEvent::kAlias,
                                FeedEvent::kIgnored, FeedEvent::kRejected}) {
    store::AcceptDelivery command = driver_.Delivery(Other());
    command.event = event;
    if (event == FeedEvent::kAlias) command.alias_claim = driver_.NewKey();
    command.new_newborn_id = known_.newborn_id;
    ExpectTaken(command, "new_newborn_id");
  }
  EXPECT_EQ(NewbornOf(known_.newborn_id).valid_certificate(), 1u);
}

// Rule I14.
TEST_F(TakenIdsTest, AMessageTakesTheIdOfNoOtherDelivery) {
  store::AcceptDelivery command = driver_.Delivery(Other());
  command.delivery_id = known_.delivery_id;
  ExpectTaken(command, "delivery_id");
  store::AcceptDelivery update = Update(known_, Birth());  // nor that of its own record
  update.delivery_id = known_.delivery_id;
  ExpectTaken(update, "delivery_id");
}

// Rule I14.
TEST_F(TakenIdsTest, ADecisionTakesTheIdOfNothingThatIsThere) {
  const store::DeliveryAnswer other = driver_.Accept(Other());
  const store::DeliveryAnswer review = Doubtful();
  for (const WhoseRecord whose : {WhoseRecord::kSameNewborn, WhoseRecord::kAnotherNewborn}) {
    for (const certs::DeliveryId& taken : {other.delivery_id, review.delivery_id}) {
      store::ResolveReview command = Decision(review, Birth(), whose);
      command.new_delivery_id = taken;
      ExpectTaken(command, "new_delivery_id");
    }
    for (const certs::NewbornId& taken : {other.newborn_id, known_.newborn_id}) {
      store::ResolveReview command = Decision(review, Birth(), whose);
      command.new_newborn_id = taken;
      ExpectTaken(command, "new_newborn_id");
    }
  }
  EXPECT_OK(driver_.Call1(Decision(review, Birth(), WhoseRecord::kSameNewborn)));
}

// What was made under the ids of a message or a decision does not stand in the way of its repeat.
TEST_F(TakenIdsTest, ARepeatWithItsOwnIdsGetsTheFirstAnswer) {
  const store::AcceptDelivery message = driver_.Delivery(Other());
  const store::DeliveryAnswer first = driver_.Accept(message);
  const store::DeliveryAnswer again = driver_.Accept(message);
  EXPECT_EQ(again.verdict, store::FeedVerdict::kDuplicate);
  EXPECT_EQ(again.delivery_id, first.delivery_id);
  const store::ResolveReview decision = Decision(Doubtful(), Birth(), WhoseRecord::kSameNewborn);
  const store::AnyAnswer decided = driver_.Do(decision), repeated = driver_.Do(decision);
  ASSERT_OK(decided.status);
  ASSERT_OK(repeated.status);
  EXPECT_EQ(DeliveryIn(repeated).delivery_id, DeliveryIn(decided).delivery_id);
}

}  // namespace
}  // namespace birthseal::tests
