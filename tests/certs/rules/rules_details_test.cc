// SPDX-License-Identifier: Apache-2.0
// Clauses below the scenarios: names, identity documents, ages, collectors, feed review.
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TestCase Named(const std::string& name) {
  TestCase test;
  test.application.newborn_name = name;
  return test;
}

TEST(NewbornNameTest, ChineseNamesOfEitherParentsSurnameAreFit) {
  for (const char* name : {"贾一", "甄一心", "贾·古丽", "贾玘龴", "贾㐀"}) {
    EXPECT_THAT(Named(name).Codes(), IsEmpty()) << name;
  }
}

// Rule N2.
TEST(NewbornNameTest, OtherCharactersAreReturned) {
  for (const char* name :
       {"贾Tom", "贾1", "贾　一", "贾 一", "贾Ａ", "贾·", "·贾", "贾··一", "贾一,", "贾•一"}) {
    EXPECT_THAT(Named(name).Codes(), Contains("NAME_CHARACTERS")) << name;
  }
}

// Rule N9.
TEST(NewbornNameTest, PrivateUseMalformedAndInvisibleTextIsNeverPrinted) {
  for (const char* name : {"贾\xEE\xA0\x80", "贾\xF3\xB0\x80\x80", "贾\xEF\xBF\xBD", "贾\xFF",
                           "贾\xE2\x80\x8B一", "贾\xED\xA0\x80", "贾\xC0\x80"}) {
    EXPECT_THAT(Named(name).Codes(), Contains("NAME_NOT_PRINTABLE")) << name;
  }
}

// Rule N5.
TEST(NewbornNameTest, RareCharactersOutsideTheBasicPlaneAreAllowedWithANote) {
  const TestCase test = Named("贾𠮷");
  EXPECT_THAT(test.Codes(), IsEmpty());
  EXPECT_THAT(test.Notes(), ElementsAre("NAME_RARE_CHARACTER"));
}

