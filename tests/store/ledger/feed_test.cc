// SPDX-License-Identifier: Apache-2.0
// Identity of the newborn and the doubts about it (ARCHITECTURE.md, "Identity of a newborn").
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::FeedEvent;
using store::FeedVerdict;
using testing::Contains;
using testing::ElementsAre;

class FeedTest : public LedgerTest {
 protected:
  store::AcceptDelivery Event(FeedEvent event, const Birth& birth) {
    clock_.Advance(absl::Seconds(1));
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.event = event;
    return command;
  }
  store::AcceptDelivery Alias(const std::string& gone, const std::string& stays) {
    Birth birth;
    birth.mother.clear();
    birth.record = stays;
    store::AcceptDelivery command = Event(FeedEvent::kAlias, birth);
    command.alias_claim = certs::BabyRecordClaim(kIndexKey, kHospital, gone);
    return command;
  }
  bool ReviewListed(const store::DeliveryAnswer& answer) {
    return engine_.NewSnapshot()
        ->Get(Family::kReviews,
              store::ReviewKey(kHospital, absl::ToUnixMicros(answer.accepted_time),
                               answer.delivery_id))
        .ok();
  }
};

// Rule D3.
TEST_F(FeedTest, RepeatOfAMessageGetsTheFirstAnswer) {
  const store::AcceptDelivery command = driver_.Delivery(Birth());
  const store::DeliveryAnswer first = driver_.Accept(command);
  clock_.Advance(absl::Minutes(1));
  store::AcceptDelivery again = command;
  again.delivery_id = driver_.NewId<certs::DeliveryId>();
  const store::DeliveryAnswer second = driver_.Accept(again);
  EXPECT_EQ(second.verdict, FeedVerdict::kDuplicate);
  EXPECT_EQ(second.first_verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(second.delivery_id, first.delivery_id);
  EXPECT_EQ(second.newborn_id, first.newborn_id);
  EXPECT_EQ(second.accepted_time, first.accepted_time);
  EXPECT_EQ(Meta().deliveries_accepted(), 1u);
}

// Rule C5.
TEST_F(FeedTest, SameBabyNumberIsAnUpdateOfTheSameNewborn) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth later;
  later.minute = 615;
  const store::DeliveryAnswer second = driver_.Accept(Update(first, later));
  EXPECT_EQ(second.verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(second.newborn_id, first.newborn_id);
  const storage::v1::Newborn newborn = NewbornOf(first.newborn_id);
  EXPECT_EQ(newborn.current_delivery(), store::IdKey(second.delivery_id));
  EXPECT_EQ(newborn.birth_minute(), 20000 * 1440 + 615);
}

TEST_F(FeedTest, UpdateMergedFromAnOldVersionMustBeMergedAgain) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  const store::AcceptDelivery stale = Update(first, Birth());
  driver_.Accept(Update(first, Birth()));
  EXPECT_THAT(driver_.Do(stale).status, StatusIs(StatusCode::kAborted, "RECORD_MOVED_ON"));
  EXPECT_THAT(driver_.Do(driver_.Delivery(Birth())).status,
              StatusIs(StatusCode::kAborted, "RECORD_MOVED_ON"));
}

// Rule D9.
TEST_F(FeedTest, OlderEventChangesNothing) {
  store::AcceptDelivery late = driver_.Delivery(Birth());
  late.event_time -= absl::Hours(1);
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  late.base = first.delivery_id;
  late.birth.minute += 5;
  const store::DeliveryAnswer second = driver_.Accept(late);
  EXPECT_EQ(second.verdict, FeedVerdict::kAccepted);
  EXPECT_THAT(CodesOf(second), ElementsAre("OLDER_THAN_CURRENT"));
  EXPECT_EQ(NewbornOf(first.newborn_id).current_delivery(), store::IdKey(first.delivery_id));
}

