// SPDX-License-Identifier: Apache-2.0
// The scenarios of tests/SCENARIOS.md that rules decide, by number, and the clauses beside them.
// Every test starts from a case without defect.
#include "certs/rules/rules.h"

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
using testing::UnorderedElementsAre;

struct Row {
  const char* name;  // a sentence; scenarios start with their number
  std::function<void(TestCase&)> change;
  std::vector<std::string> codes;  // exactly what blocks
};

class RulesTable : public testing::TestWithParam<Row> {};

TEST_P(RulesTable, GivesExactlyTheseDefects) {
  TestCase test;
  GetParam().change(test);
  EXPECT_THAT(test.Codes(), testing::UnorderedElementsAreArray(GetParam().codes));
}

std::string RowName(const testing::TestParamInfo<Row>& info) { return info.param.name; }

void Exchange(TestCase& test, ExchangeGround ground) {
  test.After(CaseKind::kExchange);
  test.application.ground = ground;
  test.ReturnOriginals();
}

void Replacement(TestCase& test) {
  test.After(CaseKind::kReplacement);
  test.institution.managing = true;
  test.institution.code = test.application.institution_code = "12990102FAKE00002B";
  test.Bring(EvidenceKind::kLossStatement);
  test.Bring(EvidenceKind::kPoliceCheckReply, "REGISTERED");
}

void Outside(TestCase& test) {
  test.delivery.source = DeliverySource::kManual;
  test.delivery.facility_name.clear();
}

