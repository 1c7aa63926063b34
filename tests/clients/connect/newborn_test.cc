// SPDX-License-Identifier: Apache-2.0
// Whose messages are about a newborn, and which next of kin is the mother.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/clients/connect/birth_text.h"

namespace birthseal::connect::hl7 {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using tests::Codes;
using tests::ReadOne;
using tests::Sender;
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
// Read when our own clock stands at this civil time of the facility.
v1::PushDeliveriesRequest ReadAt(const absl::CivilSecond& received, const std::string& message) {
  const absl::Time time = absl::FromCivil(received, absl::FixedTimeZone(8 * 3600));
  BirthReading reading = ReadBirths(*Message::Parse(message), Sender(), time);
  EXPECT_EQ(reading.pushes.size(), 1u);
  return reading.pushes[0];
}
// All times that the sender gives moved to another year.
std::string ClockAt(const std::string& year, const std::string& message) {
  return absl::StrReplaceAll(message, {{"|20260305150000|", "|" + year + "0305150000|"},
                                       {"|20260305145900", "|" + year + "0305145900"}});
}

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

// Rule D26.
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

// Rule D25.
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

TEST(NewbornTest, ABirthHourWithoutMinutesIsABirthDay) {
  for (const char* hour : {"2026030506", "2026030506+0800", "2026030422-0000"}) {
    const v1::PushDeliveriesRequest push = ReadOne(Bare(hour));
    EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << hour;
    EXPECT_EQ(push.delivery().birth_time(), "2026-03-05") << hour;
    EXPECT_THAT(Codes(push, false), Contains("BIRTH_TIME_WITHOUT_MINUTES")) << hour;
    EXPECT_THAT(Codes(push, true), IsEmpty()) << hour;
  }
}

TEST(NewbornTest, AMarkedNewbornWithAnUnreadableBirthTimeIsToldOf) {
  const char* const kKinds[] = {"NK1|1|云^朵|MTH\r", "PV1|1|NB\r",
                                "OBX|1|NM|8339-4^Weight^LN||3250|g\r", "DG1|1||Z38.000\r",
                                "OBX|1|NM|73771-8^Birth order^LN||2\r"};
  for (const char* bad :
       {"2026-03-05 06:47:00", "20260305T0647", "202603052400", "202603", "DOB"}) {
    for (const char* mark : kKinds) {
      const std::string message = absl::StrReplaceAll(Bare(bad, mark), {{"PV1|1|I\r", ""}});
      const v1::PushDeliveriesRequest push = ReadOne(message);
      EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << bad << mark;
      EXPECT_THAT(Codes(push, true), Contains("BIRTH_TIME_INVALID")) << bad << mark;
    }
  }
  for (const char* mark : kKinds) {
    EXPECT_THAT(Codes(ReadOne(absl::StrReplaceAll(Bare("", mark), {{"PV1|1|I\r", ""}})), true),
                Contains("BIRTH_TIME_MISSING"));
  }
  EXPECT_THAT(Codes(ReadOne(With("|F\rPV1", "|F||||||||||||||||Y\rPV1", Bare(""))), true),
              Contains("BIRTH_TIME_MISSING"));
}

TEST(NewbornTest, WithoutAMarkAnUnreadableBirthTimeThatMayBeAnInfantsGoesToReview) {
  for (const char* bad :
       {"2026-03-05 06:47:00", "20260305T0647", "202603052400", "202603", "2025-12"}) {
    const v1::PushDeliveriesRequest push = ReadOne(Bare(bad));
    EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << bad;
    EXPECT_THAT(Codes(push, false), Contains("BIRTH_TIME_INVALID")) << bad;
    EXPECT_THAT(Codes(push, true), IsEmpty()) << bad;
  }
  for (const char* old : {"1961-06-15", "19610615T", "196106", "2024", "DOB", "0000", "?"}) {
    EXPECT_EQ(EventOf(Bare(old)), v1::FEED_EVENT_IGNORED) << old;
  }
  // The marks that adults bear too do not make an adult of an unreadable date a newborn.
  EXPECT_EQ(EventOf(Marked("1961-06-15")), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, AClockOfTheSenderThatIsWrongLosesNoNewborn) {
  const absl::CivilSecond now(2026, 3, 5, 15, 0, 0);
  const std::string marked = Bare("202603051408", "NK1|1|云^朵|MTH\r"), bare = Bare("202603051408");
  for (const char* year : {"2024", "2028", "1970"}) {
    for (const std::string& message : {marked, bare}) {
      const v1::PushDeliveriesRequest push = ReadAt(now, ClockAt(year, message));
      EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD) << year;
      EXPECT_THAT(Codes(push, false), Contains("EVENT_TIME_CONTRADICTS")) << year;
    }
  }
  // Only what is said to have happened (EVN-6) is wrong.
  for (const char* happened : {"20200101", "20281201"}) {
    const std::string message =
        With("|20260305145900", absl::StrCat("|20260305145900||||", happened), marked);
    EXPECT_EQ(EventOf(message), v1::FEED_EVENT_RECORD) << happened;
    EXPECT_EQ(ReadAt(now, message).event(), v1::FEED_EVENT_RECORD) << happened;
  }
  // Neither a wait on the way nor a right clock is a doubt.
  for (const absl::CivilSecond& received : {now, absl::CivilSecond(2026, 6, 5, 0, 0, 0)}) {
    EXPECT_THAT(Codes(ReadAt(received, marked), false), ElementsAre("MOTHER_ID_MISSING"));
  }
  EXPECT_EQ(ReadAt(now, ClockAt("1970", Bare("196106151736"))).event(), v1::FEED_EVENT_IGNORED);
  EXPECT_EQ(ReadAt(now, ClockAt("1960", Bare("196106151736"))).event(), v1::FEED_EVENT_IGNORED);
  EXPECT_EQ(ReadAt(now, ClockAt("2028", Marked("196106151736"))).event(), v1::FEED_EVENT_IGNORED);
}

TEST(NewbornTest, ABabyFirstReportedAfter28DaysIsKeptForAnyMark) {
  for (const char* mark : {"NK1|1|云^朵|MTH\r", "DG1|1||Z38.000\r", "PV1|1|NB\r",
                           "OBX|1|NM|8339-4^Weight^LN||3250|g\r"}) {
    EXPECT_EQ(EventOf(absl::StrReplaceAll(Bare("202602050800", mark), {{"PV1|1|I\r", ""}})),
              v1::FEED_EVENT_RECORD)
        << mark;
  }
}

TEST(NewbornTest, WhatIsSaidOfOthersTooAndACodeInAnotherPlaceAreNoMarks) {
  for (const char* more : {"OBX|1|NM|8867-4^Heart rate^LN||140|/min\r", "NTE|1||8339-4\r",
                           "OBR|1|||8339-4\r", "DG1|1||J06.9\r"}) {
    EXPECT_EQ(EventOf(Bare("202602050800", more)), v1::FEED_EVENT_IGNORED) << more;
  }
}

TEST(RelativesTest, MothersThatDifferAreNamedByNeither) {
  const std::string gap(30, '|');
  const auto other = [&](const std::string& name, const std::string& number) {
    return absl::StrCat(tests::kBirth, "NK1|2|", name, "|MTH", gap, number, "\r");
  };
  for (const std::string& two : {other("陈^玘", ""), other("云^朵", "110105194912310038^^^^NI"),
                                 other("", "X12345678^^^^PPN")}) {
    const v1::PushDeliveriesRequest push = ReadOne(two);
    EXPECT_EQ(push.delivery().mother_name(), "");
    EXPECT_EQ(push.delivery().mother_id_number(), "");
    EXPECT_EQ(push.delivery().mother_id_type(), v1::ID_TYPE_UNSPECIFIED);
    EXPECT_THAT(Codes(push, false), ElementsAre("MOTHER_CONTRADICTS"));
  }
  for (const std::string& one :
       {other("云^朵", ""), other("", ""), other("云 ^朵", "110105 19491231 002x^^^^NI")}) {
    const v1::PushDeliveriesRequest push = ReadOne(one);
    EXPECT_EQ(push.delivery().mother_name(), "云朵");
    EXPECT_EQ(push.delivery().mother_id_number(), "11010519491231002X");
    EXPECT_THAT(Codes(push, false), IsEmpty());
  }
}

}  // namespace
}  // namespace birthseal::connect::hl7
