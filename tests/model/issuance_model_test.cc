// SPDX-License-Identifier: Apache-2.0
// The model of the issuing cycle (issuance.pml): it holds within its bounds, and each of its
// properties is broken by a mistake that somebody might make.
//
// BIRTHSEAL_MODEL_LARGE=<minutes> searches larger bounds as well, with hashes instead of states.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/model/spin_run.h"

namespace birthseal::tests {
namespace {

using Defines = std::vector<std::string>;

std::string Story(const SpinResult& result) { return absl::StrJoin(result.story, "\n  "); }

// Minutes for each of the larger searches; 0: none.
int Minutes() {
  const char* minutes = std::getenv("BIRTHSEAL_MODEL_LARGE");
  return minutes == nullptr ? 0 : std::atoi(minutes);
}

void ExpectHolds(const std::string& what, const SpinRun& run) {
  const SpinResult result = RunSpin(run);
  ASSERT_EQ(result.trouble, "");
  std::fprintf(stderr, "model: %s: %llu states, %.0f MB\n", what.c_str(),
               static_cast<unsigned long long>(result.states), result.megabytes);
  EXPECT_EQ(result.errors, 0) << result.violated << " after\n  " << Story(result);
  EXPECT_TRUE(result.complete || run.bitstate_minutes > 0) << "the search did not end";
  EXPECT_GT(result.states, 10'000u) << "hardly anything was searched";
}

struct Bound {
  const char* name;
  Defines defines;
};
std::string NameOf(const testing::TestParamInfo<Bound>& info) { return info.param.name; }

// Every state within a bound. Together: both kinds of faults of writers; the lost disk with two
// writers; with a witness; with a journal that lags.
const Bound kSafety[] = {
    {"faults", {"BACKUPS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"restore_with_two_writers", {"CRASHES=0", "WITNESSED=0", "NO_CANCEL"}},
    {"restore_with_a_witness", {"CRASHES=0", "TAKEOVERS=0"}},
    {"journal_lags", {"ACK_LOCAL", "CRASHES=0", "TAKEOVERS=0"}},
};

class Safety : public testing::TestWithParam<Bound> {};

TEST_P(Safety, HoldsInEveryState) {
  SpinRun run;
  run.defines = GetParam().defines;
  ExpectHolds(GetParam().name, run);
}

INSTANTIATE_TEST_SUITE_P(Model, Safety, testing::ValuesIn(kSafety), NameOf);

// A reservation is finished once crashes have stopped, without anybody's help (NO_CANCEL).
const Bound kLiveness[] = {
    {"first_issue_after_a_crash",
     {"LIVENESS=0", "NO_CANCEL", "TAKEOVERS=0", "BACKUPS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"exchange_after_a_restore",
     {"LIVENESS=1", "NO_CANCEL", "TAKEOVERS=0", "CRASHES=0", "WITNESSED=0"}},
    {"exchange_when_the_journal_lags",
     {"LIVENESS=1", "NO_CANCEL", "TAKEOVERS=0", "CRASHES=0", "ACK_LOCAL"}},
};

class Liveness : public testing::TestWithParam<Bound> {};

TEST_P(Liveness, WhatIsReservedIsFinished) {
  SpinRun run;
  run.defines = GetParam().defines;
  run.liveness = true;
  ExpectHolds(GetParam().name, run);
}

INSTANTIATE_TEST_SUITE_P(Model, Liveness, testing::ValuesIn(kLiveness), NameOf);

// Larger bounds, only when asked for.
std::vector<Bound> LargeBounds() {
  if (Minutes() == 0) return {};
  return {{"everything", {"CASES=4", "NUMBERS=4", "DESK", "CRASHES=2", "WITNESSED=2"}},
          {"everything_when_the_journal_lags",
           {"ACK_LOCAL", "CASES=4", "NUMBERS=4", "DESK", "CRASHES=1", "WITNESSED=2"}}};
}

class Large : public testing::TestWithParam<Bound> {};

TEST_P(Large, NothingIsFound) {
  SpinRun run;
  run.defines = GetParam().defines;
  run.bitstate_minutes = Minutes();
  ExpectHolds(GetParam().name, run);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Large);
INSTANTIATE_TEST_SUITE_P(Model, Large, testing::ValuesIn(LargeBounds()), NameOf);

// A mistake, and the property that must break: no property here holds by accident.
struct Mistake {
  const char* name;
  const char* property;
  Defines defines;
};

const Mistake kMistakes[] = {
    {"NO_FENCE", "fenced_never_commits", {"BACKUPS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"NO_FENCE", "follows_table", {"BACKUPS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"NO_FORWARD", "acknowledged_kept", {"CRASHES=0", "TAKEOVERS=0", "WITNESSED=0"}},
    {"NO_FORWARD", "never_unrevoked", {"CRASHES=0", "TAKEOVERS=0", "WITNESSED=0"}},
    {"NO_FORWARD", "one_valid", {"CRASHES=0", "TAKEOVERS=0", "WITNESSED=0"}},
    {"NO_FORWARD", "log_append_only", {"CRASHES=0", "TAKEOVERS=0", "BACKUPS=0", "WITNESSED=2"}},
    {"NO_MIRROR", "never_unrevoked", {"ACK_LOCAL", "CRASHES=0", "TAKEOVERS=0"}},
    {"VOID_LATE", "one_valid", {"CRASHES=0", "TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"VOID_EARLY",
     "superseded_has_successor",
     {"CRASHES=0", "TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"FREE_NUMBER", "number_serves_one", {"TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"ANSWER_EARLY", "handed_after_commit", {"TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"TWO_DOCUMENTS", "intent_ends_once", {"TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"NO_FINISHER", "finished", {"TAKEOVERS=0", "BACKUPS=0", "DISASTERS=0", "WITNESSED=0"}},
    {"REVOKE_IN_PROGRESS", "finished", {"CRASHES=0", "TAKEOVERS=0", "DISASTERS=0", "WITNESSED=0"}},
};

class Found : public testing::TestWithParam<Mistake> {};

TEST_P(Found, WithAStory) {
  const Mistake& mistake = GetParam();
  SpinRun run;
  run.defines = mistake.defines;
  run.defines.push_back(absl::StrCat("MUT_", mistake.name));
  run.liveness = mistake.property == std::string("finished");
  run.shortest = !run.liveness;
  if (run.liveness) {
    run.defines.insert(run.defines.end(), {"LIVENESS=1", "NO_CANCEL"});
  } else {
    run.defines.push_back(absl::StrCat("ONLY=", mistake.property));
  }
  const SpinResult result = RunSpin(run);
  ASSERT_EQ(result.trouble, "");
  EXPECT_EQ(result.errors, 1) << "the model does not see the mistake";
  EXPECT_EQ(result.violated, mistake.property);
  EXPECT_GT(result.story.size(), 3u);
  std::fprintf(stderr, "model: %s breaks %s in %zu steps:\n  %s\n", mistake.name, mistake.property,
               result.story.size(), Story(result).c_str());
}

INSTANTIATE_TEST_SUITE_P(Model, Found, testing::ValuesIn(kMistakes), [](const auto& info) {
  return absl::StrCat(info.param.name, "_", info.param.property);
});

}  // namespace
}  // namespace birthseal::tests