INSTANTIATE_TEST_SUITE_P(
    FirstIssue, RulesTable,
    testing::Values(
        Row{"Scenario01CompleteCaseIsFit", [](TestCase&) {}, {}},
        // Rule T1.
        Row{"Scenario03LateSignatureDoesNotBlock",
            [](TestCase& t) { t.delivery.signed_at = absl::CivilSecond(2026, 3, 6, 14, 8, 1); },
            {}},
        // Rules I5, N1, P1, P5, E1.
        Row{"Scenario04ThreeDefectsAreToldAtOnce",
            [](TestCase& t) {
              t.application.newborn_name.clear();
              t.application.mother.address.clear();
              t.TakeAway(EvidenceKind::kFatherId);
            },
            {"NEWBORN_NAME_MISSING", "MOTHER_INCOMPLETE", "FATHER_ID_MISSING"}},
        Row{"Scenario05MotherOnlyWithStatementIsFit", [](TestCase& t) { t.NoFather(); }, {}},
        // Rule P4.
        Row{"Scenario05MotherOnlyNeedsHerStatement",
            [](TestCase& t) {
              t.NoFather();
              t.TakeAway(EvidenceKind::kMotherStatement);
            },
            {"MOTHER_STATEMENT_MISSING"}},
        // Rule I6.
        Row{"Scenario06HalfAFatherIsRefused",
            [](TestCase& t) {
              t.application.father->id_number.clear();
              t.application.father->age = 30;
            },
            {"FATHER_INCOMPLETE"}},
        Row{"Scenario06FatherCutToNothingIsStillIncomplete",
            [](TestCase& t) {
              t.NoFather();
              t.application.father_incomplete = true;
            },
            {"FATHER_INCOMPLETE"}},
        // Rules W3, W7.
        Row{"Scenario07DelegateNeedsAuthorityAndDocument",
            [](TestCase& t) {
              t.application.collector = {"代领人", "DELEGATE", IdType::kCitizenId,
                                         TestCitizenId(absl::CivilDay(1990, 1, 1), 1), ""};
            },
            {"DELEGATION_MISSING", "COLLECTOR_ID_MISSING"}},
        Row{"Scenario07DelegateWithAuthorityProceeds",
            [](TestCase& t) {
              t.application.collector = {"代领人", "DELEGATE", IdType::kCitizenId,
                                         TestCitizenId(absl::CivilDay(1990, 1, 1), 1), ""};
              t.Bring(EvidenceKind::kDelegation);
              t.Bring(EvidenceKind::kCollectorId);
            },
            {}},
        // Rule P12.
        Row{"Scenario08OtherNameThanAdmissionIsIdMismatch",
            [](TestCase& t) { t.delivery.mother_name = "甄另名"; },
            {"ID_MISMATCH"}},
        Row{"Scenario08OtherNumberThanAdmissionIsIdMismatch",
            [](TestCase& t) {
              t.delivery.mother_id_number = TestCitizenId(absl::CivilDay(1997, 6, 1), 4);
            },
            {"ID_MISMATCH"}},
        // Rule P12.
        Row{"Scenario08CertificateOfOnePersonSettlesIt",
            [](TestCase& t) {
              t.delivery.mother_name = "甄另名";
              t.Bring(EvidenceKind::kSamePersonCertificate);
            },
            {}},
        Row{"Scenario08DnaReportSettlesIt",
            [](TestCase& t) {
              t.delivery.mother_name = "甄另名";
              t.Bring(EvidenceKind::kDnaReport);
            },
            {}},
        // Rule E8.
        Row{"Scenario09SecondApplicationIsRefused",
            [](TestCase& t) { t.has_valid_certificate = true; },
            {"CERTIFICATE_EXISTS"}},
        Row{"Scenario11SecondTwinIsFit",
            [](TestCase& t) { t.delivery.plurality = t.delivery.birth_order = 2; },
            {}},
        // Rule I12.
        Row{"Scenario11ThirdTwinIsRefused",
            [](TestCase& t) {
              t.delivery.plurality = 2;
              t.delivery.birth_order = 3;
            },
            {"BIRTH_ORDER_EXCEEDS_PLURALITY"}},
        Row{"Scenario14HomeBirthWithDnaAtTheCountyBodyIsFit",
            [](TestCase& t) {
              Outside(t);
              t.institution.out_of_facility = true;
              t.Bring(EvidenceKind::kDnaReport);
            },
            {}},
        // Rule B15.
        Row{"Scenario14HomeBirthNeedsDna",
            [](TestCase& t) {
              Outside(t);
              t.institution.out_of_facility = true;
            },
            {"DNA_REPORT_MISSING"}},
        // Rule B14.
        Row{"Scenario14HomeBirthAtAnOrdinaryHospitalIsRefused",
            [](TestCase& t) {
              Outside(t);
              t.Bring(EvidenceKind::kDnaReport);
            },
            {"NOT_DESIGNATED_OUTSIDE_FACILITY"}},
        // Rule B13.
        Row{"Scenario14AnotherHospitalIsRefused",
            [](TestCase& t) { t.delivery.facility_code = "12990103FAKE00003W"; },
            {"NOT_INSTITUTION_OF_BIRTH"}},
        // Rule B13.
        Row{"Scenario10BothInstitutionsThatReportedTheBirthMayApply",
            [](TestCase& t) {
              t.delivery.facility_code = "12990103FAKE00003W";
              t.institution_reported_birth = true;
            },
            {}},
        // Rules I5, B4.
        Row{"Scenario15StillbirthIsNotEligible",
            [](TestCase& t) { t.delivery.outcome = Outcome::kStillbirth; },
            {"NOT_LIVE_BIRTH"}},
        // Rule B5.
        Row{"Scenario15UnreportedOutcomeIsAsked",
            [](TestCase& t) { t.delivery.outcome = Outcome::kUnknown; },
            {"OUTCOME_NOT_REPORTED"}},
        // Rules I5, P2.
        Row{"Scenario16FoundlingIsNotEligible",
            [](TestCase& t) {
              t.application.mother = Parent();
              t.application.newborn_name = "贾新生";
            },
            {"MOTHER_NOT_IDENTIFIED"}}),
    RowName);

void Aged(TestCase& test, int days) {
  test.now = absl::CivilSecond(absl::CivilDay(test.delivery.birth_time) + days) + 9 * 3600;
}

