// SPDX-License-Identifier: Apache-2.0
// What the connector makes of each kind of message (dialects.h), as ARCHITECTURE.md, "Hospital
// feeds", says.
#include "tests/clients/connect/dialects.h"

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "clients/connect/hl7_intake.h"
#include "gtest/gtest.h"
#include "tests/clients/connect/fake_link.h"
#include "tests/support/simulated_clock.h"

namespace birthseal::connect {
namespace {

class DialectsTest : public testing::Test {
 protected:
  std::string Send(const std::string& message) {
    hl7::SenderSettings sender;
    sender.facility_code = "91350100M000100Y43";
    return Hl7Intake(sender, hl7::Charset::kUtf8, &link_, &clock_).Answer(message).answer;
  }
  tests::FakeLink link_;
  tests::SimulatedClock clock_;
};

TEST_F(DialectsTest, EveryMessageIsAnsweredAsWrittenDown) {
  for (const tests::Dialect& dialect : tests::Dialects()) {
    link_.pushed.clear();
    const std::string ack = Send(dialect.message);
    if (*dialect.ack == '\0') {
      EXPECT_EQ(ack, "") << dialect.name;
      EXPECT_TRUE(link_.pushed.empty()) << dialect.name;
      continue;
    }
    EXPECT_TRUE(absl::StrContains(ack, absl::StrCat("\rMSA|", dialect.ack, "|")))
        << dialect.name << "\n"
        << ack;
    ASSERT_EQ(link_.pushed.size(), 1u) << dialect.name;
    const std::string codes =
        absl::StrJoin(link_.pushed[0].defects(), " ",
                      [](std::string* out, const v1::FeedDefect& d) { out->append(d.code()); });
    EXPECT_EQ(codes, dialect.defects) << dialect.name;
    EXPECT_EQ(link_.pushed[0].raw(), dialect.message) << dialect.name;
  }
}

TEST_F(DialectsTest, TwinsWithOneControlIdGiveTwoRecords) {
  Send(tests::Twin(2, ""));
  Send(tests::Twin(1, ""));
  ASSERT_EQ(link_.pushed.size(), 2u);
  EXPECT_EQ(link_.pushed[0].source_message_id(), link_.pushed[1].source_message_id());
  EXPECT_EQ(link_.pushed[0].delivery().baby_record_no(), "B202");
  EXPECT_EQ(link_.pushed[1].delivery().baby_record_no(), "B201");
}

TEST_F(DialectsTest, OneBabyFromTwoSystemsHasOneNumberOneMotherAndOneBirthTime) {
  Send(tests::Admission("20240305140823"));
  Send(tests::LabOrder("L1", "20240305140823"));
  ASSERT_EQ(link_.pushed.size(), 2u);
  for (const v1::PushDeliveriesRequest& push : link_.pushed) {
    EXPECT_EQ(push.event(), v1::FEED_EVENT_RECORD);
    EXPECT_EQ(push.delivery().baby_record_no(), "B100");
    EXPECT_EQ(push.delivery().birth_time(), "2024-03-05T14:08");
    EXPECT_EQ(push.delivery().mother_name(), "云朵");
    EXPECT_EQ(push.delivery().gestation_weeks(), 38);
    EXPECT_EQ(push.delivery().birth_order(), 1);
  }
  EXPECT_EQ(link_.pushed[1].delivery().birth_weight_g(), 2985);
}

TEST_F(DialectsTest, ALateCorrectionNamesTheMotherAndHerOwnNumberOfThree) {
  for (const tests::Dialect& dialect : tests::Dialects()) {
    if (dialect.name == std::string("late correction")) Send(dialect.message);
  }
  ASSERT_EQ(link_.pushed.size(), 1u);
  EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(link_.pushed[0].delivery().baby_record_no(), "107");
  EXPECT_EQ(link_.pushed[0].delivery().mother_inpatient_no(), "M300");
  EXPECT_EQ(link_.pushed[0].delivery().mother_name(), "云朵");
}

}  // namespace
}  // namespace birthseal::connect
