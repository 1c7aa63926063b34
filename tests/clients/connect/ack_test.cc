// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/ack.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace birthseal::connect::hl7 {
namespace {

Message Asking(const std::string& accept, const std::string& application) {
  return *Message::Parse(absl::StrCat("MSH|^~\\&|HIS|H1|BS|P|20260305||ADT^A01|M1|P|2.5.1|||",
                                      accept, "|", application, "\r"));
}

std::string AckOf(const Message& message, AckCode code) {
  AckContent content;
  content.code = code;
  content.accepted_time = absl::FromUnixSeconds(1'780'000'000);
  return ComposeAck(message, content);
}

TEST(AckTest, AnswersInTheModeThatWasAskedFor) {
  EXPECT_TRUE(absl::StrContains(AckOf(Asking("", ""), AckCode::kAccept), "\rMSA|AA|M1|"));
  EXPECT_TRUE(absl::StrContains(AckOf(Asking("AL", "AL"), AckCode::kAccept), "\rMSA|CA|M1|"));
  EXPECT_TRUE(absl::StrContains(AckOf(Asking("AL", "NE"), AckCode::kError), "\rMSA|CE|M1|"));
  EXPECT_TRUE(absl::StrContains(AckOf(Asking("NE", "AL"), AckCode::kReject), "\rMSA|AR|M1|"));
  EXPECT_EQ(AckOf(Asking("NE", "NE"), AckCode::kAccept), "");
  EXPECT_EQ(AckOf(Asking("ER", "NE"), AckCode::kAccept), "");
}

TEST(AckTest, SwapsSenderAndReceiverAndNamesItsOwnMessage) {
  EXPECT_EQ(AckOf(Asking("", ""), AckCode::kAccept),
            "MSH|^~\\&|BS|P|HIS|H1|20260528202640+0000||ACK^A01|AM1|P|2.5.1\rMSA|AA|M1|\r");
}

TEST(AckTest, ARepeatGetsTheBytesOfTheFirstAnswer) {
  v1::PushDeliveriesResponse first;
  first.set_verdict(v1::FEED_VERDICT_REVIEW);
  first.mutable_accepted_time()->set_seconds(1'780'000'000);
  v1::FeedDefect* defect = first.add_defects();
  defect->set_code("MOTHER_ID_MISSING");
  defect->set_location("NK1-33");
  v1::PushDeliveriesResponse repeat = first;
  repeat.set_verdict(v1::FEED_VERDICT_DUPLICATE);
  repeat.set_first_verdict(v1::FEED_VERDICT_REVIEW);
  Message message = Asking("", "");
  const std::string ack = ComposeAck(message, AckFor({first}));
  EXPECT_EQ(ack, ComposeAck(message, AckFor({repeat})));
  EXPECT_TRUE(absl::StrContains(ack, "MSA|AA|M1|MOTHER_ID_MISSING\r"));
  EXPECT_TRUE(absl::StrContains(ack, "ERR||NK1^1^33|101^^HL70357|W|||MOTHER_ID_MISSING\r"));
}

TEST(AckTest, AnUnusableRecordIsAnErrorWithItsLocation) {
  v1::PushDeliveriesResponse rejected;
  rejected.set_verdict(v1::FEED_VERDICT_REJECTED);
  v1::FeedDefect* defect = rejected.add_defects();
  defect->set_code("SEX_NOT_CODABLE");
  defect->set_location("PID-8");
  defect->set_fatal(true);
  const std::string ack = ComposeAck(Asking("", ""), AckFor({rejected}));
  EXPECT_TRUE(absl::StrContains(ack, "\rMSA|AE|M1|"));
  EXPECT_TRUE(absl::StrContains(ack, "ERR||PID^1^8|103^^HL70357|E|||SEX_NOT_CODABLE\r"));
}

TEST(AckTest, EachCodeStandsOnceInTheTextAndControlsOfTheSenderNowhere) {
  AckContent content;
  for (const char* code : {"MOTHER_ID_MISSING", "SEX_UNKNOWN", "MOTHER_ID_MISSING"}) {
    content.defects.emplace_back().set_code(code);
    content.defects.back().set_location("NK1-33");
  }
  EXPECT_TRUE(absl::StrContains(ComposeAck(Asking("", ""), content),
                                "MSA|AA|M1|MOTHER_ID_MISSING SEX_UNKNOWN\r"));
  const Message control =
      *Message::Parse("MSH|^~\\&|H\x1CIS|H1|||||ADT^A01|M\x1C\x0B\x01|P|2.5.1\r");
  EXPECT_EQ(ComposeAck(control, {}).find_first_of("\x0B\x1C\x01"), std::string::npos);
}

}  // namespace
}  // namespace birthseal::connect::hl7
