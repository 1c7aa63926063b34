// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/birth_message.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/connect/hl7/values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/connect/birth_text.h"
#include "tests/support/status_matchers.h"

namespace birthseal::connect::hl7 {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using tests::Codes;
using tests::kBirth;
using tests::ReadOne;
using tests::Sender;
using tests::With;

TEST(BirthMessageTest, SegmentsThatEndEarlyAreReadAsEmpty) {
  for (const char* text : {"PID|1", "PID", "PID|1\rNK1|1", "PID|1\rNK1|1||MTH"}) {
    const auto message =
        Message::Parse(absl::StrCat("MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1\r",
                                    text, "\rOBX|1\rDG1\rROL|1\r"));
    ASSERT_OK(message);
    EXPECT_EQ(message->Find("PID")->Repetitions(5).size(), 1u);
    ReadBirths(*message, Sender());
  }
}

TEST(BirthMessageTest, ReadsEveryFieldOfAWholeBirth) {
  v1::PushDeliveriesRequest push = ReadOne(kBirth);
  EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(push.defects_size(), 0) << push.DebugString();
  EXPECT_EQ(push.source_message_id(), "HIS|H1|M1");
  const v1::Delivery& d = push.delivery();
  EXPECT_EQ(d.baby_record_no(), "B100");
  EXPECT_EQ(d.birth_time(), "2026-03-05T14:08");
  EXPECT_EQ(d.sex(), v1::SEX_FEMALE);
  EXPECT_EQ(d.birth_weight_g(), 3250);
  EXPECT_EQ(d.birth_length_mm(), 505);
  EXPECT_EQ(d.gestation_weeks(), 38);
  EXPECT_EQ(d.gestation_days(), 3);
  EXPECT_EQ(d.mother_name(), "云朵");
  EXPECT_EQ(d.mother_id_type(), v1::ID_TYPE_CITIZEN_ID);
  EXPECT_EQ(d.mother_id_number(), "11010519491231002X");
  EXPECT_EQ(d.mother_inpatient_no(), "M200");
  EXPECT_EQ(d.plurality(), 1);
  EXPECT_EQ(d.birth_order(), 1);
  EXPECT_EQ(d.outcome(), v1::OUTCOME_LIVE);
  EXPECT_EQ(d.birth_place().county(), "南溪县");
  EXPECT_EQ(push.event_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilSecond(2026, 3, 5, 14, 59, 0),
                                                absl::FixedTimeZone(8 * 3600))));
}

TEST(BirthMessageTest, TheMothersNumberIsFoldedBeforeItsTypeIsRead) {
  for (const char* typed :
       {"11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２ｘ"}) {
    const v1::Delivery d = ReadOne(With("11010519491231002X", typed)).delivery();
    EXPECT_EQ(d.mother_id_type(), v1::ID_TYPE_CITIZEN_ID) << typed;
    EXPECT_EQ(d.mother_id_number(), "11010519491231002X") << typed;
  }
}

TEST(BirthMessageTest, ANumberThatIsNoneIsPassedOnAsGivenForAPersonToSee) {
  for (const char* nobody : {"待补", "110105********002X", "1101051949"}) {
    const v1::Delivery d = ReadOne(With("11010519491231002X", nobody)).delivery();
    EXPECT_EQ(d.mother_id_type(), v1::ID_TYPE_OTHER) << nobody;
    EXPECT_EQ(d.mother_id_number(), nobody);
  }
}

TEST(BirthMessageTest, ACitizensCodeWithTheFormOfACitizenNumberIsOneHoweverItWasTyped) {
  for (const char* code : {"NI", "NNCHN", "ni"}) {
    const v1::Delivery d =
        ReadOne(With("11010519491231002X^^^^NI", absl::StrCat("110105194912310020^^^^", code)))
            .delivery();
    EXPECT_EQ(d.mother_id_type(), v1::ID_TYPE_CITIZEN_ID) << code;
    EXPECT_EQ(d.mother_id_number(), "110105194912310020");
  }
  for (const char* code : {"", "XX", "MA"}) {
    EXPECT_EQ(ReadIdType(code, "110105194912310020"), v1::ID_TYPE_OTHER) << code;
  }
}