INSTANTIATE_TEST_SUITE_P(
    Time, RulesTable,
    testing::Values(Row{"ThirtyDaysNeedNoExplanation", [](TestCase& t) { Aged(t, 30); }, {}},
                    // Rule T2.
                    Row{"ThirtyOneDaysNeedAnExplanation",
                        [](TestCase& t) { Aged(t, 31); },
                        {"LATENESS_EXPLANATION_MISSING"}},
                    Row{"ThirtyOneDaysWithExplanationAreFit",
                        [](TestCase& t) {
                          Aged(t, 31);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                        },
                        {}},
                    // Rule T8.
                    Row{"ProfileWithoutLimitsAsksNothing",
                        [](TestCase& t) {
                          Aged(t, 3000);
                          t.profile.explain_after_days.reset();
                          t.profile.dna_after_days.reset();
                          t.profile.police_check_after_days.reset();
                        },
                        {}},
                    Row{"Scenario12OneYearIsStillTheOrdinaryWay",
                        [](TestCase& t) {
                          Aged(t, 365);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                        },
                        {}},
                    // Rule T5.
                    Row{"Scenario12After366DaysThePoliceAreAwaited",
                        [](TestCase& t) {
                          Aged(t, 366);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                        },
                        {"AWAITING_POLICE"}},
                    Row{"Scenario12NotRegisteredIsFitWithoutADnaReport",
                        [](TestCase& t) {
                          Aged(t, 366);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                          t.Bring(EvidenceKind::kPoliceCheckReply, "NOT_REGISTERED");
                        },
                        {}},
                    // Rule T4.
                    Row{"NoAgeAsksForDnaInGuizhou",
                        [](TestCase& t) {
                          t.profile = ShippedProfile("guizhou-2021");
                          Aged(t, 3000);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                          t.Bring(EvidenceKind::kPoliceCheckReply, "NOT_REGISTERED");
                        },
                        {}},
                    // Rule T4.
                    Row{"AProfileWhoseLawDemandsDnaGetsIt",
                        [](TestCase& t) {
                          t.profile.dna_after_days = 180;
                          Aged(t, 181);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                        },
                        {"DNA_REPORT_MISSING"}},
                    // Rule T7.
                    Row{"Scenario12UnknownReplyDecidesNothing",
                        [](TestCase& t) {
                          Aged(t, 366);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                          t.Bring(EvidenceKind::kPoliceCheckReply, "UNKNOWN");
                        },
                        {"POLICE_REPLY_UNDECIDED"}},
                    // Rule T6.
                    Row{"Scenario13RegisteredChildIsRefused",
                        [](TestCase& t) {
                          Aged(t, 366);
                          t.Bring(EvidenceKind::kLatenessExplanation);
                          t.Bring(EvidenceKind::kPoliceCheckReply, "REGISTERED");
                        },
                        {"ALREADY_REGISTERED"}},
                    // Rule B2.
                    Row{"BirthInFutureIsReturned",
                        [](TestCase& t) { t.now = absl::CivilSecond(2026, 3, 5, 14, 7, 59); },
                        {"BIRTH_IN_FUTURE"}}),
    RowName);

