// SPDX-License-Identifier: Apache-2.0
// Who may collect when the mother cannot: she is dead, missing or incapable.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr EvidenceKind kProofs[] = {EvidenceKind::kMotherDeath, EvidenceKind::kMotherMissing,
                                    EvidenceKind::kMotherIncapable};

void FatherCollects(TestCase& test) {
  const Parent& father = *test.application.father;
  test.application.collector = {father.name, "FATHER", father.id_type, father.id_number, ""};
}

void GuardianCollects(TestCase& test) {
  test.application.collector = {"甄外婆", "GUARDIAN", IdType::kCitizenId,
                                TestCitizenId(absl::CivilDay(1965, 1, 1), 2), ""};
  test.Bring(EvidenceKind::kCollectorId);
}

// Rule W4.
TEST(CollectorTest, TheFatherNeedsTheMothersDelegationWhileSheCanGiveIt) {
  TestCase test;
  FatherCollects(test);
  EXPECT_THAT(test.Codes(), ElementsAre("DELEGATION_MISSING"));
  test.Bring(EvidenceKind::kDelegation);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(CollectorTest, WhatIsMissingIsToldWithWhatStandsInItsPlace) {
  TestCase test;
  FatherCollects(test);
  const std::vector<Defect> defects = test.Defects();
  ASSERT_EQ(defects.size(), 1u);
  EXPECT_NE(defects[0].text_zh.find("死亡"), std::string::npos);
  EXPECT_NE(defects[0].text_en.find("MOTHER_DEATH"), std::string::npos);
}

// Rule W4.
TEST(CollectorTest, TheFatherAppliesWithProofThatTheMotherCannot) {
  for (const EvidenceKind proof : kProofs) {
    TestCase test;
    FatherCollects(test);
    test.Bring(proof);
    EXPECT_THAT(test.Codes(), IsEmpty()) << EvidenceKindName(proof);
  }
}

// Rule W6.
TEST(CollectorTest, InHerPlaceComesTheFatherOfTheCaseAndNobodyOfThatName) {
  TestCase test;
  FatherCollects(test);
  test.Bring(EvidenceKind::kMotherDeath);
  test.application.collector.id_number = TestCitizenId(absl::CivilDay(1995, 6, 1), 3);
  EXPECT_THAT(test.Codes(), ElementsAre("COLLECTOR_IS_NOT_FATHER"));
  FatherCollects(test);
  test.NoFather();
  test.TakeAway(EvidenceKind::kMotherStatement);
  test.Bring(EvidenceKind::kCollectorId);
  EXPECT_THAT(test.Codes(), ElementsAre("COLLECTOR_IS_NOT_FATHER"));
}

// Rule W5.
TEST(CollectorTest, AGuardianInHerPlaceProvesTheGuardianship) {
  for (const EvidenceKind proof : kProofs) {
    TestCase test;
    GuardianCollects(test);
    test.Bring(proof);
    EXPECT_THAT(test.Codes(), ElementsAre("GUARDIANSHIP_MISSING")) << EvidenceKindName(proof);
    test.Bring(EvidenceKind::kGuardianship);
    EXPECT_THAT(test.Codes(), IsEmpty()) << EvidenceKindName(proof);
  }
  TestCase test;  // a living mother sends him
  GuardianCollects(test);
  EXPECT_THAT(test.Codes(), ElementsAre("DELEGATION_MISSING"));
  test.Bring(EvidenceKind::kDelegation);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(CollectorTest, WithoutAFatherTheProofStandsForTheMothersStatementAndForHerComing) {
  TestCase test;
  GuardianCollects(test);
  test.NoFather();
  test.TakeAway(EvidenceKind::kMotherStatement);
  test.profile.mother_only_in_person = true;
  test.Bring(EvidenceKind::kMotherMissing);
  test.Bring(EvidenceKind::kGuardianship);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

// Rule W3.
TEST(CollectorTest, ADelegateStillBringsTheAuthorityOfWhoSendsHim) {
  TestCase test;
  GuardianCollects(test);
  test.application.collector.relation = "DELEGATE";
  test.Bring(EvidenceKind::kMotherDeath);
  EXPECT_THAT(test.Codes(), ElementsAre("DELEGATION_MISSING"));
  test.Bring(EvidenceKind::kDelegation);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

TEST(CollectorTest, TheFatherReplacesALostCertificateInHerPlace) {
  TestCase test;
  test.After(CaseKind::kReplacement);
  test.institution.managing = true;
  test.Bring(EvidenceKind::kLossStatement);
  test.Bring(EvidenceKind::kPoliceCheckReply, "REGISTERED");
  FatherCollects(test);
  test.Bring(EvidenceKind::kMotherDeath);
  EXPECT_THAT(test.Codes(), IsEmpty());
  test.application.father.reset();  // a replacement repeats its predecessor
  EXPECT_THAT(test.Codes(), IsEmpty());
}

}  // namespace
}  // namespace birthseal::certs