TEST(BirthMessageTest, PassportsAreKnownByTheirCodes) {
  for (const char* code : {"PPN", "PP", "PPT", "PASSPORT", "Passport", "护照", "03"}) {
    EXPECT_EQ(ReadIdType(code, "E12345678"), v1::ID_TYPE_PASSPORT) << code;
  }
  EXPECT_EQ(ReadIdType("PPX", "E12345678"), v1::ID_TYPE_OTHER);
}

TEST(BirthMessageTest, ABareBirthDayGoesToReviewAndIsNotPadded) {
  v1::PushDeliveriesRequest push = ReadOne(With("|202603051408|", "|20260305|"));
  EXPECT_EQ(push.delivery().birth_time(), "2026-03-05");
  EXPECT_THAT(Codes(push, false), ElementsAre("BIRTH_TIME_WITHOUT_MINUTES"));
}

TEST(BirthMessageTest, AMissingOrImpossibleBirthTimeMakesTheRecordUnusable) {
  EXPECT_THAT(Codes(ReadOne(With("|202603051408|", "||")), true),
              ElementsAre("BIRTH_TIME_MISSING"));
  for (const char* bad :
       {"DOB", "20260230120000", "202603052508", "2026-03-05", "February 2 2024"}) {
    v1::PushDeliveriesRequest push = ReadOne(With("|202603051408|", absl::StrCat("|", bad, "|")));
    EXPECT_THAT(Codes(push, true), ElementsAre("BIRTH_TIME_INVALID")) << bad;
  }
}

TEST(BirthMessageTest, AnOffsetIsTurnedIntoTheZoneOfTheFacility) {
  EXPECT_EQ(ReadOne(With("|202603051408|", "|20260305010800-0500|")).delivery().birth_time(),
            "2026-03-05T14:08");
  SenderSettings sender = Sender();
  sender.zone = absl::FixedTimeZone(-5 * 3600);
  EXPECT_EQ(
      ReadOne(With("|202603051408|", "|20260305010800-0500|"), sender).delivery().birth_time(),
      "2026-03-05T01:08");
}

TEST(BirthMessageTest, SexMustBeCodable) {
  EXPECT_THAT(Codes(ReadOne(With("|F|", "|X|")), true), ElementsAre("SEX_NOT_CODABLE"));
  EXPECT_THAT(Codes(ReadOne(With("|F|", "||")), true), ElementsAre("SEX_MISSING"));
  EXPECT_THAT(Codes(ReadOne(With("|F|", "|U|")), false), ElementsAre("SEX_UNKNOWN"));
}

TEST(BirthMessageTest, WeightsNeedAUnitAndPlausibility) {
  auto code = [](const std::string& value) {
    return Codes(ReadOne(With("||3250|g", "||" + value)), false);
  };
  EXPECT_THAT(code("2.1|kg"), IsEmpty());
  EXPECT_THAT(code("42.3|oz"), IsEmpty());
  EXPECT_THAT(code("3040"), ElementsAre("WEIGHT_WITHOUT_UNIT"));
  EXPECT_THAT(code("2100|kg"), ElementsAre("WEIGHT_IMPLAUSIBLE"));
  EXPECT_THAT(code("60|g"), ElementsAre("WEIGHT_IMPLAUSIBLE"));
  EXPECT_THAT(code("2100^g^LN|g"), ElementsAre("WEIGHT_NOT_A_NUMBER"));
  EXPECT_THAT(code("3|stone"), ElementsAre("WEIGHT_UNIT_UNKNOWN"));
}

TEST(BirthMessageTest, GestationIsNeverDivided) {
  EXPECT_THAT(Codes(ReadOne(With("||269|d", "||384|wk")), false),
              ElementsAre("GESTATION_IMPLAUSIBLE"));
  SenderSettings agreed = Sender();
  agreed.weeks_and_days = true;
  v1::PushDeliveriesRequest push = ReadOne(With("||269|d", "||384|wk"), agreed);
  EXPECT_EQ(push.delivery().gestation_weeks(), 38);
  EXPECT_EQ(push.delivery().gestation_days(), 4);
  EXPECT_THAT(Codes(ReadOne(With("||269|d", "||35|mo")), false),
              ElementsAre("GESTATION_UNIT_UNKNOWN"));
}

