// SPDX-License-Identifier: Apache-2.0
// What a message says about the outcome (分娩结局): a value only where a table gives it.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/clients/connect/birth_text.h"

namespace birthseal::connect::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::Codes;
using tests::ReadOne;
using tests::With;

constexpr char kDiagnosis[] = "DG1|1||Z38.000\r";
constexpr char kDelivery[] = "DE06.00.026.00^分娩结局";
constexpr char kLiving[] = "73757-7^Infant living at time of report^LN";

std::string Answer(const std::string& question, const std::string& answer) {
  return absl::StrCat("OBX|9|CWE|", question, "||", answer, "\r");
}
std::string Diagnosed(const std::string& code) { return absl::StrCat("DG1|1||", code, "\r"); }
// The birth with these segments in place of its diagnosis.
std::string Said(const std::string& segments) {
  return absl::StrReplaceAll(tests::kBirth, {{kDiagnosis, segments}});
}
// PID-29 and PID-30 are the moment of death and its indicator.
std::string Dead(const std::string& birth, const std::string& indicator,
                 const std::string& moment = "") {
  return With("|N|1\r", absl::StrCat("|N|1||||", moment, "|", indicator, "\r"), birth);
}

void ExpectValue(const std::string& birth, v1::Outcome outcome) {
  const v1::PushDeliveriesRequest push = ReadOne(birth);
  EXPECT_EQ(push.delivery().outcome(), outcome) << birth;
  EXPECT_THAT(Codes(push, false), IsEmpty()) << birth;
  EXPECT_THAT(push.cleared_fields(), IsEmpty()) << birth;
}

// No value, neither kept nor new, and a person looks.
void ExpectReview(const std::string& birth, const std::string& code, const std::string& location) {
  const v1::PushDeliveriesRequest push = ReadOne(birth);
  EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << birth;
  EXPECT_EQ(push.delivery().outcome(), v1::OUTCOME_UNSPECIFIED) << birth;
  EXPECT_THAT(push.cleared_fields(), ElementsAre("outcome")) << birth;
  ASSERT_THAT(Codes(push, false), ElementsAre(code)) << birth;
  EXPECT_THAT(Codes(push, true), IsEmpty()) << birth;
  EXPECT_EQ(push.defects(0).location(), location) << birth;
}

TEST(OutcomeTest, WordsAndCodesOfTheTableGiveTheirValue) {
  for (const char* live : {"活产", "LIVE", "LiveBirth", "Live birth", "live-born", "1", "1^活产",
                           "01^活产", "^活产", "281050002^Livebirth^SCT"}) {
    ExpectValue(Said(Answer(kDelivery, live)), v1::OUTCOME_LIVE);
  }
  for (const char* live : {"LA33-6", "LA33-6^Yes^LN", "Y", "Yes", "是", "活产"}) {
    ExpectValue(Said(Answer(kLiving, live)), v1::OUTCOME_LIVE);
  }
  for (const char* dead :
       {"死产", "死胎", "STILLBIRTH", "Stillborn", "Fetal death", "237364002^Stillbirth^SCT"}) {
    ExpectValue(Said(Answer(kDelivery, dead)), v1::OUTCOME_STILLBIRTH);
    ExpectValue(Said(Answer(kLiving, dead)), v1::OUTCOME_STILLBIRTH);
  }
}

// Rule D24.
TEST(OutcomeTest, WhatNoTableHoldsGoesToReviewAndIsNoValue) {
  for (const char* unknown : {"01", "02", "2", "9", "UNK", "U", "LA4489-6", "Y", "活", "非活产",
                              "活产?", "活产/死产", "NOT LIVE", "ALIVE?", "CD:151"}) {
    ExpectReview(Said(Answer(kDelivery, unknown)), "OUTCOME_NOT_CODABLE", "OBX-9");
  }
  for (const char* unknown : {"01", "1", "LA4489-6^Unknown^LN", "UNK", "LA46-8^Other^LN"}) {
    ExpectReview(Said(Answer(kLiving, unknown)), "OUTCOME_NOT_CODABLE", "OBX-9");
  }
  // Beside a diagnosis that is known, the unknown one still is not heard as agreement.
  ExpectReview(Said(Answer(kDelivery, "01") + kDiagnosis), "OUTCOME_NOT_CODABLE", "OBX-9");
}

TEST(OutcomeTest, ABabyThatNoLongerLivesWasNotForThatReasonStillborn) {
  for (const char* no : {"LA32-8", "LA32-8^No^LN", "N", "No", "否"}) {
    ExpectReview(Said(Answer(kLiving, no)), "OUTCOME_NOT_DECIDABLE", "OBX-9");
    ExpectReview(Said(Answer(kLiving, no) + kDiagnosis), "OUTCOME_CONTRADICTS", "DG1-1");
    ExpectValue(Said(Answer(kLiving, no) + Diagnosed("Z37.1")), v1::OUTCOME_STILLBIRTH);
  }
}

