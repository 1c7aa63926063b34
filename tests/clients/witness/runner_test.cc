// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/runner.h"

#include "tests/clients/witness/witness_fixture.h"

namespace birthseal::witness {
namespace {

using tests::SignedNote;
using tests::StatusIs;

class RunnerTest : public tests::WitnessFixture {
 protected:
  void SetUp() override {
    Open();
    served = {&log_};
  }
  Runner MakeRunner() {
    Service service;
    service.exchange = [this](const std::string& cosigned) -> absl::StatusOr<std::string> {
      brought.push_back(cosigned);
      if (!service_error.ok()) return service_error;
      const uint64_t known = cosigned.empty() ? 0 : certs::ParseCheckpoint(cosigned)->head.size;
      return known < signed_size ? SignedNote(log_.HeadAt(signed_size)) : std::string();
    };
    service.list = Lister();
    RunnerOptions options;
    options.now = [this] { return now; };
    options.sleep = [this](absl::Duration pause) {
      now += pause;
      pauses.push_back(pause);
      if (on_pause) on_pause();
    };
    options.stop = [this] { return pauses.size() >= stop_after; };
    options.cosigned = [this](const certs::TreeHead& head) { sizes.push_back(head.size); };
    options.trouble = [this](const absl::Status& s) { troubles.push_back(certs::ReasonOf(s)); };
    options.lasting_trouble = [this](const absl::Status&) { ++lasting; };
    return Runner(witness.get(), service, options);
  }
  tests::SmallLog log_ = tests::ExchangeStory();
  size_t signed_size = 2, stop_after = 3;
  absl::Status service_error;
  std::vector<std::string> brought, troubles;
  std::vector<absl::Duration> pauses;
  std::vector<uint64_t> sizes;
  std::function<void()> on_pause;
  int lasting = 0;
};

TEST_F(RunnerTest, BringsEachCosignatureAtOnceAndThenWaits) {
  on_pause = [this] { signed_size = std::min<size_t>(6, signed_size + 2); };
  Runner runner = MakeRunner();
  ASSERT_OK(runner.Run());
  EXPECT_EQ(sizes, (std::vector<uint64_t>{2, 4, 6}));
  ASSERT_EQ(brought.size(), 6u);  // ask, bring, pause; ask and bring ...
  EXPECT_EQ(brought[0], "");
  EXPECT_EQ(certs::ParseCheckpoint(brought[1])->head.size, 2u);
  EXPECT_EQ(certs::ParseCheckpoint(brought[5])->head.size, 6u);
}

TEST_F(RunnerTest, AfterARestartBringsWhatPerhapsNeverGotOut) {
  ASSERT_OK(Offer(log_.HeadAt(4)));
  Open();
  Runner runner = MakeRunner();
  ASSERT_OK(runner.RunOnce());
  ASSERT_EQ(brought.size(), 1u);
  EXPECT_EQ(certs::ParseCheckpoint(brought[0])->head.size, 4u);
}

TEST_F(RunnerTest, WaitsLongerAfterErrorsAndAlarmsOnceASpell) {
  service_error = absl::UnavailableError("no service");
  stop_after = 40;
  on_pause = [this] {
    if (pauses.size() == 30) service_error = absl::OkStatus();
    if (pauses.size() == 32) service_error = absl::UnavailableError("no service");
  };
  Runner runner = MakeRunner();
  ASSERT_OK(runner.Run());
  EXPECT_EQ(pauses[0], absl::Seconds(2));
  EXPECT_EQ(pauses[10], absl::Seconds(60));
  EXPECT_EQ(pauses[30], absl::Seconds(1));
  EXPECT_EQ(troubles.size(), 2u);  // said once a spell
  EXPECT_EQ(lasting, 1);           // the second spell is too short
}

TEST_F(RunnerTest, StopsWhenTheWitnessRefuses) {
  log_.Issued(3, 0, {tests::LabelOf(3)});  // label 3 is that of certificate 2
  signed_size = 7;
  Runner runner = MakeRunner();
  EXPECT_THAT(runner.Run(), StatusIs(absl::StatusCode::kFailedPrecondition, "MAP_SECOND_LIVE"));
  Open();
  EXPECT_THAT(MakeRunner().Run(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WITNESS_REFUSES"));
  EXPECT_TRUE(pauses.empty());
}

TEST_F(RunnerTest, StopsWhenTheDiskFails) {
  storage.crash_at = 0;
  storage.crash = tests::MemoryStorage::Crash::kBefore;
  Runner runner = MakeRunner();
  EXPECT_THAT(runner.Run(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(pauses.empty());
}

}  // namespace
}  // namespace birthseal::witness