// Rules C5, D16.
TEST_F(FeedTest, TwoFacilitiesThatReportOneBirthShareTheNewborn) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth other;
  other.facility = kOtherHospital;
  other.record = "X77";
  const store::DeliveryAnswer second = driver_.Accept(other);
  EXPECT_EQ(second.verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(second.newborn_id, first.newborn_id);
  EXPECT_EQ(NewbornOf(first.newborn_id).current_delivery(), store::IdKey(first.delivery_id));
  EXPECT_THAT(NewbornOf(first.newborn_id).reporting_facilities(),
              ElementsAre(kHospital, kOtherHospital));
  store::AcceptDelivery cancelled = driver_.Delivery(other);
  cancelled.event = FeedEvent::kWithdraw;
  driver_.Accept(cancelled);
  EXPECT_FALSE(NewbornOf(first.newborn_id).withdrawn());
  EXPECT_THAT(NewbornOf(first.newborn_id).reporting_facilities(), ElementsAre(kHospital));
}

TEST_F(FeedTest, SecondSourceThatTellsAnotherMinuteWaitsForAPerson) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth other;
  other.facility = kOtherHospital;
  other.minute = 601;
  const store::DeliveryAnswer second = driver_.Accept(other);
  EXPECT_EQ(second.verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(second), ElementsAre("BIRTH_TIME_DIFFERS"));
  EXPECT_EQ(second.newborn_id, first.newborn_id);
}