INSTANTIATE_TEST_SUITE_P(ExchangeAndReplacement, RulesTable,
                         testing::Values(
                             // Rule X2.
                             Row{"Scenario20ParentsWishIsNoGround",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kParentsWish);
                                   t.application.newborn_name = "贾改名";
                                 },
                                 {"PARENTS_WISH_NOT_A_GROUND"}},
                             // Rule X7.
                             Row{"Scenario20UnregistrableNameNeedsTheAdviceOfThePolice",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kNameUnregistrable);
                                   t.application.newborn_name = "贾改名";
                                 },
                                 {"CHANGE_ADVICE_MISSING"}},
                             Row{"Scenario20AnotherGroundDoesNotOpenTheName",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kDamaged);
                                   t.application.newborn_name = "贾改名";
                                 },
                                 {"NAME_CHANGE_NOT_COVERED"}},
                             Row{"Scenario21AdviceAndPagesAtTheOriginalIssuerAreFit",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kNameUnregistrable);
                                   t.application.newborn_name = "贾改名";
                                   t.Bring(EvidenceKind::kChangeAdvice);
                                 },
                                 {}},
                             // Rule X4.
                             Row{"Scenario21AnotherInstitutionIsRefused",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kNameUnregistrable);
                                   t.Bring(EvidenceKind::kChangeAdvice);
                                   t.predecessor.issuer_code = "12990103FAKE00003W";
                                 },
                                 {"NOT_ORIGINAL_ISSUER"}},
                             // Rule X7.
                             Row{"Scenario34WithoutReturnedPagesNothingIsExchanged",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kDamaged);
                                   t.TakeAway(EvidenceKind::kOriginalFront);
                                   t.TakeAway(EvidenceKind::kOriginalSecond);
                                 },
                                 {"ORIGINAL_FRONT_MISSING", "ORIGINAL_SECOND_MISSING"}},
                             // Rule E3.
                             Row{"RegisteredChildReturnsTheFirstPageOnly",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kDamaged);
                                   t.TakeAway(EvidenceKind::kOriginalSecond);
                                   t.Bring(EvidenceKind::kPoliceCheckReply, "REGISTERED");
                                 },
                                 {}},
                             // Rule X7.
                             Row{"Scenario22ParentChangeNeedsDna",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kParentChange);
                                   t.application.father->name = "贾真父";
                                 },
                                 {"DNA_REPORT_MISSING"}},
                             Row{"Scenario22ParentChangeWithDnaIsFit",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kParentChange);
                                   t.application.father->name = "贾真父";
                                   t.Bring(EvidenceKind::kDnaReport);
                                 },
                                 {}},
                             Row{"ExchangedCertificateCannotBeGivenUpTwice",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kDamaged);
                                   t.predecessor.valid = false;
                                 },
                                 {"PREDECESSOR_NOT_VALID"}},
                             Row{"ExchangeWithoutPredecessorIsReturned",
                                 [](TestCase& t) {
                                   Exchange(t, ExchangeGround::kDamaged);
                                   t.has_predecessor = false;
                                 },
                                 {"PREDECESSOR_UNKNOWN"}},
                             // Rule X1.
                             Row{"ExchangeWithoutGroundIsReturned",
                                 [](TestCase& t) { Exchange(t, ExchangeGround::kNone); },
                                 {"EXCHANGE_GROUND_MISSING"}},
                             Row{"Scenario23ReplacementOfARegisteredChildIsFit", Replacement, {}},
                             // Rule X10.
                             Row{"Scenario23ReplacementWaitsForThePolice",
                                 [](TestCase& t) {
                                   Replacement(t);
                                   t.TakeAway(EvidenceKind::kPoliceCheckReply);
                                 },
                                 {"AWAITING_POLICE"}},
                             // Rules E2, X10.
                             Row{"Scenario23ReplacementNeedsTheLossStatement",
                                 [](TestCase& t) {
                                   Replacement(t);
                                   t.TakeAway(EvidenceKind::kLossStatement);
                                 },
                                 {"LOSS_STATEMENT_MISSING"}},
                             Row{"Scenario23ReplacementWithOtherContentIsReturned",
                                 [](TestCase& t) {
                                   Replacement(t);
                                   t.application.newborn_name = "贾改名";
                                 },
                                 {"REPLACEMENT_CONTENT_DIFFERS"}},
                             // Rule X8.
                             Row{"Scenario24ReplacementByAHospitalIsRefused",
                                 [](TestCase& t) {
                                   Replacement(t);
                                   t.institution.managing = false;
                                 },
                                 {"ONLY_MANAGING_INSTITUTION_REPLACES"}}),
                         RowName);

