// SPDX-License-Identifier: Apache-2.0
// The step at which a kill test ends the service, as it is written; anything else ends nothing.
#include "server/use_case/issue_step.h"

#include <signal.h>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

TEST(CrashHookTest, AStepAndACountMakeAHookAndNothingElseDoes) {
  EXPECT_TRUE(CrashHook("1:1"));
  EXPECT_TRUE(CrashHook(absl::StrCat(kIssueSteps, ":300").c_str()));
  EXPECT_FALSE(CrashHook(nullptr));
  const std::string above = absl::StrCat(kIssueSteps + 1, ":1");
  for (const char* spec : {"", "3", "3:", ":3", "x:1", "3:x", "0:1", "-1:1", above.c_str(), "3:0",
                           "3:-1", "3:1 ", "3:1x", "3:1:1"}) {
    EXPECT_FALSE(CrashHook(spec)) << spec;
  }
}

TEST(CrashHookDeathTest, EndsTheProcessAtThatStepTheTimeThatWasSaid) {
  const StepHook hook = CrashHook("3:2");
  for (int step = 1; step <= kIssueSteps; ++step) {
    EXPECT_OK(hook(static_cast<IssueStep>(step)));
  }
  EXPECT_EXIT(hook(IssueStep::kReserved).IgnoreError(), testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace birthseal::server
