// SPDX-License-Identifier: Apache-2.0
// One whole birth with one field missing or wrong at a time: what is said of it, where, and whether
// the record can still be used.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/clients/connect/birth_text.h"

namespace birthseal::connect::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::Codes;
using tests::kBirth;
using tests::ReadOne;
using tests::Sender;
using tests::With;

constexpr char kMother[] =
    "NK1|1|云^朵|MTH^Mother^HL70063||||||||||||||||||||||||||||||11010519491231002X^^^^NI\r";
constexpr char kNumberOfHers[] = "11010519491231002X^^^^NI";

// "PID-8 SEX_MISSING fatal" for each defect.
std::vector<std::string> DefectsOf(const v1::PushDeliveriesRequest& push) {
  std::vector<std::string> all;
  for (const v1::FeedDefect& d : push.defects()) {
    all.push_back(absl::StrCat(d.location(), " ", d.code(), d.fatal() ? " fatal" : ""));
  }
  return all;
}

using Defects = std::vector<std::string>;

struct Row {
  const char *from, *to;
  Defects defects;
};

TEST(FieldsTest, EachFieldThatIsMissingOrWrongIsToldWithItsPlace) {
  const Row rows[] = {
      {"|B100^^^H1^MR|", "||", {"PID-3 BABY_NUMBER_MISSING fatal"}},
      {"|B100^^^H1^MR|", "|unknown^^^H1^MR|", {"PID-3 BABY_NUMBER_MISSING fatal"}},
      {"|202603051408|", "||", {"PID-7 BIRTH_TIME_MISSING fatal"}},
      {"|202603051408|", "|2026030514xx|", {"PID-7 BIRTH_TIME_INVALID fatal"}},
      {"|202603051408|", "|20260305|", {"PID-7 BIRTH_TIME_WITHOUT_MINUTES"}},
      {"|F|", "||", {"PID-8 SEX_MISSING fatal"}},
      {"|F|", "|W|", {"PID-8 SEX_NOT_CODABLE fatal"}},
      {"|F|", "|U|", {"PID-8 SEX_UNKNOWN"}},
      {"|F|", "|0|", {"PID-8 SEX_UNKNOWN"}},
      {"|N|1\r", "||A\r", {"PID-25 BIRTH_ORDER_NOT_A_NUMBER"}},
      {"|N|1\r", "||0\r", {"PID-25 BIRTH_ORDER_NOT_A_NUMBER"}},
      {"|N|1\r", "||10\r", {"PID-25 BIRTH_ORDER_NOT_A_NUMBER"}},
      {"|N|1\r", "|Y|1\r", {"PID-24 PLURALITY_MISSING"}},
      {"|N|1\r", "||1\r", {}},
      {kMother, "", {"NK1-2 MOTHER_MISSING", "NK1-33 MOTHER_ID_MISSING"}},
      {"|云^朵|", "||", {"NK1-2 MOTHER_MISSING"}},
      {kNumberOfHers, "", {"NK1-33 MOTHER_ID_MISSING"}},
      {kNumberOfHers, "0000-000^^^^NI", {"NK1-33 MOTHER_ID_MISSING"}},
      {"MTH^Mother^HL70063",
       "NEIGHBOUR",
       {"NK1-2 MOTHER_MISSING", "NK1-33 MOTHER_ID_MISSING", "NK1-3 RELATION_NOT_CODABLE"}},
      {"||3250|g", "||heavy|g", {"OBX-1 WEIGHT_NOT_A_NUMBER"}},
      {"||3250|g", "||3250", {"OBX-1 WEIGHT_WITHOUT_UNIT"}},
      {"||269|d", "||38.5|wk", {"OBX-2 GESTATION_NOT_WHOLE"}},
      {"||50.5|cm", "||50.5", {"OBX-3 LENGTH_WITHOUT_UNIT"}},
      {"||50.5|cm", "||50.5|chi", {"OBX-3 LENGTH_UNIT_UNKNOWN"}},
      {"||50.5|cm", "||5|cm", {"OBX-3 LENGTH_IMPLAUSIBLE"}},
      {"DG1|1||Z38.000\r", "DG1|1||Z37.9\r", {"DG1-1 OUTCOME_NOT_DECIDABLE"}}};
  for (const Row& row : rows) {
    const v1::PushDeliveriesRequest push = ReadOne(With(row.from, row.to));
    EXPECT_EQ(DefectsOf(push), row.defects) << row.from << " -> " << row.to;
    EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD);
  }
}