// Rule T1.
TEST(RulesTest, Scenario03LateSignatureIsFlagged) {
  TestCase test;
  test.delivery.signed_at = absl::CivilSecond(2026, 3, 6, 14, 8, 0);
  EXPECT_THAT(test.Notes(), IsEmpty());
  test.delivery.signed_at = absl::CivilSecond(2026, 3, 6, 14, 8, 1);
  EXPECT_THAT(test.Notes(), ElementsAre("SIGNED_LATE"));
}

// Rule I8.
TEST(RulesTest, Scenario17BirthsBeforeCertificatesAreNotEligible) {
  TestCase test;
  test.Bring(EvidenceKind::kLatenessExplanation);
  test.Bring(EvidenceKind::kPoliceCheckReply, "NOT_REGISTERED");
  test.application.mother.id_number = test.delivery.mother_id_number =
      TestCitizenId(absl::CivilDay(1970, 6, 1), 2);
  test.application.father->id_number = TestCitizenId(absl::CivilDay(1970, 6, 1), 1);
  test.application.mother.age = test.application.father->age = 0;
  test.delivery.birth_time = absl::CivilMinute(1995, 12, 31, 23, 59);
  EXPECT_THAT(test.Codes(), ElementsAre("BORN_BEFORE_CERTIFICATES"));
  test.delivery.birth_time = absl::CivilMinute(1996, 1, 1, 0, 0);
  EXPECT_THAT(test.Codes(), IsEmpty());
  test.profile = ShippedProfile("guizhou-2021");
  test.delivery.birth_time = absl::CivilMinute(1996, 2, 28, 12, 0);
  EXPECT_THAT(test.Codes(), ElementsAre("BORN_BEFORE_CERTIFICATES"));
  test.delivery.birth_time = absl::CivilMinute(1996, 3, 1, 0, 0);
  EXPECT_THAT(test.Codes(), IsEmpty());
}

// Rule X9.
TEST(RulesTest, Scenario23ReplacementRepeatsThePredecessorUnderTheReplacersName) {
  TestCase test;
  Replacement(test);
  test.delivery.birth_weight_g = 3999;  // a later correction of the record changes nothing
  FaceContent expected = test.predecessor.content;
  // 签发机构 must equal the name of the seal, which is the county's 补发专用章.
  expected.issuing_institution_name = test.institution.name;
  expected.issuing_institution_code = test.institution.code;
  EXPECT_EQ(Canonical(test.Compose()), Canonical(expected));
  EXPECT_THAT(test.Notes(), ElementsAre("REPLACEMENT_FRONT_PAGE_ONLY"));
}

// Rule E1.
TEST(RulesTest, EveryDefectHasACodeAFieldAndBothTexts) {
  TestCase test;
  test.application = Application();
  test.delivery = Delivery();
  const std::vector<Defect> defects = test.Defects();
  EXPECT_GT(defects.size(), 10u);
  for (const Defect& defect : defects) {
    EXPECT_FALSE(defect.code.empty() || defect.field.empty() || defect.text_zh.empty() ||
                 defect.text_en.empty())
        << defect.code;
  }
}

// Rules B16, B17.
TEST(RulesTest, FaceTakesBirthFromTheRecordAndComputesAges) {
  TestCase test;
  test.application.mother.age = 0;
  const FaceContent content = test.Compose();
  EXPECT_EQ(content.mother.age, 28);
  EXPECT_EQ(content.father->age, 30);
  EXPECT_EQ(content.newborn_name, "贾新生");
  EXPECT_EQ(content.birth_weight_g, 3250);
  EXPECT_EQ(content.delivery_institution_name, "示例市虚构妇幼保健院");
  EXPECT_EQ(content.issuing_institution_code, test.institution.code);
  Outside(test);
  EXPECT_EQ(test.Compose().delivery_institution_name, "/");
}

}  // namespace
}  // namespace birthseal::certs
