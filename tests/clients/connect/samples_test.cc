// SPDX-License-Identifier: Apache-2.0
// Messages that real systems wrote, answered as ARCHITECTURE.md, "Hospital feeds", says. The
// expected verdicts were written by hand, once. (The body weights of 005 and 006 were taken with
// the specimen, days later: they are no birth weight and are not read.)
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/connect/hl7_intake.h"
#include "gtest/gtest.h"
#include "tests/clients/connect/fake_link.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/temp_dir.h"

namespace birthseal::connect {
namespace {

struct Expected {
  const char* file;
  const char* ack;      // MSA-1
  const char* defects;  // codes that must be there, by blank
};

constexpr char kCdc[] = "feeds/cdc-trusted-intermediary/";
const Expected kExpected[] = {
    {"001_CA_OML_O21.hl7", "AA", "MOTHER_MISSING MOTHER_ID_MISSING BIRTH_ORDER_NOT_A_NUMBER"},
    {"001_LA_ORM_O01_NBS.hl7", "CA", "MOTHER_ID_MISSING"},
    {"001_NewSTEPs_OML_021.hl7", "CA", ""},
    {"001_Oracle_ORM_O01.hl7", "AA",
     "BIRTH_TIME_WITHOUT_MINUTES MOTHER_MISSING MOTHER_ID_MISSING WEIGHT_WITHOUT_UNIT "
     "BIRTH_ORDER_NOT_A_NUMBER"},
    {"002_MN_OML_O21_NBS.hl7", "CA", "MOTHER_ID_MISSING"},
    {"003_MN_ORM_O01_NBS_extended.hl7", "CA", "MOTHER_ID_MISSING"},
    {"004_AL_ORM_O01_NBS_Multiple_Races_Multiple_Births_0_initial_message.hl7", "AA", ""},
    {"005_AL_ORM_O01_NBS_Incorrect_Units_0_initial_message.hl7", "AA",
     "SEX_UNKNOWN GESTATION_UNIT_UNKNOWN"},
    {"005_MN_ADT_A01.hl7", "AA", "MOTHER_ID_MISSING"},
    {"006_AL_ORM_O01_NBS_Incorrect_Data_Types_0_initial_message.hl7", "AA", "SEX_UNKNOWN"},
    {"007_AL_ORM_O01_NBS_Missing_Required_Fields_0_initial_message.hl7", "AA", ""},
    {"007_Oracle_OML_O21_NBS_for_second_twin.hl7", "AA",
     "BIRTH_ORDER_CONTRADICTS PLURALITY_MISSING"},
    {"008_Oracle_OML_O21_NBS_with_two_races.hl7", "AA", ""},
    {"protocol-negatives/001_Natus_ACK.hl7", "", ""},
    {"protocol-negatives/empty.hl7", "AR", "HL7_MSH"},
    {"protocol-negatives/msh-12_has_value_2_3.hl7", "AE", "PID_MISSING"},
    {"protocol-negatives/msh_present_but_missing_all_fields.hl7", "AR", "HL7_MSH"},
    {"protocol-negatives/msh_present_but_missing_msh-10.hl7", "AR", "HL7_101"},
    {"protocol-negatives/msh_present_but_missing_msh-9.hl7", "AR", "HL7_101"},
};

class SamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = tests::SamplesDir();
    if (dir_.empty()) GTEST_SKIP() << "third-party samples are not beside the source";
    sender_.facility_code = "91350100M000100Y43";
    sender_.zone = absl::FixedTimeZone(-5 * 3600);  // where these senders are
    sender_.processing_ids = {"P", "D", "T"};
  }
  std::string Send(const std::string& path) {
    return Hl7Intake(sender_, hl7::Charset::kUtf8, &link_, &clock_)
        .Answer(tests::ReadFile(absl::StrCat(dir_, "/", path)))
        .answer;
  }

  std::string dir_;
  hl7::SenderSettings sender_;
  tests::FakeLink link_;
  tests::SimulatedClock clock_;
};

TEST_F(SamplesTest, EveryMessageIsAnsweredAsWrittenDown) {
  for (const Expected& expected : kExpected) {
    link_.pushed.clear();
    const std::string ack = Send(absl::StrCat(kCdc, expected.file));
    if (*expected.ack == '\0') {
      EXPECT_EQ(ack, "") << expected.file;
      continue;
    }
    EXPECT_TRUE(absl::StrContains(ack, absl::StrCat("\rMSA|", expected.ack, "|")))
        << expected.file << "\n"
        << ack;
    ASSERT_EQ(link_.pushed.size(), 1u) << expected.file;
    std::string codes;
    for (const v1::FeedDefect& d : link_.pushed[0].defects())
      absl::StrAppend(&codes, d.code(), " ");
    if (!codes.empty()) codes.pop_back();
    EXPECT_EQ(codes, expected.defects) << expected.file;
  }
}

TEST_F(SamplesTest, NoFileIsLeftOutOfTheTable) {
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(absl::StrCat(dir_, "/", kCdc))) {
    if (entry.path().extension() == ".hl7") ++files;
  }
  EXPECT_EQ(files, std::size(kExpected));
}

TEST_F(SamplesTest, TheOracleTwinsWithOneControlIdGiveTwoRecords) {
  Send(absl::StrCat(kCdc, "007_Oracle_OML_O21_NBS_for_second_twin.hl7"));
  Send(absl::StrCat(kCdc, "008_Oracle_OML_O21_NBS_with_two_races.hl7"));
  ASSERT_EQ(link_.pushed.size(), 2u);
  EXPECT_EQ(link_.pushed[0].source_message_id(), link_.pushed[1].source_message_id());
  EXPECT_NE(link_.pushed[0].delivery().baby_record_no(),
            link_.pushed[1].delivery().baby_record_no());
}

TEST_F(SamplesTest, OneBabyFromThreeSystemsHasOneNumberAndOneBirthTime) {
  for (const char* file : {"005_MN_ADT_A01.hl7", "002_MN_OML_O21_NBS.hl7",
                           "003_MN_ORM_O01_NBS_extended.hl7", "001_LA_ORM_O01_NBS.hl7"}) {
    Send(absl::StrCat(kCdc, file));
  }
  ASSERT_EQ(link_.pushed.size(), 4u);
  for (const v1::PushDeliveriesRequest& push : link_.pushed) {
    EXPECT_EQ(push.delivery().baby_record_no(), "11102779");
  }
  EXPECT_EQ(link_.pushed[0].delivery().birth_time(), "2023-05-04T13:10");
  EXPECT_EQ(link_.pushed[1].delivery().birth_time(), "2023-05-04T13:10");
  EXPECT_EQ(link_.pushed[2].delivery().birth_time(), "2023-05-04T13:10");
  EXPECT_EQ(link_.pushed[3].delivery().birth_time(), "2024-06-30T13:10");  // a conflict
}

TEST_F(SamplesTest, ANewbornUpdateOfAnEpicSystemIsARecord) {
  EXPECT_TRUE(absl::StrContains(Send("feeds/wsyqn6-hl7/adt_a08.hl7"), "MSA|AA|203550"));
  ASSERT_EQ(link_.pushed.size(), 1u);
  EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(link_.pushed[0].delivery().mother_inpatient_no(), "900070069");
  EXPECT_EQ(link_.pushed[0].delivery().mother_name(), "TEST CSECTIONMOM");
}

}  // namespace
}  // namespace birthseal::connect
