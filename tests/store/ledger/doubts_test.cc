// SPDX-License-Identifier: Apache-2.0
// Each doubt about a record alone: what the ledger compares, and what it leaves out.
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::FeedEvent;
using store::FeedVerdict;
using store::WhoseRecord;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class DoubtsTest : public LedgerTest {
 protected:
  store::AcceptDelivery Event(FeedEvent event, const Birth& birth) {
    store::AcceptDelivery command = Update({}, birth);
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
  static Birth Unnumbered(Birth birth) {
    birth.record.clear();
    return birth;
  }
};

// A first record and an update of it under the same number, without a mother whose claim would
// change as well.
struct Change {
  const char* what;
  void (*first)(Birth&);
  void (*update)(Birth&);
  std::vector<std::string> codes;
};

// Rule D10.
TEST_F(DoubtsTest, AnUpdateIsDoubtedForWhatItChanges) {
  const Change changes[] = {
      {"nothing", [](Birth&) {}, [](Birth&) {}, {}},
      {"the minute", [](Birth&) {}, [](Birth& b) { b.minute += 5; }, {}},
      {"the sex", [](Birth&) {}, [](Birth& b) { b.sex = 2; }, {}},
      {"the day", [](Birth&) {}, [](Birth& b) { b.day += 1; }, {"BIRTH_DATE_CHANGED"}},
      {"the order",
       [](Birth& b) { b.plurality = 3; },
       [](Birth& b) { b.order = 2, b.plurality = 3; },
       {"BIRTH_ORDER_CHANGED"}},
      {"the plurality",
       [](Birth& b) { b.plurality = 3; },
       [](Birth& b) { b.plurality = 2; },
       {"PLURALITY_CHANGED"}},
      {"no plurality any more",
       [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 0; },
       {}},
      {"a plurality at last",
       [](Birth& b) { b.plurality = 0; },
       [](Birth& b) { b.plurality = 2; },
       {}},
      {"minute and sex",
       [](Birth&) {},
       [](Birth& b) { b.minute += 5, b.sex = 2; },
       {"SIBLING_POSSIBLE"}},
      {"the minute of a twin without order",
       [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.minute += 5, b.plurality = 0, b.order = 0; },
       {"SIBLING_POSSIBLE"}},
      {"the minute of a twin with order",
       [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.minute += 5, b.plurality = 2; },
       {}},
  };
  int n = 0;
  for (const Change& change : changes) {
    Birth birth;
    birth.mother.clear();
    birth.record += std::to_string(++n);
    Birth first = birth, update = birth;
    change.first(first);
    change.update(update);
    const store::DeliveryAnswer accepted = driver_.Accept(first);
    ASSERT_EQ(accepted.verdict, FeedVerdict::kAccepted) << change.what;
    const store::DeliveryAnswer updated = driver_.Accept(Update(accepted, update));
    EXPECT_THAT(CodesOf(updated), testing::ElementsAreArray(change.codes)) << change.what;
    EXPECT_EQ(updated.verdict, change.codes.empty() ? FeedVerdict::kAccepted : FeedVerdict::kReview)
        << change.what;
  }
}

// Rule D12.
TEST_F(DoubtsTest, ASecondSourceAgreesToTheMinuteAndTheSex) {
  driver_.Accept(Birth());
  Birth other;
  other.facility = kOtherHospital;
  Birth minute = other, sex = other;
  minute.minute += 1;
  sex.sex = 2;
  EXPECT_THAT(CodesOf(driver_.Accept(minute)), ElementsAre("BIRTH_TIME_DIFFERS"));
  EXPECT_THAT(CodesOf(driver_.Accept(sex)), ElementsAre("SEX_DIFFERS"));
}

TEST_F(DoubtsTest, AFirstRecordIsDoubtedForWhatItSaysItself) {
  Birth unplaced, beyond;
  unplaced.plurality = 2, unplaced.order = 0;
  beyond.plurality = 2, beyond.order = 3;
  unplaced.mother = "PASSPORT1", beyond.mother = "PASSPORT2", beyond.record = "B2";
  EXPECT_THAT(CodesOf(driver_.Accept(unplaced)), ElementsAre("BIRTH_ORDER_MISSING"));
  EXPECT_THAT(CodesOf(driver_.Accept(beyond)), ElementsAre("ORDER_BEYOND_PLURALITY"));
}

// Two records of one mother. Both are clean by themselves.
struct Pair {
  const char* what;
  void (*one)(Birth&);
  void (*other)(Birth&);
  bool doubted;
};

// Rule C13.
TEST_F(DoubtsTest, TwoBirthsOfAMotherAreOneEpisodeOnlyAsPlacesOfAMultipleBirth) {
  const Pair pairs[] = {
      {"twins", [](Birth& b) { b.plurality = 2; }, [](Birth& b) { b.plurality = 2, b.order = 2; },
       false},
      {"twins at midnight", [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 2, b.order = 2, b.day += 1; }, false},
      {"two days apart", [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 2, b.order = 2, b.day += 2; }, true},
      {"unsaid how many", [](Birth& b) { b.plurality = 0; },
       [](Birth& b) { b.plurality = 0, b.order = 2; }, false},
      {"one of them single", [](Birth& b) { b.plurality = 1; },
       [](Birth& b) { b.plurality = 0, b.order = 2; }, true},
      {"the other of them single", [](Birth& b) { b.plurality = 0, b.order = 2; },
       [](Birth& b) { b.plurality = 1; }, true},
      {"twin and triplet", [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 3, b.order = 2; }, true},
      {"two firsts", [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 2, b.day += 1; }, true},
      {"a third of twins", [](Birth& b) { b.plurality = 2; },
       [](Birth& b) { b.plurality = 0, b.order = 3; }, true},
  };
  int n = 0;
  for (const Pair& pair : pairs) {
    Birth one, other;
    one.mother = other.mother = "PASSPORT" + std::to_string(++n);
    one.record = "B" + std::to_string(n), other.record = one.record + "-2";
    pair.one(one);
    pair.other(other);
    ASSERT_EQ(driver_.Accept(one).verdict, FeedVerdict::kAccepted) << pair.what;
    const std::vector<std::string> codes = CodesOf(driver_.Accept(other));
    if (pair.doubted) {
      EXPECT_THAT(codes, ElementsAre("MOTHER_OTHER_BIRTH_5_DAYS")) << pair.what;
    } else {
      EXPECT_THAT(codes, IsEmpty()) << pair.what;
    }
  }
}

TEST_F(DoubtsTest, AFirstRecordUnderTheNumberOfAHeldNewbornWaits) {
  driver_.Accept(Birth());
  driver_.Accept(Alias("GONE", "B2"));  // a newborn without a record
  EXPECT_THAT(CodesOf(driver_.Accept(Alias("B0001", "B2"))), ElementsAre("TWO_NEWBORNS"));
  Birth second;
  second.record = "B2", second.mother = "PASSPORT2";
  const store::DeliveryAnswer record = driver_.Accept(second);
  EXPECT_EQ(record.verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(record), ElementsAre("CLAIM_CONFLICT"));
}

TEST_F(DoubtsTest, AFirstRecordWithAnothersMotherHoldsBoth) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  const store::DeliveryAnswer alias = driver_.Accept(Alias("GONE", "B2"));
  Birth second;
  second.record = "B2";
  const store::DeliveryAnswer record = driver_.Accept(second);
  EXPECT_EQ(record.newborn_id, alias.newborn_id);
  EXPECT_EQ(record.verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(record), Contains("TWO_NEWBORNS"));
  EXPECT_THAT(NewbornOf(first.newborn_id).conflicts_with(),
              ElementsAre(store::IdKey(alias.newborn_id)));
}

