// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7_intake.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/clients/connect/fake_link.h"
#include "tests/support/simulated_clock.h"

namespace birthseal::connect {
namespace {

constexpr char kBirth[] =
    "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1\r"
    "PID|1||B100^^^H1^MR||BABY^GIRL||202603051408|F|||||||||||||M200^^^H1^MR|||N|1\r"
    "NK1|1|YUN^DUO|MTH^Mother^HL70063||||||||||||||||||||||||||||||11010519491231002X^^^^NI\r";

class IntakeTest : public testing::Test {
 protected:
  mllp::Reply Send(const std::string& raw, hl7::Charset charset = hl7::Charset::kUtf8) {
    hl7::SenderSettings sender;
    sender.facility_code = "91350100M000100Y43";
    return Hl7Intake(sender, charset, &link_, &clock_).Answer(raw);
  }
  static std::string With(const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(kBirth, {{from, to}});
  }

  tests::FakeLink link_;
  tests::SimulatedClock clock_;
};

TEST_F(IntakeTest, StoresThenAnswers) {
  EXPECT_TRUE(absl::StrContains(Send(kBirth).answer, "MSA|AA|M1"));
  ASSERT_EQ(link_.pushed.size(), 1u);
  EXPECT_EQ(link_.pushed[0].raw(), kBirth);
  EXPECT_EQ(link_.pushed[0].facility_code(), "91350100M000100Y43");
  EXPECT_EQ(link_.pushed[0].content_digest().size(), 32u);
}

TEST_F(IntakeTest, ARepeatWithAnotherTimestampGetsTheSameBytesAndIsNotStoredAgain) {
  const std::string first = Send(kBirth).answer;
  EXPECT_EQ(Send(With("|20260305150000|", "|20260305151111|")).answer, first);
  EXPECT_EQ(link_.pushed.size(), 1u);
}

// Rule D4.
TEST_F(IntakeTest, TheSameControlIdWithAnotherBabyIsAnotherMessage) {
  Send(kBirth);
  EXPECT_TRUE(absl::StrContains(Send(With("B100", "B101")).answer, "MSA|AA|M1"));
  EXPECT_EQ(link_.pushed.size(), 2u);
}

TEST_F(IntakeTest, OurOwnTroubleIsSilence) {
  link_.down = true;
  for (const std::string& raw :
       {std::string(kBirth), std::string("rubbish"), With("ADT^A01", "SIU^S12")}) {
    mllp::Reply reply = Send(raw);
    EXPECT_TRUE(reply.close);
    EXPECT_EQ(reply.answer, "");
    EXPECT_EQ(reply.trouble, "UNAVAILABLE");
  }
}

TEST_F(IntakeTest, AnAcknowledgementIsNeverAnsweredNorStored) {
  mllp::Reply reply = Send("MSH|^~\\&|HIS|H1|||20260305||ACK|A1|P|2.5\rMSA|AA|M1\r");
  EXPECT_FALSE(reply.close);
  EXPECT_EQ(reply.answer, "");
  EXPECT_TRUE(link_.pushed.empty());
}

TEST_F(IntakeTest, WhatCannotBeReadIsKeptAndRefused) {
  EXPECT_TRUE(absl::StrContains(Send("rubbish").answer, "MSA|AR|"));
  EXPECT_TRUE(absl::StrContains(Send("").answer, "MSA|AR|"));
  EXPECT_TRUE(absl::StrContains(Send(With("ADT^A01", "SIU^S12")).answer, "MSA|AR|M1"));
  EXPECT_TRUE(absl::StrContains(Send(With("DUO", "\xFF")).answer, "MSA|AE|M1"));
  ASSERT_EQ(link_.pushed.size(), 4u);
  for (const v1::PushDeliveriesRequest& push : link_.pushed) {
    EXPECT_EQ(push.event(), v1::FEED_EVENT_REJECTED);
  }
  EXPECT_EQ(link_.pushed[0].raw(), "rubbish");
}

TEST_F(IntakeTest, TwoMessagesInOneFrameAreRefusedWhole) {
  const std::string second = With("|M1|", "|M2|");
  for (const std::string& frame :
       {With("ADT^A01", "ADT^A08") + With("ADT^A01", "ADT^A11"), kBirth + ("\n" + second),
        std::string("MSH|^~\\&|HIS|H1|||20260305||ACK|A1|P|2.5\rMSA|AA|M1\r") + second,
        std::string(kBirth) + "MSH#*!?%#HIS#H1#BS#P#2026##ADT*A11#M2#P#2.5.1\r",
        // Half a message, then a whole one, with no end of a segment between them.
        With("BABY^GIRL", second)}) {
    link_.pushed.clear();
    const mllp::Reply reply = Send(frame);
    EXPECT_FALSE(reply.close);
    EXPECT_TRUE(absl::StrContains(reply.answer, "MSA|AR|")) << frame << "\n" << reply.answer;
    EXPECT_TRUE(absl::StrContains(reply.answer, "ERR||MSH^2|100^^HL70357|E"));
    ASSERT_EQ(link_.pushed.size(), 1u) << frame;
    EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_REJECTED);
    EXPECT_EQ(link_.pushed[0].raw(), frame);
    EXPECT_EQ(link_.pushed[0].delivery().baby_record_no(), "");
  }
}

TEST_F(IntakeTest, AMessageWithAControlCharacterIsRefusedWholeAndKept) {
  for (const char control : {'\x1C', '\x0B', '\x01', '\x0C', '\x1A', '\0'}) {
    const std::string text = std::string("DUO\rNTE|1||text ") + control + " more\rDG1|1||P95\rZZ1|";
    const std::string raw = With("DUO", text);
    link_.pushed.clear();
    EXPECT_TRUE(absl::StrContains(Send(raw).answer, "MSA|AR|M1"));
    ASSERT_EQ(link_.pushed.size(), 1u);
    EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_REJECTED);
    EXPECT_EQ(link_.pushed[0].raw(), raw);
  }
  EXPECT_TRUE(absl::StrContains(Send(With("DUO", "DUO\rNTE|1||a\tb")).answer, "MSA|AA|M1"));
}