TEST(OutcomeTest, DiagnosesAreReadToTheCharacterThatDecides) {
  for (const char* live : {"Z38", "Z38.0", "Z38.000", "z38.3", "Z380", "Z38.800x001", "Z37.0",
                           "Z37.000", "Z37.2", "Z37.5", "Z37.50", "LOCAL7^单胎^H1^Z38.0^^I10"}) {
    ExpectValue(Said(Diagnosed(live)), v1::OUTCOME_LIVE);
  }
  for (const char* dead : {"Z37.1", "Z37.100", "Z371", "Z37.4", "Z37.7", "P95", "P95.x00"}) {
    ExpectValue(Said(Diagnosed(dead)), v1::OUTCOME_STILLBIRTH);
  }
  // Some of several, or not said: not to be decided for one baby.
  for (const char* open : {"Z37", "Z37.3", "Z37.300", "Z37.6", "Z37.60", "Z37.9", "Z37.8"}) {
    ExpectReview(Said(Diagnosed(open)), "OUTCOME_NOT_DECIDABLE", "DG1-1");
  }
  for (const char* broken : {"Z38?", "Z38/Z37.1", "Z37活产"}) {
    ExpectReview(Said(Diagnosed(broken)), "OUTCOME_NOT_CODABLE", "DG1-1");
  }
  for (const char* other : {"P59.900", "Q21.1", "Z39.0", "O80.0", ""}) {
    ExpectValue(Said(Diagnosed(other)), v1::OUTCOME_UNSPECIFIED);
  }
}

// Rule D24.
TEST(OutcomeTest, StatementsThatContradictLeaveItOpen) {
  const std::string live = Answer(kDelivery, "活产"), dead = Answer(kDelivery, "死产");
  for (const std::string& segments :
       {dead + kDiagnosis, live + Diagnosed("Z37.1"), Diagnosed("Z38.0") + Diagnosed("Z37.1"),
        Diagnosed("Z37.1") + Diagnosed("Z38.0"), live + Diagnosed("P95")}) {
    ExpectReview(Said(segments), "OUTCOME_CONTRADICTS", "DG1-1");
  }
  for (const std::string& segments :
       {live + dead, dead + live, Answer(kDelivery, "活产~死产"), Answer(kDelivery, "1^死产"),
        Answer(kLiving, "LA33-6^No^LN"), Answer(kLiving, "Y") + Answer(kDelivery, "死产")}) {
    ExpectReview(Said(segments), "OUTCOME_CONTRADICTS", "OBX-9");
  }
  ExpectValue(Said(live + kDiagnosis), v1::OUTCOME_LIVE);
}

TEST(OutcomeTest, AnIndicatedDeathIsNoLiveBirth) {
  ExpectReview(Dead(Said(kDiagnosis), "Y"), "OUTCOME_CONTRADICTS", "PID-30");
  ExpectReview(Dead(Said(kDiagnosis), "", "202603051500"), "OUTCOME_CONTRADICTS", "PID-29");
  ExpectReview(Dead(Said(Diagnosed("O80.0")), "Y"), "OUTCOME_NOT_DECIDABLE", "PID-30");
  ExpectReview(Dead(Said(kDiagnosis), "CD:684730"), "OUTCOME_NOT_CODABLE", "PID-30");
  ExpectValue(Dead(Said(Diagnosed("Z37.1")), "Y", "202603051400"), v1::OUTCOME_STILLBIRTH);
  for (const char* no : {"N", "NO", "n", "\"\"", "否"}) {
    ExpectValue(Dead(Said(kDiagnosis), no), v1::OUTCOME_LIVE);
  }
}

TEST(OutcomeTest, WhateverSpeaksOfDeathBesideALiveBirthContradictsIt) {
  for (const char* heard :
       {"|^死胎^|死胎", "|X|死胎", "|X00^x^ICD10~P95", "|O36.4", "|o36.400x001", "|ICD10:P95",
        "|ICD10 P95", "|Ｐ95", "|ｐ９５．ｘ００", "|Z00&P95", "|^^P95", "|KD3B.Z", "|Z37.3",
        "|Z37.60", "|P95?", "|X^Intra-uterine Fetal Demise", "|X^still born", "|X^胎死宫内"}) {
    ExpectReview(Said(absl::StrCat(kDiagnosis, "DG1|2|", heard, "\r")), "OUTCOME_CONTRADICTS",
                 "DG1-2");
  }
  for (const char* heard :
       {"L77^新生儿情况^H1||死产", "L77||活产~L5^^^^死产", "L77^结局||新生儿死亡",
        "DE06.00.026.00^分娩结局||1&死产", "69428-1^Death^LN||Y", "L78^是否死亡||有",
        "69428-1^Death^LN||20260306"}) {
    ExpectReview(Said(absl::StrCat(kDiagnosis, "OBX|9|ST|", heard, "\r")), "OUTCOME_CONTRADICTS",
                 "OBX-9");
  }
  ExpectReview(Said(absl::StrCat(kDiagnosis, "NTE|1||产妇入院时已死胎\r")), "OUTCOME_CONTRADICTS",
               "NTE-1");
  ExpectReview(Said(absl::StrCat(kDiagnosis, "ZB1|7|x^死产\r")), "OUTCOME_CONTRADICTS", "ZB1-2");
  for (const char* died : {"20", "20^Expired", "99^死亡"}) {
    ExpectReview(Said(absl::StrCat(kDiagnosis, "PV1|1|I", std::string(34, '|'), died, "\r")),
                 "OUTCOME_CONTRADICTS", "PV1-36");
  }
}

