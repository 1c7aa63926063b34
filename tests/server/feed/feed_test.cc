// SPDX-License-Identifier: Apache-2.0
// Delivery messages: merging, repeats, doubts, reviews.
#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "server/feed/delivery_facts.h"
#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/feed/resolve_review.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using server::Role;

class FeedTest : public UseCaseTest {
 protected:
  absl::StatusOr<server::GetDeliveryResult> Read(const certs::NewbornId& newborn) {
    server::GetDeliveryInput input;
    input.newborn_id = newborn;
    input.use_cause = "核对";
    return server::GetDelivery(*house_, As(hospital(), Role::kHospital), input);
  }
};

// Rule D7.
TEST_F(FeedTest, UpdateClearsWhatItClearsAndKeepsWhatItDoesNotName) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  certs::Delivery update;
  update.facility_code = hospital();
  update.baby_record_no = "B-1";
  update.birth_weight_g = 3300;
  server::DeliveryMessage message = MessageOf(update);
  message.cleared_fields = {"midwife_id"};
  const auto answer = Push(message);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->newborn_id, newborn);
  const auto stored = Read(newborn);
  ASSERT_OK(stored);
  EXPECT_EQ(stored->delivery.midwife_id, "");
  if (answer->verdict == store::FeedVerdict::kAccepted) {
    EXPECT_EQ(stored->delivery.birth_weight_g, 3300);
  }
  EXPECT_EQ(stored->delivery.birth_length_mm, 500);
}

TEST_F(FeedTest, RepeatGetsTheFirstAnswer) {
  const server::DeliveryMessage message = MessageOf(BirthOf(1));
  const auto first = Push(message), again = Push(message);
  ASSERT_OK(first);
  ASSERT_OK(again);
  EXPECT_EQ(again->verdict, store::FeedVerdict::kDuplicate);
  EXPECT_EQ(again->first_verdict, store::FeedVerdict::kAccepted);
  EXPECT_EQ(again->newborn_id, first->newborn_id);
}

// Two such messages would be one message, and the second record would be lost.
// Rule D2.
TEST_F(FeedTest, AMessageWithoutAnIdentityOfItsOwnIsRefusedAndLeavesNothingBehind) {
  const certs::Digest nothing = certs::Sm3Of("");
  const struct {
    std::function<void(server::DeliveryMessage*)> change;
    const char* field;
  } kCases[] = {
      {[](auto* m) { m->raw.clear(); }, "raw"},
      {[](auto* m) { m->content_digest = {}; }, "content_digest"},
      {[&](auto* m) { m->content_digest = nothing; }, "content_digest"},
      {[](auto* m) { m->source_message_id.clear(); }, "source_message_id"},
      {[](auto* m) { m->source_message_id = " \t\r"; }, "source_message_id"},
      {[&](auto* m) {
         m->source_message_id = absl::StrCat("sm3:", absl::BytesToHexString(certs::View(nothing)));
       },
       "source_message_id"},
  };
  for (const auto& c : kCases) {
    server::DeliveryMessage message = MessageOf(BirthOf(1));
    c.change(&message);
    const auto answer = Push(message);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_EMPTY"));
    EXPECT_EQ(certs::FieldOf(answer.status()), c.field);
  }
  const auto good = Push(MessageOf(BirthOf(1)));
  ASSERT_OK(good);
  EXPECT_EQ(good->verdict, store::FeedVerdict::kAccepted);
}

// As a connector sends it that got nothing between the marks of a message.
TEST_F(FeedTest, AnEmptyMessageThatIsRejectedIsKeptOnceAndHidesNoOther) {
  server::DeliveryMessage empty = MessageOf(BirthOf(1));
  empty.event = store::FeedEvent::kRejected;
  empty.source_message_id = "-";
  empty.raw.clear();
  empty.content_digest = certs::Sm3Of("");
  const auto first = Push(empty), again = Push(empty);
  ASSERT_OK(first);
  ASSERT_OK(again);
  EXPECT_EQ(first->verdict, store::FeedVerdict::kRejected);
  EXPECT_EQ(again->verdict, store::FeedVerdict::kDuplicate);
  server::DeliveryMessage unreadable = empty;
  unreadable.raw = "what no one can read";
  EXPECT_THAT(Push(unreadable), StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_EMPTY"));
}

TEST_F(FeedTest, WhatKeepsNoMessageOrSaysItsReasonNeedsNone) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  server::DeliveryMessage ignored = MessageOf(BirthOf(2));
  ignored.event = store::FeedEvent::kIgnored;
  ignored.raw.clear();
  EXPECT_OK(Push(ignored));
  server::DeliveryMessage withdrawn = MessageOf(BirthOf(1));
  withdrawn.source_message_id = "HIS|withdrawn";
  withdrawn.event = store::FeedEvent::kWithdraw;
  withdrawn.raw.clear();
  EXPECT_THAT(Push(withdrawn), StatusIs(absl::StatusCode::kInvalidArgument, "IDENTITY_EMPTY"));
  withdrawn.reason = "登记在他人名下";
  const auto answer = Push(withdrawn);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->newborn_id, newborn);
}