TEST_F(IntakeTest, OnlyAMessageThatWasReadCountsAsSpeaking) {
  EXPECT_TRUE(Send(kBirth).understood);
  EXPECT_TRUE(Send("MSH|^~\\&|HIS|H1|||20260305||ACK|A1|P|2.5\rMSA|AA|M1\r").understood);
  for (const std::string& raw :
       {std::string("rubbish"), std::string(), With("ADT^A01", "SIU^S12"), With("DUO", "\xFF")}) {
    EXPECT_FALSE(Send(raw).understood) << raw;
  }
}

TEST_F(IntakeTest, ASenderWhoseClockIsWrongLosesNoNewborn) {
  for (const char* clock : {"20240305150000", "20280305150000"}) {
    link_.pushed.clear();
    const std::string id = absl::StrCat("M", clock);  // MSH-7 alone makes no other message
    const std::string raw =
        absl::StrReplaceAll(With("20260305150000", clock), {{"|M1|", "|" + id + "|"}});
    EXPECT_TRUE(absl::StrContains(Send(raw).answer,
                                  absl::StrCat("MSA|AA|", id, "|EVENT_TIME_CONTRADICTS")));
    ASSERT_EQ(link_.pushed.size(), 1u);
    EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_RECORD);
  }
}

TEST_F(IntakeTest, AHospitalCalledMshIsNoSecondHeader) {
  EXPECT_TRUE(absl::StrContains(Send(With("|HIS|H1|", "|MSH|MSH|")).answer, "MSA|AA|M1"));
  EXPECT_TRUE(absl::StrContains(Send(With("YUN^DUO", "MSH^MSH")).answer, "MSA|AA|M1"));
}

TEST_F(IntakeTest, AgeIsCountedToTheArrivalWhenTheMessageGivesNoTime) {
  const auto born = [this](absl::Duration ago) {
    return absl::FormatTime("%Y%m%d%H%M", clock_.Now() - ago, absl::FixedTimeZone(8 * 3600));
  };
  const std::string nobody =
      "MSH|^~\\&|HIS|H1|BS|P|||ADT^A01|M1|P|2.5.1\rPID|1||B100^^^H1^MR||BABY||";
  Send(absl::StrCat(nobody, born(absl::Hours(24 * 5)), "|F\r"));
  Send(absl::StrCat(nobody, born(absl::Hours(24 * 9000)), "|F|||||||||||||||||Y|2\r"));
  ASSERT_EQ(link_.pushed.size(), 2u);
  EXPECT_EQ(link_.pushed[0].event(), v1::FEED_EVENT_RECORD);
  EXPECT_EQ(link_.pushed[1].event(), v1::FEED_EVENT_IGNORED);
}

TEST_F(IntakeTest, Gb18030NamesWithDelimiterBytesArriveWhole) {
  Send(With("YUN^DUO", "\xB3\xC2^\xAB\x5E\xFE\x59"), hl7::Charset::kGb18030);
  ASSERT_EQ(link_.pushed.size(), 1u);
  EXPECT_EQ(link_.pushed[0].delivery().mother_name(), "陈玘龴");
}

TEST_F(IntakeTest, OneUnusableTwinRefusesTheWholeMessage) {
  std::string twins = With("ADT^A01", "ORU^R01") +
                      "PID|2||B101^^^H1^MR||BABY^BOY||202603051412|X\rNK1|1|YUN^DUO|MTH\r"
                      "OBX|1|NM|8339-4^W^LN||2900|g\r";
  EXPECT_TRUE(absl::StrContains(Send(twins).answer, "MSA|AE|M1"));
  ASSERT_EQ(link_.pushed.size(), 2u);
  EXPECT_TRUE(link_.pushed[0].defects(link_.pushed[0].defects_size() - 1).fatal());
}

}  // namespace
}  // namespace birthseal::connect
