// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/freshness.h"

#include <vector>

#include "certs/errors.h"
#include "gmock/gmock.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using server::Freshness;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::StatusCode kLater = absl::StatusCode::kUnavailable;

class FreshnessTest : public testing::Test {
 protected:
  Freshness Of(size_t witnesses, size_t quorum) {
    Freshness::Options options;
    options.witnesses = witnesses;
    options.quorum = quorum;
    options.on_event = [this](absl::string_view event, absl::string_view) {
      told_.emplace_back(event);
    };
    return Freshness(std::move(options), &clock_);
  }
  SimulatedClock clock_;
  std::vector<std::string> told_;
};

TEST_F(FreshnessTest, WithoutWitnessesEverythingIsAllowed) {
  Freshness freshness = Of(0, 0);
  EXPECT_OK(freshness.MayIssue());
  EXPECT_OK(freshness.MayAnswer());
  EXPECT_FALSE(freshness.NotProvenSince().has_value());
}

TEST_F(FreshnessTest, SoManyWitnessesConfirmThatEveryQuorumHasOneOfThem) {
  const struct {
    size_t witnesses, quorum, needed;
  } kCases[] = {{3, 2, 2}, {3, 3, 1}, {3, 1, 3}, {1, 1, 1}, {5, 3, 3}};
  for (const auto& c : kCases) {
    Freshness freshness = Of(c.witnesses, c.quorum);
    for (size_t i = 0; i < c.needed; ++i) {
      EXPECT_THAT(freshness.MayIssue(), StatusIs(kLater, "FRESHNESS_NOT_PROVEN"));
      EXPECT_OK(freshness.MayAnswer());
      EXPECT_EQ(freshness.NotProvenSince(), clock_.Now());
      freshness.Confirmed("witness-" + std::to_string(i));
      freshness.Confirmed("witness-0");  // again: it counts once
    }
    EXPECT_OK(freshness.MayIssue()) << c.witnesses << " " << c.quorum;
    EXPECT_FALSE(freshness.NotProvenSince().has_value());
    EXPECT_THAT(std::exchange(told_, {}), ElementsAre("FRESHNESS_PROVEN"));
  }
}

TEST_F(FreshnessTest, NotProvenSinceIsTheStart) {
  Freshness freshness = Of(3, 2);
  const absl::Time start = clock_.Now();
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(freshness.NotProvenSince(), start);
}

TEST_F(FreshnessTest, AWitnessThatKnowsMoreEndsAllAnswers) {
  Freshness freshness = Of(3, 2);
  for (const char* name : {"a", "b", "c"}) freshness.Confirmed(name);
  freshness.Behind(
      certs::Error(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND", "the store is behind"));
  EXPECT_THAT(freshness.MayAnswer(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(freshness.MayIssue(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  freshness.Confirmed("d");
  freshness.Quorum(true);
  EXPECT_FALSE(freshness.MayAnswer().ok());  // nothing but another start ends it
  EXPECT_THAT(told_, ElementsAre("FRESHNESS_PROVEN", "STORE_BEHIND"));
}

TEST_F(FreshnessTest, TheFirstThatKnowsMoreSaysWhatIsAnsweredFromThenOn) {
  Freshness freshness = Of(3, 2);
  for (const char* reason : {"STORE_BEHIND", "STORE_FORKED", "STORE_BEHIND"}) {
    freshness.Behind(certs::Error(absl::StatusCode::kFailedPrecondition, reason, ""));
  }
  EXPECT_THAT(freshness.MayAnswer(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(told_, ElementsAre("STORE_BEHIND"));
}

TEST_F(FreshnessTest, SilenceAlarmsAndThenStopsIssuing) {
  Freshness freshness = Of(1, 1);
  freshness.Confirmed("a");
  told_.clear();
  freshness.Unwitnessed();
  clock_.Advance(absl::Minutes(5) - absl::Seconds(1));
  freshness.Unwitnessed();  // does not begin anew
  freshness.Look();
  EXPECT_THAT(told_, IsEmpty());
  clock_.Advance(absl::Seconds(1));
  freshness.Look();
  freshness.Look();
  EXPECT_THAT(told_, ElementsAre("WITNESSES_SILENT_ALARM"));
  EXPECT_EQ(freshness.counters().alarms, 1u);
  EXPECT_OK(freshness.MayIssue());
  clock_.Advance(absl::Hours(24) - absl::Minutes(5) - absl::Seconds(1));
  EXPECT_OK(freshness.MayIssue());
  clock_.Advance(absl::Seconds(1));
  freshness.Look();
  EXPECT_THAT(freshness.MayIssue(), StatusIs(kLater, "WITNESSES_SILENT"));
  EXPECT_OK(freshness.MayAnswer());
  freshness.Quorum(true);
  EXPECT_OK(freshness.MayIssue());
  EXPECT_THAT(told_, ElementsAre("WITNESSES_SILENT_ALARM", "WITNESSES_SILENT", "WITNESSES_BACK"));
}

TEST_F(FreshnessTest, ALogThatStandsStillNeverAlarms) {
  Freshness freshness = Of(1, 1);
  freshness.Confirmed("a");
  freshness.Unwitnessed();
  freshness.Quorum(true);
  told_.clear();
  clock_.Advance(absl::Hours(100));
  freshness.Look();
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_OK(freshness.MayIssue());
}

TEST_F(FreshnessTest, AQuorumThatLeavesSomethingNewCountsFromThere) {
  Freshness freshness = Of(1, 1);
  freshness.Confirmed("a");
  freshness.Unwitnessed();
  clock_.Advance(absl::Minutes(4));
  freshness.Quorum(false);
  clock_.Advance(absl::Minutes(4));
  freshness.Look();
  EXPECT_EQ(freshness.counters().alarms, 0u);
  EXPECT_EQ(freshness.counters().silence, absl::Minutes(4));
  clock_.Advance(absl::Minutes(1));
  freshness.Look();
  EXPECT_EQ(freshness.counters().alarms, 1u);
}

TEST_F(FreshnessTest, AClockThatGoesBackIsNoSilence) {
  Freshness freshness = Of(1, 1);
  freshness.Confirmed("a");
  freshness.Unwitnessed();
  clock_.Advance(-absl::Hours(30));
  EXPECT_EQ(freshness.counters().silence, absl::ZeroDuration());
  EXPECT_OK(freshness.MayIssue());
}

}  // namespace
}  // namespace birthseal::tests
