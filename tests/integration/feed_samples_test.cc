// SPDX-License-Identifier: Apache-2.0
// Messages that real systems wrote, sent to the whole service. What each one is answered is in
// tests/clients/connect/samples_test.cc; here: nothing is lost, repeats, twins and linkage.
#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/integration/feed_fixture.h"

namespace birthseal::tests {
namespace {

using testing::Contains;

constexpr char kCdc[] = "feeds/cdc-trusted-intermediary/";

class FeedSamples : public FeedTest {
 protected:
  void SetUp() override {
    directory_ = SamplesDir();
    if (directory_.empty()) GTEST_SKIP() << "third-party samples are not beside the source";
    sender_.zone = absl::FixedTimeZone(-5 * 3600);  // where these senders are
    sender_.processing_ids = {"P", "D", "T"};
  }
  std::string Sample(const std::string& path) const {
    return ReadFile(absl::StrCat(directory_, "/", path));
  }
  std::vector<std::string> AllSamples() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ + "/feeds")) {
      if (entry.path().extension() == ".hl7") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  static std::vector<std::string> CodesOf(const v1::PushDeliveriesResponse& verdict) {
    std::vector<std::string> codes;
    for (const v1::FeedDefect& defect : verdict.defects()) codes.push_back(defect.code());
    return codes;
  }

  std::string directory_;
};

TEST_F(FeedSamples, EveryMessageIsAnsweredAndKeptAndARepeatGetsTheSameBytes) {
  std::map<std::string, std::string> answers;
  for (const std::string& path : AllSamples()) {
    const std::string raw = ReadFile(path);
    const connect::mllp::Reply reply = Answer(raw);
    EXPECT_FALSE(reply.close) << path;
    answers[path] = reply.answer;
    const std::vector<WatchedLink::Pushed> pushed = link_->Take();
    const bool acknowledgement = path.find("_ACK.hl7") != std::string::npos;
    EXPECT_EQ(reply.answer.empty(), acknowledgement) << path;
    EXPECT_EQ(pushed.empty(), acknowledgement) << path;
    for (const WatchedLink::Pushed& one : pushed) {
      EXPECT_NE(one.verdict.verdict(), v1::FEED_VERDICT_DUPLICATE) << path;
      EXPECT_NE(one.verdict.verdict(), v1::FEED_VERDICT_RETRY_LATER) << path;
      if (one.verdict.verdict() == v1::FEED_VERDICT_IGNORED || raw.empty()) continue;
      const auto kept = RawMessage(one.verdict.delivery_id());
      ASSERT_OK(kept) << path;
      EXPECT_EQ(*kept, raw) << path;
    }
  }
  EXPECT_GE(answers.size(), 20u);
  for (const auto& [path, first] : answers) {
    EXPECT_EQ(Answer(ReadFile(path)).answer, first) << path;
    for (const WatchedLink::Pushed& one : link_->Take()) {
      EXPECT_EQ(one.verdict.verdict(), v1::FEED_VERDICT_DUPLICATE) << path;
    }
  }
}

TEST_F(FeedSamples, TheOracleTwinsWithOneControlIdAreTwoRecordsOfTwoNewborns) {
  const auto second =
      Send(Sample(absl::StrCat(kCdc, "007_Oracle_OML_O21_NBS_for_second_twin.hl7")));
  const auto first = Send(Sample(absl::StrCat(kCdc, "008_Oracle_OML_O21_NBS_with_two_races.hl7")));
  for (const auto& verdict : {first, second}) {
    EXPECT_TRUE(verdict.verdict() == v1::FEED_VERDICT_ACCEPTED ||
                verdict.verdict() == v1::FEED_VERDICT_REVIEW);
    EXPECT_EQ(verdict.newborn_id().size(), 16u);
  }
  EXPECT_NE(first.delivery_id(), second.delivery_id());
  EXPECT_NE(first.newborn_id(), second.newborn_id());
}

TEST_F(FeedSamples, OneBabyFromThreeSystemsIsOneNewbornAndAnotherBirthDateGoesToReview) {
  std::string newborn;
  for (const char* file :
       {"005_MN_ADT_A01.hl7", "002_MN_OML_O21_NBS.hl7", "003_MN_ORM_O01_NBS_extended.hl7"}) {
    const auto verdict = Send(Sample(absl::StrCat(kCdc, file)));
    if (newborn.empty()) newborn = verdict.newborn_id();
    EXPECT_EQ(verdict.newborn_id(), newborn) << file;
    EXPECT_THAT(CodesOf(verdict), testing::Not(Contains("BIRTH_DATE_CHANGED"))) << file;
  }
  EXPECT_EQ(newborn.size(), 16u);
  const std::string before = RecordOf("11102779").delivery().birth_time();
  const auto conflict = Send(Sample(absl::StrCat(kCdc, "001_LA_ORM_O01_NBS.hl7")));
  EXPECT_EQ(conflict.verdict(), v1::FEED_VERDICT_REVIEW);
  EXPECT_THAT(CodesOf(conflict), Contains("BIRTH_DATE_CHANGED"));
  EXPECT_EQ(RecordOf("11102779").delivery().birth_time(), before);  // nothing was merged
}

}  // namespace
}  // namespace birthseal::tests