// Rule N6.
TEST(NewbornNameTest, ThirdSurnameNeedsItsGround) {
  TestCase test = Named("虞新生");
  EXPECT_THAT(test.Codes(), ElementsAre("SURNAME_OF_NEITHER_PARENT"));
  test.Bring(EvidenceKind::kNameOverride);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(NewbornNameTest, CompoundSurnameIsOneSurname) {
  TestCase test = Named("欧新生");
  test.application.father->name = "欧阳设想";
  EXPECT_THAT(test.Codes(), ElementsAre("SURNAME_OF_NEITHER_PARENT"));
  test.application.newborn_name = "欧阳新生";
  EXPECT_THAT(test.Codes(), IsEmpty());
}

// Rule N7.
TEST(NewbornNameTest, SurnamesOfEthnicCustomAreNotCompared) {
  TestCase test = Named("次仁多吉");
  test.application.mother.ethnicity = "04";
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(NewbornNameTest, ForeignNameNeedsAForeignParentAndItsGround) {
  TestCase test = Named("Anna Example");
  test.application.father->nationality = "NZL";
  EXPECT_THAT(test.Codes(), Contains("NAME_CHARACTERS"));
  test.Bring(EvidenceKind::kNameOverride);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

// Rule N8.
TEST(NewbornNameTest, HospitalPlaceholderIsReturned) {
  EXPECT_THAT(Named("甄虚构之女").Codes(), ElementsAre("NAME_IS_PLACEHOLDER"));
}

struct Document {
  IdType type;
  const char* number;
  bool fits;
};

// Rule P14.
TEST(IdDocumentTest, EachTypeHasItsSyntax) {
  const std::string citizen = TestCitizenId(absl::CivilDay(1990, 1, 1), 1);
  const Document documents[] = {
      {IdType::kCitizenId, citizen.c_str(), true},
      {IdType::kCitizenId, "999999199001010010", false},
      {IdType::kHouseholdBook, citizen.c_str(), true},
      {IdType::kPassport, "E12345678", true},
      {IdType::kPassport, "e12345678", false},
      {IdType::kPassport, "E123", false},
      {IdType::kHkMacaoPermit, "H12345678", true},
      {IdType::kHkMacaoPermit, "M1234567801", true},
      {IdType::kHkMacaoPermit, "K12345678", false},
      {IdType::kTaiwanPermit, "12345678", true},
      {IdType::kTaiwanPermit, "1234567890A", true},
      {IdType::kTaiwanPermit, "123456789", false},
      {IdType::kHkMoTwResidence, "810000199003071237", true},
      {IdType::kHkMoTwResidence, "11010519491231002X", false},
      {IdType::kForeignResidence, "NZL110099010112", true},
      {IdType::kForeignResidence, "NZL11009901011", false},
      {IdType::kOfficerId, "军字第000001号", true},
      {IdType::kOther, "X-10203", true},
  };
  for (const Document& document : documents) {
    TestCase test;
    test.application.collector = {"代领人", "DELEGATE", document.type, document.number, ""};
    test.Bring(EvidenceKind::kDelegation);
    test.Bring(EvidenceKind::kCollectorId);
    const auto codes = test.Codes();
    EXPECT_EQ(codes.empty(), document.fits) << document.number;
    if (!document.fits) EXPECT_THAT(codes, ElementsAre("ID_NUMBER_INVALID"));
  }
}

// Rule P13.
TEST(IdDocumentTest, DrivingLicenceIsNoProofOfIdentity) {
  TestCase test;
  test.application.father->id_type = IdType::kDrivingLicence;
  EXPECT_THAT(test.Codes(), ElementsAre("ID_TYPE_NOT_ACCEPTED"));
}

// Rule P7.
TEST(ParentTest, StatedAgeMustBeTheComputedOne) {
  TestCase test;
  test.application.mother.age = 29;
  EXPECT_THAT(test.Codes(), ElementsAre("MOTHER_AGE_MISMATCH"));
  test.application.mother.age = 0;
  EXPECT_THAT(test.Codes(), IsEmpty());
}

// Rule P7.
TEST(ParentTest, AgeCountsCompletedYears) {
  TestCase test;
  const std::string number = TestCitizenId(absl::CivilDay(1997, 3, 6), 2);
  test.delivery.mother_id_number = test.application.mother.id_number = number;
  EXPECT_THAT(test.Codes(), IsEmpty());  // 29 tomorrow
  test.delivery.birth_time += 24 * 60;
  test.delivery.signed_at += 24 * 3600;
  EXPECT_THAT(test.Codes(), ElementsAre("MOTHER_AGE_MISMATCH"));
}

// Rule P9.
TEST(ParentTest, MothersNumberIsAWomansAndFathersAMans) {
  TestCase test;
  test.delivery.mother_id_number = test.application.mother.id_number =
      TestCitizenId(absl::CivilDay(1997, 6, 1), 1);
  EXPECT_THAT(test.Codes(), ElementsAre("MOTHER_ID_NOT_FEMALE"));
  test = TestCase();
  test.application.father->id_number = TestCitizenId(absl::CivilDay(1995, 6, 1), 2);
  EXPECT_THAT(test.Codes(), ElementsAre("FATHER_ID_NOT_MALE"));
}

TEST(ParentTest, ImpossibleAgeIsReturnedAndUnusualAgeNoted) {
  TestCase test;
  test.application.mother.age = 0;
  test.delivery.mother_id_number = test.application.mother.id_number =
      TestCitizenId(absl::CivilDay(2020, 6, 1), 2);
  EXPECT_THAT(test.Codes(), ElementsAre("MOTHER_AGE_IMPLAUSIBLE"));
  test.delivery.mother_id_number = test.application.mother.id_number =
      TestCitizenId(absl::CivilDay(1966, 6, 1), 2);
  EXPECT_THAT(test.Codes(), IsEmpty());
  EXPECT_THAT(test.Notes(), ElementsAre("MOTHER_AGE_UNUSUAL"));
}

// Rule P10.
TEST(ParentTest, UnknownCodesAreReturned) {
  TestCase test;
  test.application.mother.nationality = "ZZZ";
  test.application.father->ethnicity = "57";
  EXPECT_THAT(test.Codes(),
              testing::UnorderedElementsAre("NATIONALITY_UNKNOWN", "ETHNICITY_UNKNOWN"));
}

TEST(ParentTest, MotherWithoutFatherCollectsInPersonWhereTheProfileSaysSo) {
  TestCase test;
  test.NoFather();
  test.profile.mother_only_in_person = true;
  EXPECT_THAT(test.Codes(), IsEmpty());
  test.application.collector = {"代领人", "GUARDIAN", IdType::kPassport, "E12345678", ""};
  test.Bring(EvidenceKind::kDelegation);
  test.Bring(EvidenceKind::kCollectorId);
  EXPECT_THAT(test.Codes(), ElementsAre("MOTHER_MUST_COLLECT"));
}

// Rule E6.
TEST(InstitutionTest, LicenceIsTheGate) {
  TestCase test;
  test.institution.licensed = false;
  EXPECT_THAT(test.Codes(), ElementsAre("INSTITUTION_NOT_LICENSED"));
  test.institution.managing = true;
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(EvidenceTest, ReferenceIsBounded) {
  TestCase test;
  test.application.evidence[0].reference = std::string(201, 'x');
  EXPECT_THAT(test.Codes(), ElementsAre("EVIDENCE_REFERENCE_INVALID"));
}

std::vector<std::string> Review(const std::function<void(Delivery&)>& change) {
  Delivery delivery = TestCase().delivery;
  change(delivery);
  std::vector<std::string> codes;
  for (const Defect& defect : CheckDelivery(delivery, absl::CivilSecond(2026, 3, 7, 10, 0, 0))) {
    codes.push_back(defect.code);
  }
  return codes;
}

TEST(FeedReviewTest, CompleteRecordNeedsNone) {
  EXPECT_THAT(Review([](Delivery&) {}), IsEmpty());
}

// Rule B1.
TEST(FeedReviewTest, BirthTimeWithoutMinutesIsNeverPadded) {
  EXPECT_THAT(Review([](Delivery& d) { d.birth_time_known = false; }),
              ElementsAre("BIRTH_TIME_WITHOUT_MINUTES"));
  EXPECT_THAT(Review([](Delivery& d) {
                d.birth_time_known = false;
                d.birth_time = absl::CivilMinute();
              }),
              ElementsAre("BIRTH_TIME_MISSING"));
}

// Rules B3, B10, B12.
TEST(FeedReviewTest, DoubtfulValuesAreSent) {
  EXPECT_THAT(Review([](Delivery& d) { d.mother_id_number.clear(); }),
              ElementsAre("MOTHER_ID_MISSING"));
  EXPECT_THAT(Review([](Delivery& d) { d.mother_id_type = IdType::kNone; }),
              ElementsAre("MOTHER_ID_MISSING"));
  for (const char* wrong : {"999999199706010021", "111111111111111111", "99999919970601"}) {
    EXPECT_THAT(Review([&](Delivery& d) { d.mother_id_number = wrong; }),
                ElementsAre("ID_NUMBER_INVALID"));
  }
  for (const char* nobody : {"待补", "无", "999999********0020"}) {
    EXPECT_THAT(Review([&](Delivery& d) { d.mother_id_number = nobody; }),
                ElementsAre("ID_NUMBER_PLACEHOLDER"));
  }
  EXPECT_THAT(Review([](Delivery& d) { d.mother_id_type = IdType::kOther; }),
              ElementsAre("ID_TYPE_CONTRADICTS_NUMBER"));
  EXPECT_THAT(Review([](Delivery& d) { d.mother_name.clear(); }),
              ElementsAre("MOTHER_NAME_MISSING"));
  EXPECT_THAT(Review([](Delivery& d) { d.mother_name = "甄\xEE\xA0\x80"; }),
              ElementsAre("NAME_NOT_PRINTABLE"));
  EXPECT_THAT(Review([](Delivery& d) { d.birth_weight_g = 60; }),
              ElementsAre("WEIGHT_IMPLAUSIBLE"));
  EXPECT_THAT(Review([](Delivery& d) { d.gestation_weeks = 384; }),
              ElementsAre("GESTATION_IMPLAUSIBLE"));
  EXPECT_THAT(Review([](Delivery& d) { d.gestation_days = 7; }),
              ElementsAre("GESTATION_DAYS_INVALID"));
  EXPECT_THAT(Review([](Delivery& d) { d.birth_time = absl::CivilMinute(2026, 3, 8, 0, 0); }),
              ElementsAre("BIRTH_IN_FUTURE"));
  EXPECT_THAT(Review([](Delivery& d) { d.birth_time = absl::CivilMinute(1926, 3, 5, 0, 0); }),
              ElementsAre("BIRTH_TIME_IMPLAUSIBLE"));
}

// Rule B7.
TEST(FeedReviewTest, TwinsThatContradictThemselvesAreSent) {
  EXPECT_THAT(Review([](Delivery& d) {
                d.plurality = 2;
                d.birth_order = 0;
              }),
              ElementsAre("BIRTH_ORDER_MISSING"));
  EXPECT_THAT(Review([](Delivery& d) { d.birth_order = 2; }),
              ElementsAre("BIRTH_ORDER_EXCEEDS_PLURALITY"));
  EXPECT_THAT(Review([](Delivery& d) {
                d.plurality = 0;
                d.birth_order = 2;
              }),
              ElementsAre("PLURALITY_MISSING"));
}

TEST(FeedReviewTest, WhatMayComeLaterDoesNotHoldTheRecord) {
  EXPECT_THAT(Review([](Delivery& d) {
                d.birth_weight_g = d.birth_length_mm = d.gestation_weeks = 0;
                d.plurality = d.birth_order = 0;
                d.outcome = Outcome::kUnknown;
                d.sex = Sex::kUnknown;
              }),
              IsEmpty());
}

}  // namespace
}  // namespace birthseal::certs