TEST(OutcomeTest, WordsOfAnyPlaceTakeAValueAwayAndNeverGiveOne) {
  ExpectReview(Said("DG1|1||^死胎^|死胎\r"), "OUTCOME_NOT_DECIDABLE", "DG1-1");
  ExpectReview(Said("OBX|9|ST|L77^新生儿情况||死产\r"), "OUTCOME_NOT_DECIDABLE", "OBX-9");
  ExpectReview(Said(Diagnosed("P95") + "OBX|9|ST|L77^新生儿情况||活产\r"), "OUTCOME_CONTRADICTS",
               "OBX-9");
  ExpectValue(Said("OBX|9|ST|L77^新生儿情况||活产\r"), v1::OUTCOME_UNSPECIFIED);
  ExpectValue(Said("DG1|1||^活产|活产\r"), v1::OUTCOME_UNSPECIFIED);
  ExpectValue(Said(Diagnosed("P95") + "OBX|9|ST|L77^新生儿情况||死产\r"), v1::OUTCOME_STILLBIRTH);
}

TEST(OutcomeTest, NamesPlacesAndQuestionsThatAreDeniedSpeakOfNoDeath) {
  for (const char* quiet :
       {"PV1|1|I|P95^301\r", "OBX|9|ST|L78^是否死亡||否\r", "OBX|9|ST|69428-1^Death^LN||N\r",
        "OBX|9|ST|L78^是否死亡||\r", "NK1|2|死^亡|FTH\r", "OBX|9|ED|L80^PDF||^^^Base64^AP95/死产\r",
        "DG1|2||XP95\r", "OBX|9|ST|L79^评分||10\r"}) {
    ExpectValue(Said(absl::StrCat(kDiagnosis, quiet)), v1::OUTCOME_LIVE);
  }
}

TEST(OutcomeTest, WhatIsWrongOrDeletedCountsForNothing) {
  const std::string deleted = "DG1|2||P95" + std::string(18, '|') + "D\r";
  ExpectValue(Said(kDiagnosis + deleted), v1::OUTCOME_LIVE);
  ExpectValue(Said(deleted), v1::OUTCOME_UNSPECIFIED);
  for (const char* status : {"W", "D", "X", "w"}) {
    const auto answered = [&](const char* value) {
      return Answer(kDelivery, absl::StrCat(value, "||||||", status));
    };
    ExpectValue(Said(kDiagnosis + answered("死产")), v1::OUTCOME_LIVE);
    ExpectValue(Said(answered("活产")), v1::OUTCOME_UNSPECIFIED);
    ExpectValue(Said(answered("\"\"") + kDiagnosis), v1::OUTCOME_LIVE);
    ExpectValue(Said(answered("活产") + Diagnosed("Z37.1")), v1::OUTCOME_STILLBIRTH);
    EXPECT_EQ(ReadOne(With("||3250|g", absl::StrCat("||3250|g|||||", status)))
                  .delivery()
                  .birth_weight_g(),
              0);
  }
  for (const char* status : {"F", "C", "P", ""}) {
    ExpectValue(Said(Answer(kDelivery, absl::StrCat("活产||||||", status))), v1::OUTCOME_LIVE);
  }
}

TEST(OutcomeTest, NullClearsAndSilenceKeeps) {
  const v1::PushDeliveriesRequest null = ReadOne(Said(Answer(kDelivery, "\"\"")));
  EXPECT_EQ(null.delivery().outcome(), v1::OUTCOME_UNSPECIFIED);
  EXPECT_THAT(null.cleared_fields(), ElementsAre("outcome"));
  EXPECT_EQ(null.defects_size(), 0);
  ExpectValue(Said(""), v1::OUTCOME_UNSPECIFIED);
  ExpectValue(Said(Answer(kDelivery, "")), v1::OUTCOME_UNSPECIFIED);
}

}  // namespace
}  // namespace birthseal::connect::hl7
