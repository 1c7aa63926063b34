// SPDX-License-Identifier: Apache-2.0
// Many histories: seeds in order, shared among threads; stops at the first violations.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/history.h"

namespace birthseal::simulation {

struct CampaignOptions {
  uint64_t first_seed = 1;
  uint64_t histories = 1000;
  double seconds = 0;  // not 0: no new history starts after so long
  unsigned threads = 2;
  size_t most_failures = 3;
};

struct CampaignResult {
  uint64_t histories = 0, commands = 0, batches = 0, certificates = 0;
  uint64_t crashes = 0, takeovers = 0, restores = 0, cosigned = 0;
  double seconds = 0;
  std::vector<HistoryResult> failed;  // by seed
};

CampaignResult RunCampaign(const CampaignOptions& options);
// One paragraph for people.
std::string Summary(const CampaignResult& result);

}  // namespace birthseal::simulation
