// SPDX-License-Identifier: Apache-2.0
// Exchange, replacement and who collects: one row for each condition, the codes told exactly.
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
};

void ExpectCodes(const std::function<void(TestCase&)>& start, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    TestCase test;
    start(test);
    EXPECT_THAT(test.Codes(), testing::IsEmpty()) << row.what;
    row.change(test);
    EXPECT_THAT(test.Codes(), testing::UnorderedElementsAreArray(row.codes)) << row.what;
  }
}

void Damaged(TestCase& test) {
  test.After(CaseKind::kExchange);
  test.application.ground = ExchangeGround::kDamaged;
  test.ReturnOriginals();
}
void Lost(TestCase& test) {
  test.After(CaseKind::kReplacement);
  test.institution.managing = true;
  test.Bring(EvidenceKind::kLossStatement);
  test.Bring(EvidenceKind::kPoliceCheckReply, "NOT_REGISTERED");
}

// Rules X5, X6.
TEST(ExchangeRowsTest, ADamagedCertificateOpensNoContent) {
  const auto mother = [](const std::function<void(Parent&)>& change) {
    return [change](TestCase& t) { change(t.application.mother); };
  };
  const Codes parents = {"PARENT_CHANGE_NOT_COVERED"};
  ExpectCodes(
      Damaged,
      {{"another address", mother([](Parent& p) { p.address = "示例省示例市虚构县新路2号"; }), {}},
       {"the number in another spelling",
        mother([](Parent& p) { p.id_number.insert(6, "-"); }),
        {"ID_NUMBER_INVALID"}},
       {"another name of the mother",
        [](TestCase& t) { t.application.mother.name = t.delivery.mother_name = "甄另名"; },
        parents},
       {"another document of the mother",
        [](TestCase& t) { t.application.mother.id_type = IdType::kHouseholdBook; }, parents},
       {"another number of the mother",
        [](TestCase& t) {
          t.application.mother.id_number = t.delivery.mother_id_number =
              TestCitizenId(absl::CivilDay(1997, 6, 1), 4);
        },
        parents},
       {"another name of the father", [](TestCase& t) { t.application.father->name = "贾另名"; },
        parents},
       {"no father any more",
        [](TestCase& t) {
          t.application.father.reset();
          t.Bring(EvidenceKind::kMotherStatement);
        },
        {"PARENT_CHANGE_NOT_COVERED", "SURNAME_OF_NEITHER_PARENT"}},
       {"a father who was not there", [](TestCase& t) { t.predecessor.content.father.reset(); },
        parents},
       {"another name of the child",
        [](TestCase& t) { t.application.newborn_name = "贾改名"; },
        {"NAME_CHANGE_NOT_COVERED"}}});
}

// Rule X5.
TEST(ExchangeRowsTest, AnErrorOfTheIssuerOpensAllContent) {
  TestCase test;
  Damaged(test);
  test.application.ground = ExchangeGround::kIssuerError;
  test.Bring(EvidenceKind::kErrorProof);
  test.application.newborn_name = "贾改名";
  test.application.father->name = "贾另名";
  EXPECT_THAT(test.Codes(), testing::IsEmpty());
}

// Rules X3, X4.
TEST(ExchangeRowsTest, ItGivesUpTheOneValidCertificateAtItsIssuer) {
  ExpectCodes(Damaged, {{"another number",
                         [](TestCase& t) { t.application.predecessor_number = "X999900002"; },
                         {"PREDECESSOR_MISMATCH"}},
                        {"no longer valid",
                         [](TestCase& t) { t.predecessor.valid = false; },
                         {"PREDECESSOR_NOT_VALID"}},
                        {"of another issuer",
                         [](TestCase& t) { t.predecessor.issuer_code = "12990103FAKE00003W"; },
                         {"NOT_ORIGINAL_ISSUER"}},
                        {"of another issuer, by decision alone",
                         [](TestCase& t) {
                           t.predecessor.issuer_code = "12990103FAKE00003W";
                           t.Bring(EvidenceKind::kDecision);
                         },
                         {"NOT_ORIGINAL_ISSUER"}},
                        {"of another issuer, the managing institution without decision",
                         [](TestCase& t) {
                           t.predecessor.issuer_code = "12990103FAKE00003W";
                           t.institution.managing = true;
                         },
                         {"NOT_ORIGINAL_ISSUER"}},
                        {"of another issuer, the managing institution by decision",
                         [](TestCase& t) {
                           t.predecessor.issuer_code = "12990103FAKE00003W";
                           t.institution.managing = true;
                           t.Bring(EvidenceKind::kDecision);
                         },
                         {}}});
}

// Rule X9.
TEST(ReplacementRowsTest, ItRepeatsItsPredecessorOrSaysNothing) {
  const Codes differs = {"REPLACEMENT_CONTENT_DIFFERS"};
  ExpectCodes(Lost, {{"nothing said",
                      [](TestCase& t) {
                        t.application.newborn_name.clear();
                        t.application.mother = Parent();
                        t.application.father.reset();
                      },
                      {}},
                     {"another name of the child",
                      [](TestCase& t) { t.application.newborn_name = "贾改名"; }, differs},
                     {"another name of the mother",
                      [](TestCase& t) { t.application.mother.name = "甄另名"; }, differs},
                     {"another name of the father",
                      [](TestCase& t) { t.application.father->name = "贾另名"; }, differs},
                     {"half a father",
                      [](TestCase& t) {
                        t.application.father.reset();
                        t.application.father_incomplete = true;
                      },
                      differs},
                     {"another number",
                      [](TestCase& t) { t.application.predecessor_number = "X999900002"; },
                      {"PREDECESSOR_MISMATCH"}},
                     {"no longer valid",
                      [](TestCase& t) { t.predecessor.valid = false; },
                      {"PREDECESSOR_NOT_VALID"}},
                     {"of nobody known",
                      [](TestCase& t) { t.has_predecessor = false; },
                      {"PREDECESSOR_UNKNOWN"}}});
}

