// SPDX-License-Identifier: Apache-2.0
#include "certs/newborn.h"

#include <map>
#include <set>

#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

constexpr char kKey[] = "index key of the tests";

std::map<ClaimKind, Digest> ClaimMap(const Delivery& delivery) {
  std::map<ClaimKind, Digest> claims;
  for (const Claim& claim : ClaimsOf(kKey, delivery)) claims[claim.kind] = claim.hash;
  return claims;
}

// Rules C1, C2, C3.
TEST(NewbornTest, CompleteRecordMakesThreeClaims) {
  const Delivery delivery = TestCase().delivery;
  const auto claims = ClaimMap(delivery);
  ASSERT_EQ(claims.size(), 3u);
  EXPECT_EQ(claims.at(ClaimKind::kMother),
            MotherClaim(kKey, IdType::kCitizenId, delivery.mother_id_number,
                        absl::CivilDay(2026, 3, 5), 1));
  EXPECT_EQ(claims.at(ClaimKind::kInpatient),
            InpatientClaim(kKey, delivery.facility_code, "I-0001", 1));
  EXPECT_EQ(claims.at(ClaimKind::kBabyRecord),
            BabyRecordClaim(kKey, delivery.facility_code, "B-0001"));
}

TEST(NewbornTest, NumberTypedInAnotherWayIsTheSameMother) {
  const absl::CivilDay day(2026, 3, 5);
  const Digest plain = MotherClaim(kKey, IdType::kPassport, "E12345678X", day, 1);
  for (const char* typed :
       {"e12345678x", " E1234 5678X ", "E-12345678-X", "Ｅ１２３４５６７８Ｘ", "E12345678　X"}) {
    EXPECT_EQ(MotherClaim(kKey, IdType::kPassport, typed, day, 1), plain) << typed;
  }
  EXPECT_EQ(MotherKey(kKey, IdType::kPassport, "e12345678x"),
            MotherKey(kKey, IdType::kPassport, "E12345678X"));
}

TEST(NewbornTest, UnreportedOrderOfASingleBirthCountsAsOne) {
  Delivery delivery = TestCase().delivery;
  const auto first = ClaimMap(delivery);
  delivery.birth_order = 0;
  EXPECT_EQ(ClaimMap(delivery), first);
}

// Rule C8.
TEST(NewbornTest, TwinsDifferInOrderAndUnknownOrderClaimsNoPlace) {
  Delivery delivery = TestCase().delivery;
  delivery.plurality = 2;
  const auto first = ClaimMap(delivery);
  delivery.birth_order = 2;
  const auto second = ClaimMap(delivery);
  EXPECT_NE(first.at(ClaimKind::kMother), second.at(ClaimKind::kMother));
  EXPECT_NE(first.at(ClaimKind::kInpatient), second.at(ClaimKind::kInpatient));
  delivery.birth_order = 0;
  const auto unknown = ClaimMap(delivery);
  EXPECT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown.count(ClaimKind::kBabyRecord), 1u);
}

TEST(NewbornTest, WhatIsNotReportedMakesNoClaim) {
  Delivery delivery = TestCase().delivery;
  delivery.birth_time_known = false;
  EXPECT_EQ(ClaimMap(delivery).count(ClaimKind::kMother), 0u);
  delivery = TestCase().delivery;
  delivery.mother_id_number = " - ";
  EXPECT_EQ(ClaimMap(delivery).count(ClaimKind::kMother), 0u);
  EXPECT_TRUE(ClaimMap(Delivery()).empty());
}

// Rule C7.
TEST(NewbornTest, ANumberThatNamesNobodyMakesNoClaim) {
  Delivery delivery = TestCase().delivery;
  for (const char* nobody : {"待补", "无", "9999991997******", "111111111111111111", "123456789",
                             "999999199706010021"}) {
    for (const IdType type : {IdType::kOther, IdType::kCitizenId, IdType::kHouseholdBook}) {
      delivery.mother_id_type = type;
      delivery.mother_id_number = nobody;
      EXPECT_EQ(ClaimMap(delivery).count(ClaimKind::kMother), 0u) << nobody;
    }
  }
}

// Rule C9.
TEST(NewbornTest, OneCitizenNumberIsOneMotherUnderEveryType) {
  Delivery delivery = TestCase().delivery;
  const auto filed = ClaimMap(delivery);
  const Digest mother = MotherKey(kKey, delivery.mother_id_type, delivery.mother_id_number);
  for (const IdType type : {IdType::kOther, IdType::kHouseholdBook, IdType::kDrivingLicence}) {
    delivery.mother_id_type = type;
    EXPECT_EQ(ClaimMap(delivery).at(ClaimKind::kMother), filed.at(ClaimKind::kMother));
    EXPECT_EQ(MotherKey(kKey, type, delivery.mother_id_number), mother);
  }
}