TEST_F(DoubtsTest, AnUpdateOfARecordThatIsGoneIsDataLoss) {
  const store::DeliveryAnswer first = driver_.Accept(Birth());
  ErasePast(Family::kDeliveries, store::IdKey(first.delivery_id));
  EXPECT_THAT(driver_.Call1(Update(first, Birth())),
              StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"));
}

// Rule D17.
TEST_F(DoubtsTest, AWithdrawalThatMayBeOfTwoIsRejected) {
  Birth one, two;
  two.mother = "PASSPORT2", two.record = "B2";
  const store::DeliveryAnswer a = driver_.Accept(one), b = driver_.Accept(two);
  store::AcceptDelivery withdrawal = Event(FeedEvent::kWithdraw, Unnumbered(one));
  for (const certs::Claim& claim : driver_.ClaimsOf(Unnumbered(two))) {
    withdrawal.claims.push_back(claim);
  }
  const store::DeliveryAnswer answer = driver_.Accept(withdrawal);
  EXPECT_EQ(answer.verdict, FeedVerdict::kRejected);
  EXPECT_THAT(CodesOf(answer), ElementsAre("RECORD_AMBIGUOUS"));
  EXPECT_FALSE(NewbornOf(a.newborn_id).withdrawn());
  EXPECT_FALSE(NewbornOf(b.newborn_id).withdrawn());
}

TEST_F(DoubtsTest, AWithdrawalFromBeforeTheRecordChangesNothing) {
  const store::AcceptDelivery early = Event(FeedEvent::kWithdraw, Birth());
  clock_.Advance(absl::Seconds(1));
  const store::DeliveryAnswer record = driver_.Accept(Birth());
  EXPECT_THAT(CodesOf(driver_.Accept(early)), ElementsAre("OLDER_THAN_CURRENT"));
  EXPECT_FALSE(NewbornOf(record.newborn_id).withdrawn());
}

// A reserved issue is finished; a case that is only approved is not, and holds no withdrawal.
// Rule D15.
TEST_F(DoubtsTest, ARecordIsWithdrawnUnlessItsIssueIsReserved) {
  Birth one, two;
  two.mother = "PASSPORT2", two.record = "B2";
  const store::DeliveryAnswer a = driver_.Accept(one), b = driver_.Accept(two);
  driver_.ApprovedCase(a);
  driver_.Reserved(driver_.ApprovedCase(b));
  driver_.Accept(Event(FeedEvent::kWithdraw, one));
  driver_.Accept(Event(FeedEvent::kWithdraw, two));
  EXPECT_TRUE(NewbornOf(a.newborn_id).withdrawn());
  EXPECT_FALSE(NewbornOf(b.newborn_id).withdrawn());
}

TEST_F(DoubtsTest, ASlotWhoseCaseIsGoneIsNotReserved) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto approved = driver_.ApprovedCase(delivery);
  ErasePast(Family::kCases, store::IdKey(approved.command.case_id));
  driver_.Accept(Event(FeedEvent::kWithdraw, Birth()));
  EXPECT_TRUE(NewbornOf(delivery.newborn_id).withdrawn());
}

TEST_F(DoubtsTest, AnAliasNamesBothNumbers) {
  store::AcceptDelivery without_gone = Alias("GONE", "B2"), without_survivor = Alias("GONE", "B2");
  without_gone.alias_claim.reset();
  without_survivor.claims.clear();
  for (const store::AcceptDelivery& command : {without_gone, without_survivor}) {
    const store::DeliveryAnswer answer = driver_.Accept(command);
    EXPECT_EQ(answer.verdict, FeedVerdict::kRejected);
    EXPECT_THAT(CodesOf(answer), ElementsAre("ALIAS_INCOMPLETE"));
  }
}

TEST_F(DoubtsTest, WhatTheConnectorRejectedMakesNoNewborn) {
  const store::DeliveryAnswer answer = driver_.Accept(Event(FeedEvent::kRejected, Birth()));
  EXPECT_EQ(answer.verdict, FeedVerdict::kRejected);
  EXPECT_TRUE(answer.newborn_id.empty());
}

}  // namespace
}  // namespace birthseal::tests
