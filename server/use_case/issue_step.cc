// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/issue_step.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>

namespace birthseal::server {

StepHook CrashHook(const char* spec) {
  int step = 0, count = 0, used = 0;
  if (spec == nullptr || std::sscanf(spec, "%d:%d%n", &step, &count, &used) != 2 ||
      spec[used] != '\0' || step < 1 || step > kIssueSteps || count < 1) {
    return nullptr;
  }
  const auto left = std::make_shared<std::atomic<int>>(count);
  return [step, left](IssueStep reached) {
    if (static_cast<int>(reached) == step && --*left == 0) kill(getpid(), SIGKILL);
    return absl::OkStatus();
  };
}

bool OpenIssues::TryClaim(store::IntentKey intent) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return claimed_.insert(intent).second;
}

void OpenIssues::Release(store::IntentKey intent) {
  const std::lock_guard<std::mutex> lock(mutex_);
  claimed_.erase(intent);
  changed_.notify_all();
}

void OpenIssues::WaitUntilFree(store::IntentKey intent) {
  std::unique_lock<std::mutex> lock(mutex_);
  ++waiting_;
  changed_.wait(lock, [&] { return claimed_.count(intent) == 0; });
  --waiting_;
}

size_t OpenIssues::waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return waiting_;
}

}  // namespace birthseal::server