TEST(FieldsTest, OrderAndPluralityThatContradictAreToldOfEachPair) {
  constexpr char kOrder[] = "OBX|4|NM|73771-8^Birth order^LN||";
  constexpr char kPlurality[] = "OBX|5|NM|57722-1^Plurality^LN||";
  struct Pair {
    const char *pid, *order, *plurality;  // PID-24|PID-25, and what is observed
    Defects defects;
    int read_order, read_plurality;
  };
  const Pair pairs[] = {
      {"|Y|2\r", "2", "2", {}, 2, 2},
      {"|Y|2\r", "", "2", {}, 2, 2},
      {"|Y|\r", "2", "2", {}, 2, 2},
      {"|Y|A\r", "2", "2", {"PID-25 BIRTH_ORDER_NOT_A_NUMBER"}, 2, 2},
      {"|Y|2\r", "1", "2", {"PID-25 BIRTH_ORDER_CONTRADICTS"}, 2, 2},
      {"|Y|1\r", "2", "2", {}, 1, 2},  // senders write 1 for every baby there
      {"|Y|2\r", "two", "2", {}, 2, 2},
      {"|N|2\r", "", "2", {"PID-24 PLURALITY_CONTRADICTS"}, 2, 2},
      {"|N|2\r",
       "",
       "",
       {"PID-24 PLURALITY_CONTRADICTS", "PID-25 BIRTH_ORDER_ABOVE_PLURALITY"},
       2,
       1},
      {"|Y|3\r", "", "2", {"PID-25 BIRTH_ORDER_ABOVE_PLURALITY"}, 3, 2},
      {"|Y|2\r", "", "", {"PID-24 PLURALITY_MISSING"}, 2, 0},
      {"|N|\r", "", "", {}, 1, 1},
      {"||\r", "", "", {}, 0, 0},
  };
  for (const Pair& pair : pairs) {
    std::string text = With("|N|1\r", pair.pid);
    if (*pair.order != '\0') absl::StrAppend(&text, kOrder, pair.order, "\r");
    if (*pair.plurality != '\0') absl::StrAppend(&text, kPlurality, pair.plurality, "\r");
    const v1::PushDeliveriesRequest push = ReadOne(text);
    const std::string what = absl::StrCat(pair.pid, pair.order, ",", pair.plurality);
    EXPECT_EQ(DefectsOf(push), pair.defects) << what;
    EXPECT_EQ(push.delivery().birth_order(), pair.read_order) << what;
    EXPECT_EQ(push.delivery().plurality(), pair.read_plurality) << what;
  }
}

TEST(FieldsTest, AnUpdateMayLeaveOutTimeAndSexButNotGetThemWrong) {
  const std::string update = With("ADT^A01", "ADT^A08");
  EXPECT_EQ(DefectsOf(ReadOne(With("|202603051408|", "||", update))),
            Defects{"PID-7 BIRTH_TIME_MISSING"});
  EXPECT_EQ(DefectsOf(ReadOne(With("|F|", "||", update))), Defects{});
  EXPECT_EQ(DefectsOf(ReadOne(With("|F|", "|W|", update))), Defects{"PID-8 SEX_NOT_CODABLE fatal"});
  EXPECT_EQ(DefectsOf(ReadOne(With("|B100^^^H1^MR|", "||", update))),
            Defects{"PID-3 BABY_NUMBER_MISSING fatal"});
}

TEST(FieldsTest, AMergeAndAWithdrawalNeedTheirNumbers) {
  const std::string merge = With("ADT^A01", "ADT^A40"), withdrawal = With("ADT^A01", "ADT^A11");
  for (const char* mrg : {"", "MRG|\r", "MRG|none^^^H1^MR\r"}) {
    EXPECT_EQ(DefectsOf(ReadOne(merge + mrg)), Defects{"MRG-1 MERGED_NUMBER_MISSING fatal"}) << mrg;
  }
  EXPECT_EQ(DefectsOf(ReadOne(merge + "MRG|B099^^^H1^MR\r")), Defects{});
  EXPECT_EQ(DefectsOf(ReadOne(withdrawal)), Defects{});
  EXPECT_EQ(DefectsOf(ReadOne(With("|B100^^^H1^MR|", "||", withdrawal))),
            Defects{"PID-3 BABY_NUMBER_MISSING fatal"});
  // What else it lacks matters to nobody.
  EXPECT_EQ(DefectsOf(ReadOne(With("|202603051408|F|", "||W|", withdrawal))), Defects{});
}

