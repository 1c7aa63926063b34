// SPDX-License-Identifier: Apache-2.0
// A decision about a record in review never puts one baby in another one's place.
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::FeedVerdict;
using store::WhoseRecord;

class SiblingsTest : public LedgerTest {
 protected:
  // Twins whose orders nobody reported: the second one meets the first one's claims.
  void TwinsWithoutOrder() {
    Birth birth = First();
    birth.order = 0;
    first_ = driver_.Accept(birth);
    birth.record = "B0002";
    birth.minute += 7;
    store::AcceptDelivery second = driver_.Delivery(birth);
    second.base = first_.delivery_id;
    second.defects.push_back({"BABY_NUMBER_DIFFERS", "delivery.baby_record_no", false});
    second_ = driver_.Accept(second);
    ASSERT_EQ(second_.verdict, FeedVerdict::kReview);
    ASSERT_EQ(second_.newborn_id, first_.newborn_id);
  }
  static Birth First() {
    Birth birth;
    birth.plurality = 0;
    return birth;
  }
  static Birth Second() {
    Birth birth = First();
    birth.record = "B0002";
    birth.minute += 7;
    birth.order = birth.plurality = 2;
    return birth;
  }
  store::AcceptDelivery UpdateOf(const store::DeliveryAnswer& current, const Birth& birth) {
    clock_.Advance(absl::Seconds(1));
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.base = current.delivery_id;
    return command;
  }
  std::string CurrentOf(const certs::NewbornId& newborn) {
    return NewbornOf(newborn).current_delivery();
  }

  store::DeliveryAnswer first_, second_;
};

