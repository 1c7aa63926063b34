// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/told.h"

#include "gtest/gtest.h"

namespace birthseal::server {
namespace {

TEST(ToldTest, AtFirstWhenTheReasonChangesOnceAnHourAndAnewWhenItWasOver) {
  const absl::Time start = absl::UnixEpoch();
  Told told;
  EXPECT_TRUE(told.Due("IO", start));
  EXPECT_FALSE(told.Due("IO", start));
  EXPECT_FALSE(told.Due("IO", start + absl::Minutes(59)));
  EXPECT_TRUE(told.Due("FULL", start + absl::Minutes(59)));
  EXPECT_TRUE(told.Due("IO", start + absl::Minutes(59)));
  EXPECT_FALSE(told.Due("IO", start + absl::Minutes(118)));
  EXPECT_TRUE(told.Due("IO", start + absl::Minutes(119)));
  told.Over();
  EXPECT_TRUE(told.Due("IO", start + absl::Minutes(119)));
}

}  // namespace
}  // namespace birthseal::server
