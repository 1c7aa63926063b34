// Whose messages are about a newborn, and which next of kin is the mother.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/connect/birth_text.h"

namespace birthseal::connect::hl7 {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using tests::Codes;
using tests::ReadOne;
using tests::With;

constexpr char kRelation[] = "MTH^Mother^HL70063";

// No weight, no gestation, no number of the mother and no order: nothing but who was born and when.
std::string Bare(const std::string& born, const std::string& more = "") {
  return absl::StrCat(
      "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1\rEVN|A01|20260305145900\r"
      "PID|1||B100^^^H1^MR||云^宝宝||",
      born, "|F\rPV1|1|I\r", more);
}
// The same patient with every mark that a newborn's message can have.
std::string Marked(const std::string& born) {
  return absl::StrCat(
      "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1\rEVN|A01|20260305145900\r"
      "PID|1||P5^^^H1^MR||甲^某||",
      born, "|M|||||||||||||M200^^^H1^MR|||Y|2\rPV1|1|NEWBORN||NB\r",
      "NK1|1|云^朵|MTH^Mother^HL70063\rOBX|1|NM|8339-4^Birth weight^LN||3250|g\r");
}
v1::FeedEvent EventOf(const std::string& message) { return ReadOne(message).event(); }

TEST(RelativesTest, TheMotherIsKnownByTheCodesAndWordsOfTheTables) {
  for (const char* mother :
       {"MTH", "mth^Mother^HL70063", "Mother", "NMTH", "52", "52^母亲^GB/T 4761",
        "52^^GB/T4761-2008", "母亲", "妈妈", "母", "^母亲", "01^妈妈^H1",
        "X^^H1^MTH^Mother^HL70063", "72705000^Mother^SCT"}) {
    const v1::PushDeliveriesRequest push = ReadOne(With(kRelation, mother));
    EXPECT_EQ(push.delivery().mother_name(), "云朵") << mother;
    EXPECT_EQ(push.delivery().mother_id_number(), "11010519491231002X") << mother;
    EXPECT_THAT(Codes(push, false), IsEmpty()) << mother;
  }
}

TEST(RelativesTest, AnUnknownRelationIsNeverGuessedIntoTheMother) {
  for (const char* unknown : {"OTH", "EMC", "55", "58^继母或养母^GB/T 4761", "姥姥", "GRM", "F",
                              "52^^H1", "岳母", "MOTHER IN LAW"}) {
    // NK1-15: she is a woman, which says nothing.
    const std::string gap(30, '|'), woman = absl::StrCat(gap.substr(0, 12), "F", gap.substr(0, 18));
    const v1::PushDeliveriesRequest push =
        ReadOne(With(absl::StrCat(kRelation, gap, "1101"), absl::StrCat(unknown, woman, "1101")));
    EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << unknown;
    EXPECT_EQ(push.delivery().mother_name(), "") << unknown;
    EXPECT_EQ(push.delivery().mother_id_number(), "") << unknown;
    EXPECT_THAT(Codes(push, false),
                ElementsAre("MOTHER_MISSING", "MOTHER_ID_MISSING", "RELATION_NOT_CODABLE"))
        << unknown;
  }
}

TEST(RelativesTest, WhoIsClearlySomebodyElseIsNoUnknownRelation) {
  for (const char* other : {"FTH^Father^HL70063", "51^父亲^GB/T 4761", "父亲", "",
                            "51^母亲^GB/T 4761", "FTH^Mother^HL70063", "MTH^父亲"}) {
    EXPECT_THAT(Codes(ReadOne(With(kRelation, other)), false),
                ElementsAre("MOTHER_MISSING", "MOTHER_ID_MISSING"))
        << other;
  }
}

TEST(NewbornTest, APatientUnder28DaysIsKeptWhateverElseIsMissing) {
  for (const char* born : {"202603051408", "20260305", "202602060000", "20260206"}) {
    for (const char* kin : {"", "NK1|1|云^朵|\r", "NK1|1|云^朵|OTH\r", "NK1|1|云^某|FTH\r"}) {
      const v1::PushDeliveriesRequest push = ReadOne(Bare(born, kin));
      EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << born << kin;
      EXPECT_EQ(push.delivery().baby_record_no(), "B100");
      EXPECT_THAT(Codes(push, false), IsSupersetOf({"MOTHER_MISSING", "MOTHER_ID_MISSING"}));
    }
  }
  EXPECT_EQ(EventOf(Bare("202602050800")), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, TheMotherByItsChineseCodeMakesTheNewborn) {
  const v1::PushDeliveriesRequest push =
      ReadOne(Bare("202602010812", "NK1|1|云^朵|52^母亲^GB/T 4761\rDG1|1||Z38.000\r"));  // 32 days
  EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(push.delivery().mother_name(), "云朵");
}

TEST(NewbornTest, AgeDecidesBeforeAnyMark) {
  for (const char* adult : {"196106151736", "19610615", "20050305", "202003051200"}) {
    EXPECT_EQ(EventOf(Marked(adult)), v1::FEED_EVENT_IGNORED) << adult;
  }
  for (const char* infant : {"20260304", "202601011200", "202503060000"}) {
    EXPECT_EQ(EventOf(Marked(infant)), v1::FEED_EVENT_RECORD) << infant;
  }
  // An adult who was the second of twins; a woman in labour whose gestation is observed.
  const std::string twin = With("|202603051408|", "|196106151736|", With("|N|1\r", "|Y|2\r"));
  EXPECT_EQ(EventOf(With(kRelation, "SPO^SPOUSE", twin)), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, ALateCorrectionOfTheBirthVisitIsStillTaken) {
  const std::string late = With("ADT^A01", "ADT^A08", Marked("20241128100700"));  // 15 months
  EXPECT_EQ(EventOf(late), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(EventOf(With("PV1|1|NEWBORN||NB", "PV1|1|I||P", late)), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, WithoutAReadableBirthDateTheMarksDecide) {
  EXPECT_EQ(EventOf(Marked("")), v1::FEED_EVENT_RECORD);
  EXPECT_THAT(Codes(ReadOne(Marked("DOB")), true), Contains("BIRTH_TIME_INVALID"));
  EXPECT_EQ(EventOf(Bare("")), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, TheAgeIsCountedToWhenItHappenedThenToWhenItWasWritten) {
  const std::string adult = "198808181126+0215";
  // A copied header of a year after the birth, and what really happened decades later (EVN-6).
  const std::string marked =
      With("|20260305150000||", "|198908181126+0215||",
           With("EVN|A01|20260305145900", "EVN|A01|||||20210817151943.4+0200", Marked(adult)));
  EXPECT_EQ(EventOf(marked), v1::FEED_EVENT_IGNORED);
  EXPECT_EQ(
      EventOf(With("EVN|A01|||||20210817151943.4+0200", "EVN|A01|20290801070624+0115", marked)),
      v1::FEED_EVENT_IGNORED);
  // A birth that is entered late, with the time it happened.
  const std::string entered =
      With("EVN|A01|20260305145900", "EVN|A01|20260305||||202511021410", Bare("202511021408"));
  EXPECT_EQ(EventOf(entered), v1::FEED_EVENT_RECORD);
  const std::string without =
      With("|20260305150000||", "|||", With("EVN|A01|20260305145900\r", "", Bare("202603051408")));
  EXPECT_EQ(EventOf(without), v1::FEED_EVENT_IGNORED);  // no time at all, no mark
}

}  // namespace
}  // namespace birthseal::connect::hl7