TEST(NewbornTest, ClaimsOfDifferentKindsOrKeysNeverMeet) {
  std::set<Digest> all = {InpatientClaim(kKey, "F", "1", 1),
                          BabyRecordClaim(kKey, "F", "1"),
                          BabyRecordClaim(kKey, "F1", ""),
                          NumberClaim(kKey, "F1"),
                          MotherKey(kKey, IdType::kOther, "1"),
                          InpatientClaim("other", "F", "1", 1),
                          MotherClaim(kKey, IdType::kOther, "1", absl::CivilDay(2026, 3, 5), 1),
                          MotherClaim(kKey, IdType::kPassport, "1", absl::CivilDay(2026, 3, 5), 1)};
  EXPECT_EQ(all.size(), 8u);
}

TEST(NewbornTest, WhatARecordDoesNotSayIsUnknown) {
  const BirthFacts none = BirthFactsOf(Delivery());
  EXPECT_EQ(none.minute, 0);
  EXPECT_EQ(none.day, 0);
  EXPECT_EQ(none.order, 0);
  EXPECT_EQ(none.plurality, 0);
  EXPECT_EQ(none.sex, 0);
}

TEST(NewbornTest, FactsAreThoseOfTheRecordAndABareDayHasNoMinute) {
  Delivery delivery;
  delivery.birth_time = absl::CivilMinute(1970, 1, 3, 1, 5);
  delivery.birth_order = 2;
  delivery.plurality = 3;
  delivery.sex = Sex::kFemale;
  EXPECT_EQ(BirthFactsOf(delivery).minute, 0);
  delivery.birth_time_known = true;
  const BirthFacts facts = BirthFactsOf(delivery);
  EXPECT_EQ(facts.minute, 2 * 1440 + 65);
  EXPECT_EQ(facts.day, 2);
  EXPECT_EQ(facts.order, 2);
  EXPECT_EQ(facts.plurality, 3);
  EXPECT_EQ(facts.sex, static_cast<int>(Sex::kFemale));
}

BirthFacts Placed(int64_t day, int order, int plurality) {
  BirthFacts facts;
  facts.day = day;
  facts.order = order;
  facts.plurality = plurality;
  return facts;
}

// The record came under the number of the first twin and says the place of the second.
// Rule C16.
TEST(NewbornTest, ARecordIsOfThePlacedSiblingOnlyWhenAllSaysSo) {
  const BirthFacts record = Placed(20517, 2, 2), numbered = Placed(20517, 1, 2), placed = record;
  EXPECT_TRUE(IsOfThePlaced(record, numbered, placed));
  EXPECT_TRUE(IsOfThePlaced(Placed(20518, 2, 2), numbered, placed));  // over midnight
  EXPECT_TRUE(IsOfThePlaced(Placed(20516, 2, 2), numbered, placed));
  EXPECT_TRUE(IsOfThePlaced(record, Placed(20517, 0, 1), placed));  // reported as a single birth
  EXPECT_TRUE(IsOfThePlaced(record, numbered, Placed(20517, 2, 0)));
  EXPECT_FALSE(IsOfThePlaced(Placed(20517, 0, 1), placed, numbered)) << "says no place";
  EXPECT_FALSE(IsOfThePlaced(Placed(20517, 3, 3), numbered, placed)) << "a third place";
  EXPECT_FALSE(IsOfThePlaced(record, Placed(20517, 0, 2), placed)) << "the numbered has no place";
  EXPECT_FALSE(IsOfThePlaced(record, placed, placed)) << "one place for both";
  EXPECT_FALSE(IsOfThePlaced(record, Placed(0, 1, 2), placed)) << "the numbered has no day";
  EXPECT_FALSE(IsOfThePlaced(record, numbered, Placed(0, 2, 2))) << "the placed has no day";
  EXPECT_FALSE(IsOfThePlaced(Placed(1, 2, 2), Placed(0, 1, 2), Placed(1, 2, 2)))
      << "no day is not the day before";
  EXPECT_FALSE(IsOfThePlaced(Placed(1, 2, 2), Placed(1, 1, 2), Placed(0, 2, 2)))
      << "no day is not the day before";
  for (const int64_t days : {-2, 2}) {
    EXPECT_FALSE(IsOfThePlaced(record, Placed(20517 + days, 1, 2), placed)) << days;
    EXPECT_FALSE(IsOfThePlaced(record, numbered, Placed(20517 + days, 2, 2))) << days;
  }
}

}  // namespace
}  // namespace birthseal::certs
