// SPDX-License-Identifier: Apache-2.0
// The laboratory by hand: `./dev lab`.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "tests/simulation/campaign.h"

int main(int argc, char** argv) {
  using namespace birthseal::simulation;
  CLI::App app("Seeded histories of the real ledger against the promises of Birthseal.");
  CampaignOptions options;
  double minutes = 0;
  bool verbose = false;
  app.add_option("--seed", options.first_seed, "first seed")->capture_default_str();
  app.add_option("--histories", options.histories, "how many histories, one seed each")
      ->capture_default_str();
  app.add_option("--minutes", minutes, "run for so long instead");
  app.add_option("--threads", options.threads, "histories side by side")->capture_default_str();
  app.add_option("--failures", options.most_failures, "stop after so many violations")
      ->capture_default_str();
  app.add_flag("--verbose", verbose, "print every event of the one history of --seed");
  CLI11_PARSE(app, argc, argv);
  if (verbose) {
    const HistoryResult result = RunHistory({options.first_seed, &std::cout});
    std::cout << "seed " << result.seed << ": " << result.commands << " commands, "
              << result.certificates << " certificates, " << result.crashes << " crashes, "
              << result.violations.size() << " violations\n";
    return result.violations.empty() ? 0 : 1;
  }
  if (minutes > 0) {
    options.seconds = minutes * 60;
    options.histories = UINT64_MAX - options.first_seed;
  }
  const CampaignResult result = RunCampaign(options);
  std::cout << Summary(result) << '\n';
  return result.failed.empty() ? 0 : 1;
}