// Rule D1.
TEST_F(FeedTest, FacilityOfAnotherOrganisationIsRefused) {
  bool called = false;
  server::PushDelivery(
      *house_, As(kOtherHospital, Role::kHospital), MessageOf(BirthOf(1)),
      [&](absl::StatusOr<store::DeliveryAnswer> answer) {
        called = true;
        EXPECT_THAT(answer, StatusIs(absl::StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"));
      });
  EXPECT_TRUE(called);
}

// Rule D14.
TEST_F(FeedTest, SecondBabyNumberWithTheSamePlaceInBirthGoesToAPerson) {
  PushBirth(BirthOf(1));
  certs::Delivery other = BirthOf(1);
  other.baby_record_no = "B-1b";  // order 1 again: a twin with a wrong order, or a new number
  const auto answer = Push(MessageOf(other));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
}

TEST_F(FeedTest, UpdatesOfOneBabyInFlightTogetherAreAllMerged) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  constexpr int kUpdates = 8;
  std::atomic<int> answered{0};
  for (int i = 0; i < kUpdates; ++i) {
    certs::Delivery update;
    update.facility_code = hospital();
    update.baby_record_no = "B-1";
    update.birth_weight_g = 3300 + i;
    server::PushDelivery(*house_, As(hospital(), Role::kHospital), MessageOf(update),
                         [&](absl::StatusOr<store::DeliveryAnswer> answer) {
                           EXPECT_OK(answer);
                           ++answered;
                         });
  }
  while (answered.load() < kUpdates) std::this_thread::yield();
  const auto stored = Read(newborn);
  ASSERT_OK(stored);
  EXPECT_GE(stored->delivery.birth_weight_g, 3300);
  EXPECT_EQ(stored->delivery.mother_name, "林晚舟");
}

TEST_F(FeedTest, DoubtfulRecordIsListedDecidedAndThenCurrent) {
  certs::Delivery doubtful = BirthOf(1);
  doubtful.birth_time_known = false;
  doubtful.birth_time = absl::CivilMinute(2026, 5, 28, 0, 0);
  const auto answer = Push(MessageOf(doubtful));
  ASSERT_OK(answer);
  ASSERT_EQ(answer->verdict, store::FeedVerdict::kReview);
  const server::Caller caller = Issuing(hospital());
  const auto listed = server::ListReviews(*house_, caller, {hospital(), 0, ""});
  ASSERT_OK(listed);
  ASSERT_EQ(listed->reviews.size(), 1u);
  EXPECT_EQ(listed->reviews[0].delivery_id, answer->delivery_id);
  EXPECT_THAT(server::ListReviews(*house_, caller, {kOtherHospital, 0, ""}),
              StatusIs(absl::StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"));

  server::ResolveReviewInput input;
  input.request_id = "decide-1";
  input.delivery_id = answer->delivery_id;
  input.delivery.birth_time = BirthOf(1).birth_time;
  input.delivery.birth_time_known = true;
  input.operator_id = "issuer-" + hospital();
  input.reason = "与病历核对";
  const auto newborn = server::ResolveReview(*house_, caller, input);
  ASSERT_OK(newborn);
  const auto stored = Read(*newborn);
  ASSERT_OK(stored);
  EXPECT_FALSE(stored->in_review);
  EXPECT_EQ(stored->delivery.birth_time, BirthOf(1).birth_time);
  // The answer was lost: asked again it is the same, and a new version of the record is not made.
  const auto again = server::ResolveReview(*house_, caller, input);
  ASSERT_OK(again);
  EXPECT_EQ(*again, *newborn);
  EXPECT_EQ(Read(*newborn)->delivery_id, stored->delivery_id);
  const auto otherwise = [&](const std::function<void(server::ResolveReviewInput*)>& change) {
    server::ResolveReviewInput other = input;
    change(&other);
    return server::ResolveReview(*house_, caller, other).status();
  };
  const auto reused = StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
  EXPECT_THAT(otherwise([](auto* other) { other->accept = false; }), reused);
  EXPECT_THAT(otherwise([](auto* other) { other->reason = "与产妇核对"; }), reused);
  EXPECT_THAT(otherwise([&](auto* other) { other->operator_id = "sealer-" + hospital(); }), reused);
  EXPECT_THAT(otherwise([](auto* other) { other->delivery.birth_weight_g = 3333; }), reused);
  EXPECT_THAT(otherwise([](auto* other) { other->whose = store::WhoseRecord::kSameNewborn; }),
              reused);
  EXPECT_THAT(otherwise([](auto* other) { other->request_id = "decide-2"; }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_IN_REVIEW"));
}

// Rule D20.
TEST_F(FeedTest, AContradictedOutcomeIsNotSettledByAnUnrelatedUpdate) {
  certs::Delivery birth = BirthOf(1);
  birth.outcome = certs::Outcome::kUnknown;
  server::DeliveryMessage message = MessageOf(birth);
  message.defects.push_back({"OUTCOME_CONTRADICTS", "OBX-5", false});
  const auto first = Push(message);
  ASSERT_OK(first);
  ASSERT_EQ(first->verdict, store::FeedVerdict::kReview);
  for (const certs::Outcome outcome : {certs::Outcome::kUnknown, certs::Outcome::kLive}) {
    clock_.Advance(absl::Seconds(1));
    certs::Delivery update;
    update.facility_code = hospital();
    update.baby_record_no = "B-1";
    update.birth_weight_g = 3300;
    update.outcome = outcome;
    const auto answer = Push(MessageOf(update));
    ASSERT_OK(answer);
    EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
    EXPECT_TRUE(Read(first->newborn_id)->in_review);
  }
}

TEST_F(FeedTest, SiblingsUnderOneNumberAreUpdatedEachByItsOrder) {
  certs::Delivery first = BirthOf(1), second = BirthOf(1);
  first.plurality = second.plurality = 2;
  second.birth_order = 2;
  second.birth_time += 8;
  second.sex = certs::Sex::kMale;
  const certs::NewbornId elder = PushBirth(first);
  const auto review = Push(MessageOf(second));
  ASSERT_OK(review);
  ASSERT_EQ(review->verdict, store::FeedVerdict::kReview);
  server::ResolveReviewInput input;
  input.request_id = "decide-1";
  input.delivery_id = review->delivery_id;
  input.whose = store::WhoseRecord::kAnotherNewborn;
  input.delivery = second;
  input.operator_id = "issuer-" + hospital();
  input.reason = "与病历核对";
  const auto younger = server::ResolveReview(*house_, Issuing(hospital()), input);
  ASSERT_OK(younger);
  EXPECT_NE(*younger, elder);
  clock_.Advance(absl::Seconds(1));
  second.birth_weight_g = 2900;
  const auto updated = Push(MessageOf(second));
  ASSERT_OK(updated);
  EXPECT_EQ(updated->verdict, store::FeedVerdict::kAccepted);
  EXPECT_EQ(updated->newborn_id, *younger);
  EXPECT_EQ(Read(*younger)->delivery.birth_weight_g, 2900);
  EXPECT_EQ(Read(elder)->delivery.birth_weight_g, 3250);
}

// A birth at home, entered by hand in the hospital that the child was brought to.
class HomeBirthTest : public FeedTest {
 protected:
  void SetUp() override {
    FeedTest::SetUp();
    home_ = BirthOf(1);
    home_.source = certs::DeliverySource::kManual;
    home_.facility_name.clear();
    newborn_ = PushBirth(home_);
  }
  // As the hospital's system sends a change (A08): not by hand, in the hospital's name.
  certs::Delivery Update() const {
    certs::Delivery update;
    update.facility_code = hospital();
    update.facility_name = pki_.institution.name;
    update.baby_record_no = home_.baby_record_no;
    update.birth_weight_g = 3300;
    return update;
  }
  store::FeedVerdict VerdictOf(const server::DeliveryMessage& message) {
    clock_.Advance(absl::Seconds(1));
    const auto answer = Push(message);
    EXPECT_OK(answer);
    return answer.ok() ? answer->verdict : store::FeedVerdict::kRejected;
  }
  certs::Delivery home_;
  certs::NewbornId newborn_{};
};

// Rule D27.
TEST_F(HomeBirthTest, AMessageOfTheHospitalDoesNotMakeItABirthOfTheHospital) {
  EXPECT_EQ(VerdictOf(MessageOf(Update())), store::FeedVerdict::kAccepted);
  certs::Delivery named_nowhere = Update();
  named_nowhere.facility_name.clear();
  named_nowhere.birth_weight_g = 3310;
  EXPECT_EQ(VerdictOf(MessageOf(named_nowhere)), store::FeedVerdict::kAccepted);
  const auto stored = Read(newborn_);
  ASSERT_OK(stored);
  EXPECT_EQ(stored->delivery.birth_weight_g, 3310);
  EXPECT_EQ(stored->delivery.source, certs::DeliverySource::kManual);
  EXPECT_EQ(stored->delivery.facility_name, "");
  EXPECT_EQ(stored->delivery.birth_place.county, home_.birth_place.county);
}

TEST_F(HomeBirthTest, AnotherPlaceOfBirthWaitsForAPerson) {
  const auto other = [](const std::string& was) { return was + "9"; };
  for (std::string certs::Place::*part :
       {&certs::Place::province, &certs::Place::city, &certs::Place::county, &certs::Place::code}) {
    certs::Delivery update = Update();
    update.birth_place = home_.birth_place;
    update.birth_place.*part = other(home_.birth_place.*part);
    EXPECT_EQ(VerdictOf(MessageOf(update)), store::FeedVerdict::kReview);
    EXPECT_EQ(Read(newborn_)->delivery.birth_weight_g, home_.birth_weight_g);
  }
  certs::Delivery same = Update();
  same.birth_place = home_.birth_place;
  EXPECT_EQ(VerdictOf(MessageOf(same)), store::FeedVerdict::kAccepted);
}

// Rule D27.
TEST_F(HomeBirthTest, OnlyAPersonSaysThatItWasInTheHospitalAfterAll) {
  server::DeliveryMessage by_hand = MessageOf(Update());
  by_hand.delivery.source = certs::DeliverySource::kManual;
  EXPECT_EQ(VerdictOf(by_hand), store::FeedVerdict::kReview);
  certs::Delivery heavier = Update();
  heavier.birth_weight_g = 3320;
  server::DeliveryMessage cleared = MessageOf(heavier);
  cleared.cleared_fields = {"manual"};
  EXPECT_EQ(VerdictOf(cleared), store::FeedVerdict::kReview);
  EXPECT_EQ(Read(newborn_)->delivery.facility_name, "");
  EXPECT_EQ(Read(newborn_)->delivery.source, certs::DeliverySource::kManual);
}

TEST_F(HomeBirthTest, NorDoesAMessageMakeABirthOfTheHospitalOneOutside) {
  certs::Delivery birth = BirthOf(2);
  birth.facility_name.clear();  // not every system names it
  const certs::NewbornId newborn = PushBirth(birth);
  server::DeliveryMessage by_hand = MessageOf(birth);
  by_hand.source_message_id = "by hand";
  by_hand.delivery.source = certs::DeliverySource::kManual;
  EXPECT_EQ(VerdictOf(by_hand), store::FeedVerdict::kReview);
  EXPECT_EQ(Read(newborn)->delivery.source, certs::DeliverySource::kHis);
}

// Rule D8.
TEST(MergeDeliveryTest, BareDayDoesNotTakeTheMinuteOfTheSameDay) {
  certs::Delivery base, update;
  base.birth_time = absl::CivilMinute(2026, 5, 28, 8, 1);
  base.birth_time_known = true;
  update.birth_time = absl::CivilMinute(2026, 5, 28, 0, 0);
  EXPECT_EQ(server::MergeDelivery(base, update, {}).birth_time, base.birth_time);
  update.birth_time = absl::CivilMinute(2026, 5, 29, 0, 0);
  EXPECT_FALSE(server::MergeDelivery(base, update, {}).birth_time_known);
}

}  // namespace
}  // namespace birthseal::tests