// Rule D22.
TEST_F(SiblingsTest, ASiblingIsNeverPutInTheFirstOnesPlaceUnsaid) {
  TwinsWithoutOrder();
  EXPECT_THAT(driver_.Do(Decision(second_, Second(), WhoseRecord::kUnsaid)).status,
              StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
  EXPECT_EQ(CurrentOf(first_.newborn_id), store::IdKey(first_.delivery_id));
  EXPECT_EQ(Meta().deliveries_in_review(), 1u);
}

TEST_F(SiblingsTest, AnotherNewbornIsMadeAndTheFirstStaysAsItIs) {
  TwinsWithoutOrder();
  const store::ResolveReview decision = Decision(second_, Second(), WhoseRecord::kAnotherNewborn);
  const store::AnyAnswer decided = driver_.Do(decision);
  ASSERT_OK(decided.status);
  const store::DeliveryAnswer second = DeliveryIn(decided);
  EXPECT_EQ(second.newborn_id, decision.new_newborn_id);
  EXPECT_EQ(CurrentOf(first_.newborn_id), store::IdKey(first_.delivery_id));
  EXPECT_EQ(NewbornOf(first_.newborn_id).open_reviews_size(), 0);
  EXPECT_EQ(CurrentOf(second.newborn_id), store::IdKey(decision.new_delivery_id));
  EXPECT_EQ(NewbornOf(second.newborn_id).birth_order(), 2);
  EXPECT_EQ(DeliveryIn(driver_.Do(decision)).newborn_id, second.newborn_id);  // again
  // Both are born, both get their certificate.
  driver_.Issued(first_);
  driver_.Issued(second);
}

// Rule D23.
TEST_F(SiblingsTest, AnotherNewbornNeedsAPlaceOfItsOwn) {
  TwinsWithoutOrder();
  Birth same_place = Second();
  same_place.order = 1;
  EXPECT_THAT(driver_.Do(Decision(second_, same_place, WhoseRecord::kAnotherNewborn)).status,
              StatusIs(StatusCode::kFailedPrecondition, "CLAIM_CONFLICT"));
  EXPECT_EQ(CurrentOf(first_.newborn_id), store::IdKey(first_.delivery_id));
}

TEST_F(SiblingsTest, ACorrectionThatIsSaidToBeOneTakesThePlace) {
  TwinsWithoutOrder();
  const store::ResolveReview decision = Decision(second_, Second(), WhoseRecord::kSameNewborn);
  const store::AnyAnswer decided = driver_.Do(decision);
  ASSERT_OK(decided.status);
  EXPECT_EQ(DeliveryIn(decided).newborn_id, first_.newborn_id);
  EXPECT_EQ(CurrentOf(first_.newborn_id), store::IdKey(decision.new_delivery_id));
}

TEST_F(SiblingsTest, ANewbornsOnlyRecordIsNotAnothers) {
  store::AcceptDelivery doubtful = driver_.Delivery(First());
  doubtful.defects.push_back({"SEX_UNKNOWN", "PID-8", false});
  const store::DeliveryAnswer review = driver_.Accept(doubtful);
  EXPECT_THAT(driver_.Do(Decision(review, First(), WhoseRecord::kAnotherNewborn)).status,
              StatusIs(StatusCode::kFailedPrecondition, "OWN_RECORD"));
  EXPECT_OK(driver_.Do(Decision(review, First(), WhoseRecord::kUnsaid)).status);
}

// A hospital that numbers twins by their mother: the second message looks like an update.
TEST_F(SiblingsTest, TwinsUnderOneNumberAreNotTakenForOneBaby) {
  Birth birth;
  birth.plurality = 2;
  birth.order = 0;
  birth.mother.clear();  // of unknown order neither claims a place
  store::AcceptDelivery command = driver_.Delivery(birth);
  const store::DeliveryAnswer first = driver_.Accept(command);
  ASSERT_EQ(first.verdict, FeedVerdict::kReview);
  birth.minute += 9;
  birth.sex = 2;
  command = driver_.Delivery(birth);
  command.base = first.delivery_id;
  clock_.Advance(absl::Seconds(1));
  command.event_time = clock_.Now();
  const store::DeliveryAnswer second = driver_.Accept(command);
  ASSERT_EQ(second.verdict, FeedVerdict::kReview);
  ASSERT_EQ(second.newborn_id, first.newborn_id);
  Birth as_second = birth;
  as_second.mother = "PASSPORT001";
  as_second.order = 2;
  EXPECT_THAT(driver_.Do(Decision(second, as_second, WhoseRecord::kUnsaid)).status,
              StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
  const store::AnyAnswer decided =
      driver_.Do(Decision(second, as_second, WhoseRecord::kAnotherNewborn));
  ASSERT_OK(decided.status);
  EXPECT_NE(DeliveryIn(decided).newborn_id, first.newborn_id);
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
}

// Rule D11.
TEST_F(SiblingsTest, AnUpdateOfAnotherSexAtAnotherMinuteWaitsForAPerson) {
  const store::DeliveryAnswer first = driver_.Accept(First());
  Birth second = First();
  second.minute += 8;
  second.sex = 2;
  const store::DeliveryAnswer review = driver_.Accept(UpdateOf(first, second));
  EXPECT_EQ(review.verdict, FeedVerdict::kReview);
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
  EXPECT_EQ(NewbornOf(first.newborn_id).sex(), 1);
}

TEST_F(SiblingsTest, ATwinOfUnknownOrderIsNotReplacedByOneWhoHasIt) {
  Birth unplaced = First();
  unplaced.plurality = 2;
  unplaced.order = 0;
  unplaced.mother.clear();
  const store::DeliveryAnswer first = driver_.Accept(unplaced);
  ASSERT_EQ(first.verdict, FeedVerdict::kReview);
  Birth second = unplaced;
  second.order = 2;
  second.minute += 8;
  EXPECT_EQ(driver_.Accept(UpdateOf(first, second)).verdict, FeedVerdict::kReview);
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
}

// Rule C16.
TEST_F(SiblingsTest, UpdatesOfSiblingsUnderOneNumberGoToTheOneWhosePlaceTheySay) {
  Birth birth;
  birth.plurality = 2;
  const store::DeliveryAnswer first = driver_.Accept(birth);
  Birth sibling = birth;
  sibling.order = 2;
  sibling.minute += 8;
  sibling.sex = 2;
  const store::DeliveryAnswer review = driver_.Accept(UpdateOf(first, sibling));
  const store::AnyAnswer decided =
      driver_.Do(Decision(review, sibling, WhoseRecord::kAnotherNewborn));
  ASSERT_OK(decided.status);
  const store::DeliveryAnswer second = DeliveryIn(decided);
  sibling.minute += 1;
  const store::DeliveryAnswer update = driver_.Accept(UpdateOf(second, sibling));
  EXPECT_EQ(update.verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(update.newborn_id, second.newborn_id);
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
  EXPECT_EQ(driver_.Accept(UpdateOf(first, birth)).newborn_id, first.newborn_id);
}

// Twins with numbers of their own, one of them reported with the other's order by mistake.
TEST_F(SiblingsTest, AWrongOrderUnderAnOwnNumberDoesNotReachTheSibling) {
  Birth birth;
  birth.plurality = 2;
  const store::DeliveryAnswer first = driver_.Accept(birth);
  Birth sibling = birth;
  sibling.order = 2;
  sibling.minute += 8;
  sibling.record = "B0002";
  const store::DeliveryAnswer second = driver_.Accept(sibling);
  ASSERT_NE(second.newborn_id, first.newborn_id);
  birth.order = 2;
  EXPECT_EQ(driver_.Accept(UpdateOf(first, birth)).verdict, FeedVerdict::kReview);
  EXPECT_EQ(CurrentOf(second.newborn_id), store::IdKey(second.delivery_id));
  EXPECT_EQ(NewbornOf(second.newborn_id).birth_minute(), 20000 * 1440 + 608);
}

TEST_F(SiblingsTest, AReusedNumberOnAnotherDayMustBeToldApart) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth later;
  later.day += 400;
  store::AcceptDelivery command = driver_.Delivery(later);
  command.base = first.delivery_id;
  clock_.Advance(absl::Hours(24 * 400));
  command.event_time = clock_.Now();
  const store::DeliveryAnswer review = driver_.Accept(command);
  ASSERT_EQ(review.verdict, FeedVerdict::kReview);
  EXPECT_THAT(driver_.Do(Decision(review, later, WhoseRecord::kUnsaid)).status,
              StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
  EXPECT_OK(driver_.Do(Decision(review, later, WhoseRecord::kAnotherNewborn)).status);
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
}

TEST_F(SiblingsTest, ASecondSourceTakesNoPlaceUnsaid) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth other;
  other.facility = kOtherHospital;
  other.sex = 2;
  const store::DeliveryAnswer review = driver_.Accept(other);
  ASSERT_EQ(review.verdict, FeedVerdict::kReview);
  EXPECT_THAT(driver_.Do(Decision(review, other, WhoseRecord::kUnsaid)).status,
              StatusIs(StatusCode::kFailedPrecondition, "WHOSE_RECORD"));
  EXPECT_EQ(CurrentOf(first.newborn_id), store::IdKey(first.delivery_id));
}

TEST_F(SiblingsTest, AnUpdateOfOneBabyIsDecidedWithoutSayingWhose) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  store::AcceptDelivery update = driver_.Delivery(Birth());
  update.base = first.delivery_id;
  clock_.Advance(absl::Seconds(1));
  update.event_time = clock_.Now();
  update.defects.push_back({"WEIGHT_IMPLAUSIBLE", "OBX-5", false});
  const store::DeliveryAnswer review = driver_.Accept(update);
  ASSERT_EQ(review.verdict, FeedVerdict::kReview);
  const store::AnyAnswer decided = driver_.Do(Decision(review, Birth(), WhoseRecord::kUnsaid));
  ASSERT_OK(decided.status);
  EXPECT_EQ(DeliveryIn(decided).newborn_id, first.newborn_id);
}

}  // namespace
}  // namespace birthseal::tests