TEST(FieldsTest, WithoutAPatientThereIsNoRecord) {
  const std::string text =
      "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1\rPV1|1|NEWBORN\r";
  const v1::PushDeliveriesRequest push = ReadOne(text);
  EXPECT_EQ(push.event(), v1::FEED_EVENT_REJECTED);
  EXPECT_EQ(DefectsOf(push), Defects{"PID PID_MISSING fatal"});
}

// The header.

TEST(HeaderTest, EachFieldThatIsMissingOrWrongIsRefusedWithItsPlace) {
  struct Header {
    const char *from, *to;
    int code;
    const char* location;
  };
  const Header rows[] = {{"|ADT^A01|", "||", 101, "MSH^1^9"},
                         {"|ADT^A01|", "|^A01|", 101, "MSH^1^9"},
                         {"|M1|", "||", 101, "MSH^1^10"},
                         {"|ADT^A01|", "|SIU^S12|", 200, "MSH^1^9"},
                         {"|ADT^A01|", "|ADT|", 201, "MSH^1^9"},
                         {"|ADT^A01|", "|ADT^A00|", 201, "MSH^1^9"},
                         {"|ADT^A01|", "|ADT^A63|", 201, "MSH^1^9"},
                         {"|ADT^A01|", "|ADT^R01|", 201, "MSH^1^9"},
                         {"|ADT^A01|", "|ORU^A01|", 201, "MSH^1^9"},
                         {"|ADT^A01|", "|ORM^O02|", 201, "MSH^1^9"},
                         {"|M1|P|", "|M1||", 202, "MSH^1^11"},
                         {"|M1|P|", "|M1|D|", 202, "MSH^1^11"},
                         {"|2.5.1|", "|3|", 203, "MSH^1^12"},
                         {"\rPID|", "\rMSH|^~\\&|HIS\rPID|", 100, "MSH^2"},
                         {"云^宝宝", "云^\x1C宝", 100, "MSH"},
                         {"云^宝宝", "云^\x1F宝", 100, "MSH"}};
  for (const Header& row : rows) {
    const auto message = Message::Parse(With(row.from, row.to));
    ASSERT_OK(message);
    const BirthReading reading = ReadBirths(*message, Sender());
    EXPECT_EQ(reading.refusal.code, row.code) << row.to;
    EXPECT_EQ(reading.refusal.location, row.location) << row.to;
    EXPECT_THAT(reading.pushes, IsEmpty()) << row.to;
  }
}

TEST(HeaderTest, EveryTriggerAndLineEndThatIsTakenIsTaken) {
  for (const char* type : {"ORU^R01", "ORM^O01", "OML^O21", "ADT^^ADT_A01", "ADT^A62", "ADT^A01"}) {
    const std::string text = type == std::string("ADT^A01") ? kBirth : With("ADT^A01", type);
    EXPECT_EQ(ReadBirths(*Message::Parse(text), Sender()).refusal.code,
              type == std::string("ADT^^ADT_A01") ? 201 : 0)
        << type;
  }
  for (const char* end : {"\n", "\r\n"}) {
    EXPECT_THAT(DefectsOf(ReadOne(With("\r", end))), IsEmpty());
  }
  EXPECT_THAT(DefectsOf(ReadOne(With("云^宝宝", "云^\t宝宝"))), IsEmpty());
  EXPECT_THAT(DefectsOf(ReadOne(With("|2.5.1|", "||"))), IsEmpty());
}

TEST(HeaderTest, WhatBeginsAnotherHeaderHasFiveDelimitersThatDiffer) {
  const std::string begin = "MSH|^~\\&|HIS|H1\rPID|1||B1||";
  for (const char* header : {"MSH|^~\\&|H", "MSH#*!?%#H", "mSh|~^\\&|"}) {
    EXPECT_TRUE(Message::Parse(begin + header)->HasSecondHeader()) << header;
  }
  for (const char* none : {"MSX|^~\\&|H", "MSH|^~\\&", "MSH|^~\\&^H", "MSH|^^\\&|H", "MSHA^~\\&AH",
                           "MSH ^~\\& H", "M", "MSH"}) {
    EXPECT_FALSE(Message::Parse(begin + none)->HasSecondHeader()) << none;
  }
}

TEST(HeaderTest, AHeaderThatEndsEarlyIsNone) {
  const std::string whole = "MSH|^~\\&";
  EXPECT_OK(Message::Parse(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(Message::Parse(whole.substr(0, size)),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "HL7_MSH"))
        << size;
  }
}

}  // namespace
}  // namespace birthseal::connect::hl7
