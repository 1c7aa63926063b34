// SPDX-License-Identifier: Apache-2.0
// Each kind of message (tests/clients/connect/dialects.h) into the whole service: nothing is lost,
// a repeat gets the same bytes, and who is whose is found.
#include <map>

#include "tests/clients/connect/dialects.h"
#include "tests/integration/feed_fixture.h"

namespace birthseal::tests {
namespace {

using testing::Contains;
using testing::Not;

class FeedDialects : public FeedTest {
 protected:
  static std::vector<std::string> CodesOf(const v1::PushDeliveriesResponse& verdict) {
    std::vector<std::string> codes;
    for (const v1::FeedDefect& defect : verdict.defects()) codes.push_back(defect.code());
    return codes;
  }
};

TEST_F(FeedDialects, EveryMessageIsAnsweredAndKeptAndARepeatGetsTheSameBytes) {
  std::map<std::string, std::string> answers;
  for (const Dialect& dialect : Dialects()) {
    const connect::mllp::Reply reply = Answer(dialect.message);
    EXPECT_FALSE(reply.close) << dialect.name;
    EXPECT_EQ(reply.answer.empty(), *dialect.ack == '\0') << dialect.name;
    answers[dialect.name] = reply.answer;
    for (const WatchedLink::Pushed& one : link_->Take()) {
      EXPECT_NE(one.verdict.verdict(), v1::FEED_VERDICT_DUPLICATE) << dialect.name;
      EXPECT_NE(one.verdict.verdict(), v1::FEED_VERDICT_RETRY_LATER) << dialect.name;
      if (one.verdict.verdict() == v1::FEED_VERDICT_IGNORED || dialect.message.empty()) continue;
      const auto kept = RawMessage(one.verdict.delivery_id());
      ASSERT_OK(kept) << dialect.name;
      EXPECT_EQ(*kept, dialect.message) << dialect.name;
    }
  }
  for (const Dialect& dialect : Dialects()) {
    EXPECT_EQ(Answer(dialect.message).answer, answers[dialect.name]) << dialect.name;
    for (const WatchedLink::Pushed& one : link_->Take()) {
      EXPECT_EQ(one.verdict.verdict(), v1::FEED_VERDICT_DUPLICATE) << dialect.name;
    }
  }
}

TEST_F(FeedDialects, TwinsWithOneControlIdAreTwoRecordsOfTwoNewborns) {
  const auto second = Send(Twin(2, "")), first = Send(Twin(1, ""));
  for (const auto& verdict : {first, second}) {
    EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_REVIEW);
    EXPECT_EQ(verdict.newborn_id().size(), 16u);
  }
  EXPECT_NE(first.delivery_id(), second.delivery_id());
  EXPECT_NE(first.newborn_id(), second.newborn_id());
}

TEST_F(FeedDialects, OneBabyFromTwoSystemsIsOneNewbornAndAnotherBirthDateGoesToReview) {
  const std::string born = "20240305140823";
  std::string newborn;
  for (const std::string& message :
       {Admission(born), LabOrder("L1", born), LabOrder("L2", born, "20240308090000")}) {
    const auto verdict = Send(message);
    if (newborn.empty()) newborn = verdict.newborn_id();
    EXPECT_EQ(verdict.newborn_id(), newborn);
    EXPECT_THAT(CodesOf(verdict), Not(Contains("BIRTH_DATE_CHANGED")));
  }
  EXPECT_EQ(newborn.size(), 16u);
  EXPECT_EQ(RecordOf("B100").delivery().birth_time(), "2024-03-05T14:08");
  const auto conflict = Send(LabOrder("L3", "20240302140823", "20240309090000"));
  EXPECT_EQ(conflict.verdict(), v1::FEED_VERDICT_REVIEW);
  EXPECT_THAT(CodesOf(conflict), Contains("BIRTH_DATE_CHANGED"));
  EXPECT_EQ(RecordOf("B100").delivery().birth_time(), "2024-03-05T14:08");  // nothing was merged
}

}  // namespace
}  // namespace birthseal::tests