TEST_F(FeedTest, TwinsAreTwoNewbornsInAnyOrder) {
  Birth second, first;
  second.order = 2, second.plurality = first.plurality = 2;
  second.record = "B2", first.record = "B1";
  second.minute = 612;
  const store::DeliveryAnswer b = driver_.Accept(second);
  const store::DeliveryAnswer a = driver_.Accept(first);
  EXPECT_EQ(a.verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(b.verdict, FeedVerdict::kAccepted);
  EXPECT_NE(a.newborn_id, b.newborn_id);
}

TEST_F(FeedTest, ThirdOfTwinsWaitsForAPerson) {
  Birth birth;
  birth.plurality = 2;
  driver_.Accept(birth);
  birth.order = 3, birth.record = "B3";
  EXPECT_THAT(CodesOf(driver_.Accept(birth)), Contains("ORDER_BEYOND_PLURALITY"));
  Birth twin, third;
  twin.mother = third.mother = "PASSPORT002";
  twin.plurality = 2, twin.record = "B4";
  driver_.Accept(twin);
  third.order = third.plurality = 3, third.record = "B5";
  EXPECT_EQ(driver_.Accept(third).verdict, FeedVerdict::kReview);
}

// Rule C12.
TEST_F(FeedTest, SameMotherWithinFiveAndTwoHundredSeventyDaysWaits) {
  driver_.Accept(Birth());
  Birth near, later, next;
  near.day += 3, near.record = "B2";
  EXPECT_THAT(CodesOf(driver_.Accept(near)), ElementsAre("MOTHER_OTHER_BIRTH_5_DAYS"));
  later.day += 200, later.record = "B3";
  EXPECT_THAT(CodesOf(driver_.Accept(later)), ElementsAre("MOTHER_OTHER_BIRTH_270_DAYS"));
  next.day += 200 + 271, next.record = "B4";
  EXPECT_EQ(driver_.Accept(next).verdict, FeedVerdict::kAccepted);
}

// Rule C6.
TEST_F(FeedTest, RecordThatHitsTwoNewbornsHoldsBothAndMergesNothing) {
  Birth one, two;
  two.mother = "PASSPORT002", two.record = "B2";
  const store::DeliveryAnswer a = driver_.Accept(one);
  const store::DeliveryAnswer b = driver_.Accept(two);
  two.mother = one.mother;  // the second baby's number with the first one's mother
  const store::DeliveryAnswer c = driver_.Accept(Update(b, two));
  EXPECT_EQ(c.verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(c), Contains("TWO_NEWBORNS"));
  EXPECT_THAT(NewbornOf(a.newborn_id).conflicts_with(), ElementsAre(store::IdKey(b.newborn_id)));
  EXPECT_THAT(NewbornOf(b.newborn_id).conflicts_with(), ElementsAre(store::IdKey(a.newborn_id)));
  EXPECT_THAT(driver_.Do(driver_.Approval(driver_.Filed(a))).status,
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_IN_REVIEW"));
  EXPECT_TRUE(ReviewListed(a));
  EXPECT_TRUE(ReviewListed(c));
}

TEST_F(FeedTest, AnotherBirthDateUnderTheSameNumberIsAConflict) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Birth changed;
  changed.day += 2;
  const store::DeliveryAnswer second = driver_.Accept(Update(first, changed));
  EXPECT_EQ(second.verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(second), Contains("BIRTH_DATE_CHANGED"));
  EXPECT_EQ(NewbornOf(first.newborn_id).current_delivery(), store::IdKey(first.delivery_id));
}

// Rule D5.
TEST_F(FeedTest, DoubtfulRecordWaitsUntilACleanOneReplacesIt) {
  store::AcceptDelivery command = driver_.Delivery(Birth());
  command.defects.push_back({"BIRTH_TIME_WITHOUT_MINUTES", "PID-7", false});
  const store::DeliveryAnswer first = driver_.Accept(command);
  EXPECT_EQ(first.verdict, FeedVerdict::kReview);
  EXPECT_EQ(Meta().deliveries_in_review(), 1u);
  EXPECT_TRUE(ReviewListed(first));
  EXPECT_EQ(driver_.Accept(Update(first, Birth())).verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(NewbornOf(first.newborn_id).open_reviews_size(), 0);
  EXPECT_EQ(Meta().deliveries_in_review(), 0u);
  EXPECT_FALSE(ReviewListed(first));
}

// Rule D6.
TEST_F(FeedTest, RejectedMessageKeepsItsRawBytesAndMakesNoNewborn) {
  store::AcceptDelivery command = driver_.Delivery(Birth());
  command.defects.push_back({"ENCODING", "MSH-18", true});
  const store::DeliveryAnswer answer = driver_.Accept(command);
  EXPECT_EQ(answer.verdict, FeedVerdict::kRejected);
  EXPECT_TRUE(answer.newborn_id.empty());
  EXPECT_OK(engine_.NewSnapshot()->Get(
      Family::kBodies, store::BodyKey(store::BodyKind::kRawMessage, answer.delivery_id)));
  EXPECT_EQ(Meta().deliveries_rejected(), 1u);
  // The same birth mended: nothing of the refused message stands in its way.
  EXPECT_EQ(driver_.Accept(Birth()).verdict, FeedVerdict::kAccepted);
}

TEST_F(FeedTest, IgnoredEventKeepsOnlyItsAnswer) {
  const store::AcceptDelivery command = Event(FeedEvent::kIgnored, Birth());
  EXPECT_EQ(driver_.Accept(command).verdict, FeedVerdict::kIgnored);
  EXPECT_EQ(driver_.Accept(command).verdict, FeedVerdict::kDuplicate);
  EXPECT_EQ(driver_.Accept(Birth()).verdict, FeedVerdict::kAccepted);
}

// Rules C14, D15.
TEST_F(FeedTest, WithdrawnRecordComesBackOnlyByANewerOne) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  store::AcceptDelivery old = Update(first, Birth());
  driver_.Accept(Event(FeedEvent::kWithdraw, Birth()));
  EXPECT_TRUE(NewbornOf(first.newborn_id).withdrawn());
  EXPECT_THAT(driver_.Do(driver_.Approval(driver_.Filed(first))).status,
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_WITHDRAWN"));
  driver_.Accept(old);
  EXPECT_TRUE(NewbornOf(first.newborn_id).withdrawn());
  driver_.Accept(Update(first, Birth()));
  EXPECT_FALSE(NewbornOf(first.newborn_id).withdrawn());
}

TEST_F(FeedTest, WithdrawalOfAnUnknownRecordIsIgnored) {
  const store::DeliveryAnswer answer = driver_.Accept(Event(FeedEvent::kWithdraw, Birth()));
  EXPECT_EQ(answer.verdict, FeedVerdict::kIgnored);
  EXPECT_THAT(CodesOf(answer), ElementsAre("RECORD_UNKNOWN"));
}

// Nobody has applied: it does not depend on the cases of others.
TEST_F(FeedTest, AWithdrawalOfARecordWithoutACaseReadsNoCase) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  Faults reads;
  FailingEngine failing(&engine_, &reads);
  OpenOver(&failing);
  reads.FailEach("get from applications");
  EXPECT_EQ(driver_.Accept(Event(FeedEvent::kWithdraw, Birth())).verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(reads.Stop(), "");
  EXPECT_TRUE(NewbornOf(first.newborn_id).withdrawn());
  ledger_.reset();  // before what it stands on
}

// Rule D18.
TEST_F(FeedTest, AfterIssueAnUpdateOrWithdrawalOnlyAlarms) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  driver_.Issued(first);
  Birth changed;
  changed.sex = 2;
  driver_.Accept(Update(first, changed));
  driver_.Accept(Event(FeedEvent::kWithdraw, Birth()));
  EXPECT_THAT(Told(), ElementsAre("ISSUED", "DELIVERY_DISCREPANCY", "DELIVERY_DISCREPANCY"));
  EXPECT_EQ(NewbornOf(first.newborn_id).valid_certificate(), 1u);
  EXPECT_FALSE(NewbornOf(first.newborn_id).withdrawn());
}

// Rule D19.
TEST_F(FeedTest, AliasOfANumberThatGoesPointsToTheSurvivingBaby) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  EXPECT_EQ(driver_.Accept(Alias("TEMP1", "B0001")).verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(driver_.Accept(Alias("TEMP0", "TEMP1")).verdict, FeedVerdict::kAccepted);  // a chain
  Birth gone;
  gone.record = "TEMP0";
  gone.mother.clear();
  EXPECT_EQ(driver_.Accept(Update(first, gone)).newborn_id, first.newborn_id);
}

TEST_F(FeedTest, AliasOfUnknownNumbersIsRememberedForTheirRecord) {
  const store::DeliveryAnswer alias = driver_.Accept(Alias("TEMP1", "B0001"));
  EXPECT_EQ(alias.verdict, FeedVerdict::kAccepted);
  const store::DeliveryAnswer record = driver_.Accept(Birth());
  EXPECT_EQ(record.verdict, FeedVerdict::kAccepted);
  EXPECT_EQ(record.newborn_id, alias.newborn_id);
  driver_.Issued(record);
}

// Rule D19.
TEST_F(FeedTest, AliasNeverMergesTwoNewbornsWithCertificates) {
  Birth one, two;
  two.mother = "PASSPORT002", two.record = "B2";
  const store::DeliveryAnswer a = driver_.Accept(one), b = driver_.Accept(two);
  driver_.Issued(a);
  driver_.Issued(b);
  EXPECT_EQ(driver_.Accept(Alias("B2", "B0001")).verdict, FeedVerdict::kReview);
  EXPECT_THAT(Told(), ElementsAre("ISSUED", "ISSUED", "DOUBLE_CERTIFICATE_ALARM",
                                  "DOUBLE_CERTIFICATE_ALARM"));
  EXPECT_EQ(NewbornOf(a.newborn_id).valid_certificate(), 1u);
  EXPECT_EQ(NewbornOf(b.newborn_id).valid_certificate(), 2u);
}

class ReviewTest : public FeedTest {
 protected:
  store::DeliveryAnswer InReview() {
    store::AcceptDelivery command = driver_.Delivery(Birth());
    command.defects.push_back({"BIRTH_TIME_WITHOUT_MINUTES", "PID-7", false});
    return driver_.Accept(command);
  }
  store::ResolveReview Decision(const store::DeliveryAnswer& review, bool accept) {
    store::ResolveReview command;
    command.organisation_code = kHospital;
    command.operator_id = "reviewer";
    command.reason = "asked the ward";
    command.request_key = driver_.NewKey();
    command.content_sm3 = certs::Sm3Of("decision");
    command.delivery_id = review.delivery_id;
    command.accept = accept;
    if (!accept) return command;
    command.new_delivery_id = driver_.NewId<certs::DeliveryId>();
    command.new_newborn_id = driver_.NewId<certs::NewbornId>();
    command.claims = driver_.ClaimsOf(Birth());
    command.sealed_body = "as decided";
    command.birth.day = 20000;
    return command;
  }
};

TEST_F(ReviewTest, AcceptedReviewMakesANewVersionAndFreesTheNewborn) {
  const store::DeliveryAnswer review = InReview();
  EXPECT_THAT(driver_.Do(driver_.Approval(driver_.Filed(review))).status,
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_IN_REVIEW"));
  const store::ResolveReview decision = Decision(review, true);
  const store::AnyAnswer decided = driver_.Do(decision);
  ASSERT_OK(decided.status);
  EXPECT_EQ(NewbornOf(review.newborn_id).current_delivery(),
            store::IdKey(decision.new_delivery_id));
  EXPECT_EQ(Meta().deliveries_in_review(), 0u);
  EXPECT_EQ(Meta().deliveries_accepted(), 1u);
  EXPECT_OK(driver_.Do(decision).status);  // again
  EXPECT_EQ(Meta().deliveries_accepted(), 1u);
  driver_.Issued(DeliveryIn(decided));
}

// As whoever lost the answer asks again: what it would make has new identifiers each time.
class RepeatedDecisionTest : public ReviewTest, public testing::WithParamInterface<bool> {};

TEST_P(RepeatedDecisionTest, GetsTheFirstAnswerAndDecidesNothingAnew) {
  store::ResolveReview decision = Decision(InReview(), GetParam());
  const store::AnyAnswer first = driver_.Do(decision);
  ASSERT_OK(first.status);
  const uint64_t accepted = Meta().deliveries_accepted();
  decision.new_delivery_id = driver_.NewId<certs::DeliveryId>();
  decision.new_newborn_id = driver_.NewId<certs::NewbornId>();
  const store::AnyAnswer again = driver_.Do(decision);
  ASSERT_OK(again.status);
  EXPECT_EQ(DeliveryIn(again).delivery_id, DeliveryIn(first).delivery_id);
  EXPECT_EQ(DeliveryIn(again).newborn_id, DeliveryIn(first).newborn_id);
  EXPECT_EQ(DeliveryIn(again).verdict, DeliveryIn(first).verdict);
  EXPECT_EQ(DeliveryIn(again).first_verdict, DeliveryIn(first).first_verdict);
  EXPECT_EQ(Meta().deliveries_accepted(), accepted);
  decision.content_sm3 = driver_.NewKey();
  EXPECT_THAT(driver_.Do(decision).status,
              StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  decision.request_key = driver_.NewKey();
  EXPECT_THAT(driver_.Do(decision).status,
              StatusIs(StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"));
}

INSTANTIATE_TEST_SUITE_P(AcceptedAndWithdrawn, RepeatedDecisionTest, testing::Bool());

TEST_F(ReviewTest, WithdrawnReviewWithdrawsTheNewborn) {
  const store::DeliveryAnswer review = InReview();
  EXPECT_OK(driver_.Do(Decision(review, false)).status);
  EXPECT_TRUE(NewbornOf(review.newborn_id).withdrawn());
  EXPECT_FALSE(ReviewListed(review));
}

TEST_F(ReviewTest, OnlyAnOpenReviewCanBeDecided) {
  const store::DeliveryAnswer accepted = driver_.Accept(Birth());
  EXPECT_THAT(driver_.Do(Decision(accepted, true)).status,
              StatusIs(StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"));
  store::ResolveReview unknown = Decision(accepted, true);
  unknown.delivery_id = driver_.NewId<certs::DeliveryId>();
  EXPECT_THAT(driver_.Do(unknown).status, StatusIs(StatusCode::kNotFound, "DELIVERY_UNKNOWN"));
}

// Rule C11.
TEST_F(ReviewTest, DecisionMayNotTakeTheClaimOfAnotherNewborn) {
  const store::DeliveryAnswer review = InReview();
  Birth other;
  other.mother = "PASSPORT009", other.record = "B9";
  driver_.Accept(other);
  store::ResolveReview decision = Decision(review, true);
  decision.claims = driver_.ClaimsOf(other);
  EXPECT_THAT(driver_.Do(decision).status,
              StatusIs(StatusCode::kFailedPrecondition, "CLAIM_CONFLICT"));
}

}  // namespace
}  // namespace birthseal::tests
