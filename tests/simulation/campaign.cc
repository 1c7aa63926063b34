// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/campaign.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace birthseal::simulation {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Count(const HistoryResult& history, CampaignResult& total) {
  ++total.histories;
  total.commands += history.commands;
  total.batches += history.batches;
  total.certificates += history.certificates;
  total.crashes += history.crashes;
  total.takeovers += history.takeovers;
  total.restores += history.restores;
  total.cosigned += history.cosigned;
  if (!history.violations.empty()) total.failed.push_back(history);
}

}  // namespace

CampaignResult RunCampaign(const CampaignOptions& options) {
  const Clock::time_point start = Clock::now();
  std::atomic<uint64_t> next{0};
  std::atomic<size_t> failures{0};
  std::mutex mutex;  // guards total
  CampaignResult total;
  const auto work = [&] {
    while (failures < options.most_failures) {
      if (options.seconds > 0 && Since(start) > options.seconds) break;
      const uint64_t index = next++;
      if (index >= options.histories) break;
      const HistoryResult history = RunHistory({options.first_seed + index, nullptr});
      if (!history.violations.empty()) ++failures;
      std::lock_guard<std::mutex> lock(mutex);
      Count(history, total);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, options.threads); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::sort(total.failed.begin(), total.failed.end(),
            [](const HistoryResult& a, const HistoryResult& b) { return a.seed < b.seed; });
  total.seconds = Since(start);
  return total;
}

std::string Summary(const CampaignResult& result) {
  std::string text = absl::StrFormat(
      "%u histories, %u commands in %u batches, %u certificates, %u crashes, %u takeovers, %u "
      "restores, %u cosignatures in %.1f s (%.1f us a command): %u with a violation",
      result.histories, result.commands, result.batches, result.certificates, result.crashes,
      result.takeovers, result.restores, result.cosigned, result.seconds,
      result.commands == 0 ? 0 : result.seconds * 1e6 / static_cast<double>(result.commands),
      result.failed.size());
  for (const HistoryResult& failed : result.failed) {
    absl::StrAppend(&text, "\nseed ", failed.seed, ":");
    for (const std::string& violation : failed.violations)
      absl::StrAppend(&text, "\n  ", violation);
  }
  return text;
}

}  // namespace birthseal::simulation