// Rule X11.
TEST(ReplacementRowsTest, OnlyARegisteredChildGetsTheFirstPageAlone) {
  TestCase test;
  Lost(test);
  EXPECT_THAT(test.Notes(), testing::IsEmpty());
  test.Bring(EvidenceKind::kPoliceCheckReply, "REGISTERED");  // the newer reply
  EXPECT_THAT(test.Notes(), testing::ElementsAre("REPLACEMENT_FRONT_PAGE_ONLY"));
}

// Rule W1.
TEST(CollectorRowsTest, WhoCollectsIsNamedWhole) {
  const auto delegate = [](TestCase& t) {
    t.application.collector = {"代领人", "DELEGATE", IdType::kPassport, "E12345678", ""};
    t.Bring(EvidenceKind::kDelegation);
    t.Bring(EvidenceKind::kCollectorId);
  };
  ExpectCodes(delegate, {{"no name",
                          [](TestCase& t) { t.application.collector.name.clear(); },
                          {"COLLECTOR_INCOMPLETE"}},
                         {"no document",
                          [](TestCase& t) { t.application.collector.id_type = IdType::kNone; },
                          {"COLLECTOR_INCOMPLETE"}},
                         {"no number",
                          [](TestCase& t) { t.application.collector.id_number.clear(); },
                          {"COLLECTOR_INCOMPLETE"}},
                         {"a number that fits no passport",
                          [](TestCase& t) { t.application.collector.id_number = "E1"; },
                          {"ID_NUMBER_INVALID"}},
                         {"no relation",
                          [](TestCase& t) { t.application.collector.relation.clear(); },
                          {"COLLECTOR_RELATION_INVALID"}},
                         {"a relation of no list",
                          [](TestCase& t) { t.application.collector.relation = "AUNT"; },
                          {"COLLECTOR_RELATION_INVALID"}}});
}

// Rule W2.
TEST(CollectorRowsTest, WhoSaysToBeTheMotherIsShe) {
  const auto mother = [](TestCase& t) {
    const Parent& she = t.application.mother;
    t.application.collector = {she.name, "MOTHER", she.id_type, she.id_number, ""};
  };
  ExpectCodes(mother,
              {{"another name",
                [](TestCase& t) { t.application.collector.name = "甄另名"; },
                {"COLLECTOR_IS_NOT_MOTHER"}},
               {"another number",
                [](TestCase& t) { t.application.collector.id_number = "E12345678"; },
                {"COLLECTOR_IS_NOT_MOTHER"}},
               {"no number", [](TestCase& t) { t.application.collector.id_number.clear(); }, {}}});
  const auto lost = [&](TestCase& t) {
    Lost(t);
    mother(t);
  };
  ExpectCodes(
      lost,
      {{"a case that names no mother", [](TestCase& t) { t.application.mother = Parent(); }, {}}});
}

TEST(CollectorRowsTest, WhoSaysToBeTheFatherIsHe) {
  const auto father = [](TestCase& t) {
    const Parent& he = *t.application.father;
    t.application.collector = {he.name, "FATHER", he.id_type, he.id_number, ""};
    t.Bring(EvidenceKind::kMotherDeath);
  };
  const Codes other = {"COLLECTOR_IS_NOT_FATHER"};
  ExpectCodes(
      father,
      {{"another name", [](TestCase& t) { t.application.collector.name = "贾另名"; }, other},
       {"another document",
        [](TestCase& t) { t.application.collector.id_type = IdType::kHouseholdBook; }, other},
       {"another number",
        [](TestCase& t) {
          t.application.collector.id_number = TestCitizenId(absl::CivilDay(1990, 1, 1), 1);
        },
        other}});
}

// Rule W8.
TEST(CollectorRowsTest, WithoutAFatherTheMotherComesHerselfWhereTheProfileSaysSo) {
  const auto guardian = [](TestCase& t) {
    t.NoFather();
    t.application.collector = {"代领人", "GUARDIAN", IdType::kPassport, "E12345678", ""};
    t.Bring(EvidenceKind::kDelegation);
    t.Bring(EvidenceKind::kCollectorId);
  };
  const auto in_person = [](TestCase& t) { t.profile.mother_only_in_person = true; };
  ExpectCodes(guardian, {{"it says so", in_person, {"MOTHER_MUST_COLLECT"}},
                         {"she cannot",
                          [&](TestCase& t) {
                            in_person(t);
                            t.Bring(EvidenceKind::kMotherMissing);
                            t.Bring(EvidenceKind::kGuardianship);
                          },
                          {}}});
}

// Rule E14.
TEST(BackfillRowsTest, WhatThePaperSaysIsNotJudgedAnew) {
  TestCase test;
  test.application.kind = CaseKind::kBackfill;
  test.application.evidence.clear();
  test.Bring(EvidenceKind::kIssuingRecord);
  test.application.newborn_name = "虞Tom";
  test.application.collector = Collector();
  EXPECT_THAT(test.Codes(), testing::IsEmpty());
  test.has_valid_certificate = true;
  EXPECT_THAT(test.Codes(), testing::ElementsAre("CERTIFICATE_EXISTS"));
}

}  // namespace
}  // namespace birthseal::certs