TEST(BirthMessageTest, ContradictingTwinsGoToReview) {
  EXPECT_THAT(Codes(ReadOne(With("|N|1\r", "|N|2\r")), false), Contains("PLURALITY_CONTRADICTS"));
  EXPECT_THAT(Codes(ReadOne(With("|N|1\r", "|Y|A\r")), false),
              ElementsAre("BIRTH_ORDER_NOT_A_NUMBER", "PLURALITY_MISSING"));
  v1::PushDeliveriesRequest third =
      ReadOne(With("|N|1\r", "|Y|3\r") + "OBX|4|CE|57722-1^Plurality^LN||LA6113-0^2^LN\r");
  EXPECT_THAT(Codes(third, false), ElementsAre("BIRTH_ORDER_ABOVE_PLURALITY"));
}

TEST(BirthMessageTest, PlaceholderNamesAreKeptApart) {
  v1::PushDeliveriesRequest push = ReadOne(kBirth);
  EXPECT_EQ(push.delivery().placeholder_name(), "云宝宝");
}

TEST(BirthMessageTest, Pid21IsANumberOrTheMothersName) {
  v1::PushDeliveriesRequest named = ReadOne(absl::StrReplaceAll(
      With("|M200^^^H1^MR|", "|SMITH^SADIE|"), {{"NK1|1|云^朵|MTH", "NK1|1|云^朵|FTH"}}));
  EXPECT_EQ(named.delivery().mother_name(), "SMITH SADIE");
  EXPECT_EQ(named.delivery().mother_inpatient_no(), "");
  EXPECT_THAT(Codes(named, false), ElementsAre("MOTHER_ID_MISSING"));
  v1::PushDeliveriesRequest two =
      ReadOne(With("|M200^^^H1^MR|", "|777^^^^CSN~M200^^^EPIC^MRN~M300^^^H1^MR|"));
  EXPECT_EQ(two.delivery().mother_inpatient_no(), "M300");
}

TEST(BirthMessageTest, NullClearsAndEmptyKeeps) {
  v1::PushDeliveriesRequest push =
      ReadOne(absl::StrReplaceAll(With("|N|1\r", "|\"\"|\r"), {{"ADT^A01", "ADT^A08"}}));
  EXPECT_THAT(push.cleared_fields(), ElementsAre("plurality"));
  EXPECT_EQ(push.delivery().plurality(), 0);
}

TEST(BirthMessageTest, AnUpdateMayLeaveOutWhatItDoesNotChange) {
  v1::PushDeliveriesRequest push =
      ReadOne(absl::StrReplaceAll(With("|202603051408|F|", "|||"), {{"ADT^A01", "ADT^A31"}}));
  EXPECT_THAT(Codes(push, true), IsEmpty());
}

TEST(BirthMessageTest, WithdrawAndMergeNameTheirNumbers) {
  v1::PushDeliveriesRequest gone = ReadOne(With("ADT^A01", "ADT^A11"));
  EXPECT_EQ(gone.event(), v1::FEED_EVENT_WITHDRAW);
  EXPECT_EQ(gone.delivery().baby_record_no(), "B100");
  v1::PushDeliveriesRequest merged = ReadOne(With("ADT^A01", "ADT^A40") + "MRG|B099^^^H1^MR\r");
  EXPECT_EQ(merged.event(), v1::FEED_EVENT_ALIAS);
  EXPECT_EQ(merged.alias_of(), "B099");
}

TEST(BirthMessageTest, OtherPatientsAndOtherEventsAreIgnored) {
  EXPECT_EQ(ReadOne(With("ADT^A01", "ADT^A03")).event(), v1::FEED_EVENT_IGNORED);
  const std::string adult =
      "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M2|P|2.5.1\r"
      "PID|1||P5^^^H1^MR||甲^某||19800101|M\rPV1|1|I\r";
  EXPECT_EQ(ReadOne(adult).event(), v1::FEED_EVENT_IGNORED);
}

TEST(BirthMessageTest, TwoNewbornsInOneMessageGiveTwoRecords) {
  std::string twins = absl::StrReplaceAll(std::string(kBirth), {{"ADT^A01", "ORU^R01"}});
  twins +=
      "PID|2||B101^^^H1^MR||云^宝宝||202603051412|M\r"
      "NK1|1|云^朵|MTH^Mother^HL70063\rOBX|1|NM|8339-4^Birth weight^LN||2900|g\r";
  BirthReading reading = ReadBirths(*Message::Parse(twins), Sender());
  ASSERT_EQ(reading.pushes.size(), 2u);
  EXPECT_EQ(reading.pushes[0].source_message_id(), "HIS|H1|M1#1");
  EXPECT_EQ(reading.pushes[1].delivery().baby_record_no(), "B101");
  EXPECT_EQ(reading.pushes[1].delivery().birth_weight_g(), 2900);
}

