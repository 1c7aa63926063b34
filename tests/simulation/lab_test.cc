// SPDX-License-Identifier: Apache-2.0
// The bound that every build must hold, and that a seed means one history.
#include <iostream>
#include <sstream>

#include "gtest/gtest.h"
#include "tests/simulation/campaign.h"

namespace birthseal::simulation {
namespace {

// Sanitizers make everything slower; they look for other faults than the promises.
#ifdef BIRTHSEAL_SANITIZED
constexpr uint64_t kHistories = 1500, kCommands = 150'000;
#else
constexpr uint64_t kHistories = 200'000, kCommands = 20'000'000;
#endif

TEST(LabTest, OneSeedIsOneHistory) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::ostringstream first, second;
    const HistoryResult one = RunHistory({seed, &first});
    const HistoryResult two = RunHistory({seed, &second});
    EXPECT_EQ(first.str(), second.str()) << "seed " << seed;
    EXPECT_EQ(one.commands, two.commands);
    EXPECT_GT(one.commands, 50u);
  }
}

TEST(LabTest, ThePromisesHold) {
  CampaignOptions options;
  options.histories = kHistories;
  const CampaignResult result = RunCampaign(options);
  std::cout << Summary(result) << std::endl;
  for (const HistoryResult& failed : result.failed) {
    ADD_FAILURE() << "seed " << failed.seed << ": " << failed.violations.front()
                  << "\nshow it: ./dev lab --verbose --seed " << failed.seed;
  }
  EXPECT_EQ(result.histories, kHistories);
  EXPECT_GE(result.commands, kCommands);
  // The histories are worth their name: things are issued, and things go wrong.
  EXPECT_GT(result.certificates, kHistories / 4);
  EXPECT_GT(result.crashes, kHistories / 2);
  EXPECT_GT(result.takeovers, kHistories / 20);
  EXPECT_GT(result.restores, kHistories / 100);
}

}  // namespace
}  // namespace birthseal::simulation
