// SPDX-License-Identifier: Apache-2.0
// One row for each condition of a clause: one field of a case without defect is changed, and the
// codes are told exactly. rules_test.cc has the scenarios.
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"

namespace birthseal::certs {
namespace {

using Codes = std::vector<std::string>;

struct Row {
  const char* what;
  std::function<void(TestCase&)> change;
  Codes codes;  // exactly what blocks
  Codes notes = {};
};

// `start` makes of the good case the one that the rows begin with.
void ExpectCodes(const std::function<void(TestCase&)>& start, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    TestCase test;
    start(test);
    row.change(test);
    EXPECT_THAT(test.Codes(), testing::UnorderedElementsAreArray(row.codes)) << row.what;
    EXPECT_THAT(test.Notes(), testing::UnorderedElementsAreArray(row.notes)) << row.what;
  }
}
void FirstIssue(TestCase&) {}

// Rules B8, B9, B10.
TEST(RuleRowsTest, MeasuresOfTheBirth) {
  ExpectCodes(
      FirstIssue,
      {{"300 g", [](TestCase& t) { t.delivery.birth_weight_g = 300; }, {}},
       {"299 g", [](TestCase& t) { t.delivery.birth_weight_g = 299; }, {}, {"WEIGHT_IMPLAUSIBLE"}},
       {"8000 g", [](TestCase& t) { t.delivery.birth_weight_g = 8000; }, {}},
       {"8001 g",
        [](TestCase& t) { t.delivery.birth_weight_g = 8001; },
        {},
        {"WEIGHT_IMPLAUSIBLE"}},
       {"no weight", [](TestCase& t) { t.delivery.birth_weight_g = 0; }, {"WEIGHT_MISSING"}},
       {"20.0 cm", [](TestCase& t) { t.delivery.birth_length_mm = 200; }, {}},
       {"19.9 cm",
        [](TestCase& t) { t.delivery.birth_length_mm = 199; },
        {},
        {"LENGTH_IMPLAUSIBLE"}},
       {"70.0 cm", [](TestCase& t) { t.delivery.birth_length_mm = 700; }, {}},
       {"70.1 cm",
        [](TestCase& t) { t.delivery.birth_length_mm = 701; },
        {},
        {"LENGTH_IMPLAUSIBLE"}},
       {"no length", [](TestCase& t) { t.delivery.birth_length_mm = 0; }, {"LENGTH_MISSING"}},
       {"20 weeks", [](TestCase& t) { t.delivery.gestation_weeks = 20; }, {}},
       {"19 weeks",
        [](TestCase& t) { t.delivery.gestation_weeks = 19; },
        {},
        {"GESTATION_IMPLAUSIBLE"}},
       {"45 weeks", [](TestCase& t) { t.delivery.gestation_weeks = 45; }, {}},
       {"46 weeks",
        [](TestCase& t) { t.delivery.gestation_weeks = 46; },
        {},
        {"GESTATION_IMPLAUSIBLE"}},
       {"no weeks", [](TestCase& t) { t.delivery.gestation_weeks = 0; }, {"GESTATION_MISSING"}},
       {"six days", [](TestCase& t) { t.delivery.gestation_days = 6; }, {}},
       {"seven days",
        [](TestCase& t) { t.delivery.gestation_days = 7; },
        {"GESTATION_DAYS_INVALID"}},
       {"days below none",
        [](TestCase& t) { t.delivery.gestation_days = -1; },
        {"GESTATION_DAYS_INVALID"}}});
}

// Rules B6, B7.
TEST(RuleRowsTest, SexAndOrderOfTheBirth) {
  ExpectCodes(
      FirstIssue,
      {{"a boy", [](TestCase& t) { t.delivery.sex = Sex::kMale; }, {}},
       {"sex not known", [](TestCase& t) { t.delivery.sex = Sex::kUnknown; }, {"SEX_NOT_REPORTED"}},
       {"sex not stated",
        [](TestCase& t) { t.delivery.sex = Sex::kNotStated; },
        {"SEX_NOT_REPORTED"}},
       {"nothing of number and order",
        [](TestCase& t) { t.delivery.plurality = t.delivery.birth_order = 0; },
        {}},
       {"one without order", [](TestCase& t) { t.delivery.birth_order = 0; }, {}},
       {"first, number not known", [](TestCase& t) { t.delivery.plurality = 0; }, {}},
       {"second, number not known",
        [](TestCase& t) {
          t.delivery.plurality = 0;
          t.delivery.birth_order = 2;
        },
        {"PLURALITY_MISSING"}},
       {"second of one",
        [](TestCase& t) { t.delivery.birth_order = 2; },
        {"BIRTH_ORDER_EXCEEDS_PLURALITY"}},
       {"a twin without order",
        [](TestCase& t) {
          t.delivery.plurality = 2;
          t.delivery.birth_order = 0;
        },
        {"BIRTH_ORDER_MISSING"}},
       {"order below none",
        [](TestCase& t) { t.delivery.birth_order = -1; },
        {"BIRTH_ORDER_INVALID"}},
       {"number below none",
        [](TestCase& t) { t.delivery.plurality = -1; },
        {"BIRTH_ORDER_INVALID"}}});
}

// Rules B11, B13.
TEST(RuleRowsTest, PlaceOfTheBirth) {
  const auto code = [](const char* text) {
    return [text](TestCase& t) { t.delivery.birth_place.code = text; };
  };
  ExpectCodes(FirstIssue,
              {{"no code", code(""), {}},
               {"five digits", code("99999"), {"BIRTH_PLACE_CODE_INVALID"}},
               {"seven digits", code("9999999"), {"BIRTH_PLACE_CODE_INVALID"}},
               {"a letter", code("99999A"), {"BIRTH_PLACE_CODE_INVALID"}},
               {"no city", [](TestCase& t) { t.delivery.birth_place.city.clear(); }, {}},
               {"no county", [](TestCase& t) { t.delivery.birth_place.county.clear(); }, {}},
               {"neither",
                [](TestCase& t) {
                  t.delivery.birth_place.city.clear();
                  t.delivery.birth_place.county.clear();
                },
                {"BIRTH_PLACE_MISSING"}},
               {"no province",
                [](TestCase& t) { t.delivery.birth_place.province.clear(); },
                {"BIRTH_PLACE_MISSING"}},
               {"a county body of another place",
                [](TestCase& t) {
                  t.delivery.facility_code = "12990103FAKE00003W";
                  t.institution.managing = true;
                },
                {}},
               {"entered by hand, with its facility",
                [](TestCase& t) { t.delivery.source = DeliverySource::kManual; },
                {}},
               {"reported by a hospital without its name",
                [](TestCase& t) { t.delivery.facility_name.clear(); },
                {}}});
}

// Rule B1.
TEST(RuleRowsTest, TimeOfBirthAndSignature) {
  ExpectCodes(FirstIssue, {{"born this second",
                            [](TestCase& t) { t.now = absl::CivilSecond(2026, 3, 5, 14, 8, 0); },
                            {}},
                           {"without minutes",
                            [](TestCase& t) { t.delivery.birth_time_known = false; },
                            {"BIRTH_TIME_WITHOUT_MINUTES"}},
                           {"without a day",
                            [](TestCase& t) {
                              t.delivery.birth_time_known = false;
                              t.delivery.birth_time = absl::CivilMinute();
                            },
                            {"BIRTH_TIME_MISSING"}},
                           {"no signature",
                            [](TestCase& t) { t.delivery.signed_at = absl::CivilSecond(); },
                            {},
                            {"MIDWIFE_SIGNATURE_NOT_REPORTED"}}});
}

// Rule T3.
TEST(RuleRowsTest, RecordsAfterTheDaysOfTheProfile) {
  const auto aged = [](TestCase& t) {
    t.profile.explain_after_days.reset();
    t.profile.records_after_days = 90;
    t.now = absl::CivilSecond(absl::CivilDay(t.delivery.birth_time) + 90) + 3600;
  };
  ExpectCodes(aged,
              {{"90 days", [](TestCase&) {}, {}},
               {"91 days", [](TestCase& t) { t.now += 24 * 3600; }, {"MEDICAL_RECORD_MISSING"}},
               {"with the record",
                [](TestCase& t) {
                  t.now += 24 * 3600;
                  t.Bring(EvidenceKind::kMedicalRecord);
                },
                {}}});
}

// Rule P1.
TEST(RuleRowsTest, TheMotherOfTheRecordIsTheMotherOfTheCase) {
  ExpectCodes(
      FirstIssue,
      {{"no name in the record",
        [](TestCase& t) { t.delivery.mother_name.clear(); },
        {"MOTHER_NAME_MISSING"}},
       {"no number in the record", [](TestCase& t) { t.delivery.mother_id_number.clear(); }, {}},
       {"a number in another spelling",
        [](TestCase& t) { t.delivery.mother_id_number.insert(6, " "); },
        {}},
       {"a mother without a name",
        [](TestCase& t) { t.application.mother.name.clear(); },
        {"MOTHER_INCOMPLETE", "ID_MISMATCH"}},
       {"a mother without a number",
        [](TestCase& t) { t.application.mother.id_number.clear(); },
        {"MOTHER_INCOMPLETE", "ID_MISMATCH"}}});
}

// Rules I6, P11.
TEST(RuleRowsTest, SixFieldsOfAParent) {
  const auto father = [](const std::function<void(Parent&)>& change) {
    return [change](TestCase& t) { change(*t.application.father); };
  };
  ExpectCodes(
      FirstIssue,
      {{"no ethnicity", father([](Parent& p) { p.ethnicity.clear(); }), {}},
       {"no nationality", father([](Parent& p) { p.nationality.clear(); }), {"FATHER_INCOMPLETE"}},
       {"no address", father([](Parent& p) { p.address.clear(); }), {"FATHER_INCOMPLETE"}},
       {"no type", father([](Parent& p) { p.id_type = IdType::kNone; }), {"FATHER_INCOMPLETE"}},
       {"an age that the number gives", father([](Parent& p) { p.age = 0; }), {}},
       {"an age that no number gives",
        father([](Parent& p) {
          p.age = 0;
          p.id_type = IdType::kPassport;
          p.id_number = "E12345678";
        }),
        {"FATHER_INCOMPLETE"}},
       {"both parents of one number",
        [](TestCase& t) {
          t.application.father->id_type = t.application.mother.id_type = IdType::kPassport;
          t.application.father->id_number = t.application.mother.id_number = "E12345678";
          t.delivery.mother_id_number = "E12345678";
        },
        {"PARENTS_SHARE_ID"}},
       {"one number of two kinds of document",
        [](TestCase& t) {
          t.application.mother.id_type = IdType::kPassport;
          t.application.father->id_type = IdType::kOther;
          t.application.father->id_number = t.application.mother.id_number = "E12345678";
          t.delivery.mother_id_number = "E12345678";
        },
        {}},
       {"neither with a number",
        [](TestCase& t) {
          t.application.mother.id_number.clear();
          t.application.father->id_number.clear();
          t.application.father->id_type = IdType::kCitizenId;
          t.delivery.mother_id_number.clear();
        },
        {"MOTHER_INCOMPLETE", "FATHER_INCOMPLETE"}}});
}

// Without a number that gives a birth date, the age is the one that is told.
// Rule P8.
TEST(RuleRowsTest, AgesOfParentsHaveTheirEnds) {
  struct Age {
    int mother, father;
    Codes codes, notes;
  };
  const Age ages[] = {{9, 30, {"MOTHER_AGE_IMPLAUSIBLE"}, {}},
                      {10, 30, {}, {"MOTHER_AGE_UNUSUAL"}},
                      {13, 30, {}, {"MOTHER_AGE_UNUSUAL"}},
                      {14, 30, {}, {}},
                      {55, 30, {}, {}},
                      {56, 30, {}, {"MOTHER_AGE_UNUSUAL"}},
                      {70, 30, {}, {"MOTHER_AGE_UNUSUAL"}},
                      {71, 30, {"MOTHER_AGE_IMPLAUSIBLE"}, {}},
                      {28, 9, {"FATHER_AGE_IMPLAUSIBLE"}, {}},
                      {28, 10, {}, {"FATHER_AGE_UNUSUAL"}},
                      {28, 14, {}, {}},
                      {28, 70, {}, {}},
                      {28, 71, {}, {"FATHER_AGE_UNUSUAL"}},
                      {28, 100, {}, {"FATHER_AGE_UNUSUAL"}},
                      {28, 101, {"FATHER_AGE_IMPLAUSIBLE"}, {}}};
  for (const Age& age : ages) {
    TestCase test;
    test.application.mother.id_type = test.application.father->id_type = IdType::kPassport;
    test.application.mother.id_number = test.delivery.mother_id_number = "E12345678";
    test.application.father->id_number = "E12345679";
    test.application.mother.age = age.mother;
    test.application.father->age = age.father;
    EXPECT_THAT(test.Codes(), testing::ElementsAreArray(age.codes)) << age.mother;
    EXPECT_THAT(test.Notes(), testing::ElementsAreArray(age.notes)) << age.father;
  }
}

TEST(RuleRowsTest, AParentOfToday) {
  TestCase test;
  test.application.mother.age = 0;
  test.application.mother.id_number = test.delivery.mother_id_number =
      TestCitizenId(absl::CivilDay(2026, 3, 5), 2);  // born on the day of the birth
  EXPECT_THAT(test.Codes(), testing::ElementsAre("MOTHER_AGE_IMPLAUSIBLE"));
}

// Rule E4.
TEST(RuleRowsTest, ReferencesOfEvidence) {
  const auto reference = [](const std::string& text) {
    return [text](TestCase& t) { t.application.evidence[1].reference = text; };
  };
  ExpectCodes(FirstIssue,
              {{"200 bytes", reference(std::string(200, 'x')), {}},
               {"201 bytes", reference(std::string(201, 'x')), {"EVIDENCE_REFERENCE_INVALID"}},
               {"none", reference(""), {"EVIDENCE_REFERENCE_INVALID"}},
               {"not printable", reference("A\x01"), {"EVIDENCE_REFERENCE_INVALID"}},
               {"no text", reference("A\xff"), {"EVIDENCE_REFERENCE_INVALID"}}});
}

// Rule E7.
TEST(RuleRowsTest, TheInstitutionIsTheOneOfTheCase) {
  ExpectCodes(FirstIssue,
              {{"another",
                [](TestCase& t) { t.application.institution_code = "12990103FAKE00003W"; },
                {"INSTITUTION_MISMATCH"}}});
}

// Rule P3.
TEST(RuleRowsTest, AFirstIssueWithoutAMotherWhereTheProfileAllowsIt) {
  const auto fathers = [](TestCase& t) {
    t.profile.father_only_route = true;
    t.application.mother = Parent();
    t.TakeAway(EvidenceKind::kMotherId);
    t.application.collector = {t.application.father->name, "FATHER", t.application.father->id_type,
                               t.application.father->id_number, ""};
    t.Bring(EvidenceKind::kMotherDeath);
    t.Bring(EvidenceKind::kDnaReport);
  };
  ExpectCodes(fathers, {{"with a DNA report", [](TestCase&) {}, {}},
                        {"without",
                         [](TestCase& t) { t.TakeAway(EvidenceKind::kDnaReport); },
                         {"DNA_REPORT_MISSING"}},
                        {"where no profile allows it",
                         [](TestCase& t) { t.profile.father_only_route = false; },
                         {"MOTHER_NOT_IDENTIFIED", "MOTHER_ID_MISSING"}},
                        {"without a father either",
                         [](TestCase& t) {
                           t.application.father.reset();
                           t.Bring(EvidenceKind::kCollectorId);
                         },
                         {"MOTHER_NOT_IDENTIFIED", "MOTHER_ID_MISSING", "COLLECTOR_IS_NOT_FATHER"}},
                        {"a mother is named after all",
                         [](TestCase& t) { t.application.mother = TestCase().application.mother; },
                         {"MOTHER_ID_MISSING"}}});
}

}  // namespace
}  // namespace birthseal::certs