TEST(BirthMessageTest, HeadersThatCannotBeServedAreRefusedWithTheirCode) {
  auto code = [](const std::string& text) {
    return ReadBirths(*Message::Parse(text), Sender()).refusal.code;
  };
  EXPECT_EQ(code(With("ADT^A01", "")), 101);
  EXPECT_EQ(code(With("|M1|", "||")), 101);
  EXPECT_EQ(code(With("ADT^A01", "SIU^S12")), 200);
  EXPECT_EQ(code(With("ADT^A01", "ADT^Z99")), 201);
  EXPECT_EQ(code(With("|M1|P|", "|M1|T|")), 202);
  EXPECT_EQ(code(With("|2.5.1|", "|3.0|")), 203);
}

TEST(BirthMessageTest, AnAcknowledgementIsRecognised) {
  EXPECT_TRUE(ReadBirths(*Message::Parse("MSH|^~\\&|||||||ACK|A1|P|2.5\rMSA|AA|1\r"), Sender())
                  .acknowledgement);
}

TEST(MessageTest, ReadsItsOwnDelimitersEscapesAndLineEnds) {
  absl::StatusOr<Message> message =
      Message::Parse("MSH#*!?%#HIS\nPID#1#a?S?b?F?c?T?d?E?e?R?f#x%y*z!w\r\nZZ1#1");
  ASSERT_OK(message);
  const Segment* pid = message->Find("PID");
  ASSERT_NE(pid, nullptr);
  EXPECT_EQ(pid->Text(2), "a*b#c%d?e!f");
  EXPECT_EQ(pid->Text(3), "x");
  EXPECT_EQ(pid->TextOf(pid->Repetitions(3)[0], 1, 2), "y");
  EXPECT_EQ(pid->Repetitions(3).size(), 2u);
  EXPECT_NE(message->Find("ZZ1"), nullptr);
}

TEST(MessageTest, AnotherHeaderIsFoundWhateverItsLettersAndDelimiters) {
  const std::string begin = "MSH|^~\\&|HIS|H1\rPID|1||B1||云";
  for (const char* more : {"MSH|~^\\&|HIS|H1|BS|P|2026||ADT^A11", "\rmsh|^~\\&|HIS",
                           "msh|^~\\&|HIS|H1", "\rMsh#*!?%#HIS", "MSH#*!?%#HIS", "MSH|^~\\&|",
                           "\rNTE|1||xMSH|^~\\&|HIS|H1|BS|P|2026||ADT^A11|M2|P|2.5.1"}) {
    EXPECT_TRUE(Message::Parse(begin + more)->HasSecondHeader()) << more;
  }
  for (const char* more : {"\rNTE|1||sent as MSH|^~\\& of H1", "\rNTE|1||MSH|^~\\&|HIS|H1",
                           "MSH^MSH", "|MSH|MSH|H1", "\rMSHX|1", "\rNTE|1||MSH\\F\\\\S\\"}) {
    EXPECT_FALSE(Message::Parse(begin + more)->HasSecondHeader()) << more;
  }
}

TEST(MessageTest, RefusesWhatHasNoUsableHeader) {
  for (const char* bad :
       {"", "MSH|", "PID|1", "PID|^~\\&|1", "msh|^~\\&|", "MSH|||||", "MSH|^^\\&|", "MSHa^~\\&|"}) {
    EXPECT_THAT(Message::Parse(bad), tests::StatusIs(absl::StatusCode::kInvalidArgument, "HL7_MSH"))
        << bad;
  }
}

TEST(MessageTest, TheTimestampIsNoPartOfTheContent) {
  const std::string later =
      absl::StrReplaceAll(std::string(kBirth), {{"|20260305150000|", "|20260305160000|"}});
  EXPECT_EQ(WithoutTimestamp(kBirth), WithoutTimestamp(later));
  EXPECT_NE(WithoutTimestamp(kBirth), WithoutTimestamp(With("|M1|", "|M2|")));
  EXPECT_EQ(WithoutTimestamp("MSH|"), "MSH|");
  EXPECT_EQ(DeclaredCharset(kBirth), "UNICODE UTF-8");
}

}  // namespace
}  // namespace birthseal::connect::hl7
