// SPDX-License-Identifier: Apache-2.0
// The ledger without threads: what waits, one batch at a time, what it has to tell. Ledger puts two
// threads and a lock around it; a simulation drives it directly.
//
// Order of use: Add and Take, then Run for what was taken, Finish with its outcome, at last
// AnswerCallers.
// Thread-safety: none of its own. Run and the journal belong to the one that writes; all other
// methods are short and need the caller's lock; Run may overlap with Add. AnswerCallers needs no
// lock.
// Durability: Run's outcome is durable when it says so.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/ledger/clock_guard.h"
#include "store/ledger/command_queue.h"
#include "store/ledger/ledger.h"
#include "store/ledger/step.h"

namespace birthseal::store {

class LedgerCore {
 public:
  // One batch, taken from the queue.
  struct Batch {
    std::vector<QueuedCommand> items;
    absl::Time time;  // ledger time
    bool trusted = true;
  };
  // What one batch has to tell, in this order.
  struct Outcome {
    bool durable = false;
    absl::Status failure;  // not OK: the ledger is fenced from here on
    absl::Status cause;    // of the failure: what the journal or the engine answered
    DurableRoot root;
    std::vector<QueuedCommand> items;
    std::vector<AnyAnswer> answers;  // one for each item
  };

  // Takes the fence, replays what the journal has and the engine lacks, reads the positions.
  // `engine` and the journal outlive it.
  static absl::StatusOr<std::unique_ptr<LedgerCore>> Open(Engine* engine, LedgerOptions options);

  // The commands wait from now on; what is refused at once is in the outcome.
  Outcome Add(std::vector<Command> commands, Ledger::Callback done);
  bool idle() const { return queue_.empty(); }
  // The next batch, at the time of both clocks. Requires: not idle.
  Batch Take(absl::Time wall, absl::Duration monotonic);
  // Applies and commits.
  Outcome Run(Batch batch);
  // The ledger goes on from this outcome; after a failure all that waits is refused with it.
  void Finish(Outcome& outcome);
  // Calls back: the durable root first, then the answers.
  void AnswerCallers(Outcome outcome) const;

  // No new commands from now on; what waits is still run.
  void Close();
  DurableRoot head() const { return head_; }
  std::string Unhealthy() const;
  const absl::Status& commit_failure() const { return commit_failure_; }
  // See Ledger.
  void RefuseNewWork(absl::Status reason) { refusal_ = std::move(reason); }
  void ConfirmClock() { guard_.Confirm(); }
  FenceEpoch epoch() const { return epoch_; }

 private:
  LedgerCore(Engine* engine, LedgerOptions options, FenceEpoch epoch, LedgerState state);
  absl::Status Commit(const StepResult& step);
  absl::Status Admit(const Command& command) const;

  Engine* const engine_;
  const LedgerOptions options_;
  const FenceEpoch epoch_;
  LedgerState state_;  // of the one that writes

  CommandQueue queue_;
  DurableRoot head_;
  ClockGuard guard_;
  absl::Status failure_;  // not OK: nothing is taken any more
  absl::Status commit_failure_;
  absl::Status refusal_;  // not OK: of new work
};

}  // namespace birthseal::store
