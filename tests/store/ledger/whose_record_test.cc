// SPDX-License-Identifier: Apache-2.0
// When a decision about a record must say whose it is: each fact that may differ, alone.
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::FeedVerdict;
using store::WhoseRecord;

class WhoseRecordTest : public LedgerTest {
 protected:
  // A record of a known newborn that waits for a person.
  store::DeliveryAnswer Doubtful(const Birth& birth, const store::DeliveryAnswer& base) {
    clock_.Advance(absl::Seconds(1));
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.base = base.delivery_id;
    command.defects.push_back({"WEIGHT_IMPLAUSIBLE", "OBX-5", false});
    const store::DeliveryAnswer answer = driver_.Accept(command);
    EXPECT_EQ(answer.verdict, FeedVerdict::kReview);
    return answer;
  }
  void ExpectMustBeSaid(const store::DeliveryAnswer& review, const Birth& birth) {
    EXPECT_THAT(driver_.Call1(Decision(review, birth)),
                StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
    EXPECT_OK(driver_.Call1(Decision(review, birth, WhoseRecord::kSameNewborn)));
  }
};

TEST_F(WhoseRecordTest, AnotherNumberMustBeTold) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth renumbered;
  renumbered.record = "B0002";
  ExpectMustBeSaid(Doubtful(renumbered, first), renumbered);
}

TEST_F(WhoseRecordTest, AnotherFacilityMustBeTold) {
  driver_.Accept(Birth());
  Birth other;
  other.facility = kOtherHospital;
  driver_.Accept(other);  // its number is known of this newborn from now on
  ExpectMustBeSaid(Doubtful(other, {}), other);
}

TEST_F(WhoseRecordTest, AnotherDayMustBeTold) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth later;
  later.day += 1;
  ExpectMustBeSaid(Doubtful(later, first), later);
}

TEST_F(WhoseRecordTest, AnotherOrderMustBeTold) {
  Birth birth;
  birth.plurality = 2;
  const store::DeliveryAnswer first = driver_.Accept(birth);
  birth.order = 2;
  ExpectMustBeSaid(Doubtful(birth, first), birth);
}

// Of a multiple birth without order, minute and sex tell one from the other.
TEST_F(WhoseRecordTest, WithoutAnOrderMinuteAndSexMustAgree) {
  Birth twin;
  twin.mother.clear();
  twin.plurality = 2, twin.order = 0;
  Birth minute = twin, sex = twin;
  minute.minute += 9;
  sex.sex = 2;
  const store::DeliveryAnswer first = driver_.Accept(twin);
  for (const Birth& birth : {minute, sex}) {
    EXPECT_THAT(driver_.Call1(Decision(Doubtful(birth, first), birth)),
                StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
  }
  EXPECT_OK(driver_.Call1(Decision(Doubtful(twin, first), twin)));
}

// Nothing stands beside it whose place it could take.
TEST_F(WhoseRecordTest, ANewbornsOwnRecordIsDecidedUnsaidWhateverItChanges) {
  store::AcceptDelivery command = driver_.Delivery(Birth());
  command.defects.push_back({"WEIGHT_IMPLAUSIBLE", "OBX-5", false});
  const store::DeliveryAnswer own = driver_.Accept(command);
  Birth decided;
  decided.day += 1, decided.record = "B0002";
  EXPECT_OK(driver_.Call1(Decision(own, decided)));
}

TEST_F(WhoseRecordTest, AnAliasOfTwoNewbornsIsDecidedUnsaid) {
  Birth one, two;
  two.mother = "PASSPORT2", two.record = "B0002";
  const store::DeliveryAnswer survivor = driver_.Accept(one);
  driver_.Accept(two);
  store::AcceptDelivery alias = driver_.Delivery(one);
  alias.event = store::FeedEvent::kAlias;
  alias.alias_claim = certs::BabyRecordClaim(kIndexKey, kHospital, two.record);
  const store::DeliveryAnswer review = driver_.Accept(alias);
  ASSERT_EQ(review.verdict, FeedVerdict::kReview);
  Birth decided = one;
  decided.day += 1;
  EXPECT_OK(driver_.Call1(Decision(review, decided)));
  EXPECT_EQ(NewbornOf(survivor.newborn_id).current_delivery(), store::IdKey(survivor.delivery_id));
}

TEST_F(WhoseRecordTest, ARecordThatIsGoneIsNotTheSameBabys) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  const store::DeliveryAnswer review = Doubtful(Birth(), first);
  ErasePast(Family::kDeliveries, store::IdKey(first.delivery_id));
  ExpectMustBeSaid(review, Birth());
}

TEST_F(WhoseRecordTest, AnotherNewbornDoesNotTakeAThirdOnesNumber) {
  Birth twin, third;
  twin.plurality = 2;
  third.mother = "PASSPORT2", third.record = "B3";
  const store::DeliveryAnswer first = driver_.Accept(twin);
  driver_.Accept(third);
  const store::DeliveryAnswer review = Doubtful(twin, first);
  Birth decided = twin;
  decided.order = 2, decided.record = third.record;
  EXPECT_THAT(driver_.Call1(Decision(review, decided, WhoseRecord::kAnotherNewborn)),
              StatusIs(StatusCode::kFailedPrecondition, "CLAIM_CONFLICT"));
  decided.record = twin.record;  // the first one's number stays with it
  EXPECT_OK(driver_.Call1(Decision(review, decided, WhoseRecord::kAnotherNewborn)));
}

}  // namespace
}  // namespace birthseal::tests
