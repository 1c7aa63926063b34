// SPDX-License-Identifier: Apache-2.0
// The numbered steps of issuing (ISSUANCE.md) and who is at work on which intent.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>

#include "absl/status/status.h"
#include "store/commands.h"

namespace birthseal::server {

// Numbers are those of ISSUANCE.md; each names what has just been done.
enum class IssueStep {
  kOrderReceived = 1,
  kOrderVerified = 2,  // sealer's signature
  kReserved = 3,       // durable: INTENT
  kCheckpointSigned = 4,
  kPlanned = 5,
  kRendered = 6,
  kSealed = 7,
  kReverified = 8,
  kRecipeMade = 9,
  kCommitted = 10,  // durable: ISSUED
  kAnswerReady = 11,
};
inline constexpr int kIssueSteps = 11;

// Called after each step, from any thread. Null in production. A hook that answers an error stops
// the item there, as a crash would, without undoing anything; a kill test ends the process.
using StepHook = std::function<absl::Status(IssueStep)>;

inline absl::Status Reached(const StepHook& hook, IssueStep step) {
  return hook ? hook(step) : absl::OkStatus();
}

// A hook that kills the process (SIGKILL) the `count`-th time it reaches `step`; `spec` is
// "<step>:<count>". Only for a service whose configuration says `allow_crash_points`.
// Null for an empty or malformed spec.
StepHook CrashHook(const char* spec);

// Intents that a call or the finisher is sealing now, or that two people give up, so that no two of
// them are at work on one.
// An IntentKey tells log epochs apart.
// Process-local: correctness rests on CommitIssue, which accepts one document for an intent.
// Thread-safe.
class OpenIssues {
 public:
  // False: somebody else is at work on it.
  [[nodiscard]] bool TryClaim(store::IntentKey intent);
  void Release(store::IntentKey intent);
  // Blocks until nobody is at work on it.
  void WaitUntilFree(store::IntentKey intent);
  // How many wait now.
  size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<store::IntentKey> claimed_;  // under mutex_
  size_t waiting_ = 0;                  // under mutex_
};

}  // namespace birthseal::server
