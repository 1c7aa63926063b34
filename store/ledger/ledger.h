// SPDX-License-Identifier: Apache-2.0
// The ledger: the one writer. Takes what has queued, applies it, commits one synced batch, answers.
//
// A command is answered with the value that it names, or with the status that refused it. Whoever
// holds this class may give every command; a room of the server holds a port (ledger_port.h).
// Thread-safe: any thread; callbacks run on the ledger's answer thread, keep them short.
// Durability: an OK answer means the batch is synced (and journaled, with ack = journaled). Errors:
// kResourceExhausted the lane is full (never for finishing); that of RefuseNewWork; kUnavailable
// "OUTCOME_UNKNOWN", retry with the same ids; kAborted "FENCED" another writer took over; kDataLoss
// a stored node cannot be read, nothing was done; those of the commands.
#pragma once

#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/clock.h"
#include "certs/digest.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/durable_root.h"

namespace birthseal::store {

class Engine;
class Journal;

struct LedgerOptions {
  size_t queue_limit = 8192;  // commands waiting, per lane
  size_t batch_commands = 256;
  size_t batch_bytes = 8u << 20;
  std::string index_key;       // for the claims made inside (C4)
  Journal* journal = nullptr;  // not null: append before commit; outlives the ledger
  // In log order, on the answer thread, before the answers of the batch.
  std::function<void(const DurableRoot&)> on_durable;
  std::function<absl::Duration()> monotonic;  // for the clock guard; empty: the steady clock
  // Asked before each batch, on the ledger thread: whether the log may grow (apply.h, LogGrowth).
  // Empty: it may not.
  std::function<bool()> may_log;
};

class Ledger {
 public:
  // Takes the fence, replays what the journal has and the engine lacks, starts the thread.
  // Reads positions only, never the whole store. `engine` and `clock` outlive the ledger. Errors:
  // kInvalidArgument "INDEX_KEY_MISSING", and the fence is not taken.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(Engine* engine, const certs::Clock* clock,
                                                      LedgerOptions options);
  // Finishes what was queued, then stops.
  ~Ledger();

  // Blocks until durable.
  template <class C>
  absl::StatusOr<typename C::Answer> Call(C command) {
    return AnswerTo<C>(CallAny(std::move(command)));
  }
  // One answer for each command, in order; commands of one call may fall into several batches.
  template <class C>
  std::vector<absl::StatusOr<typename C::Answer>> CallAll(std::vector<C> commands);
  // Answers later.
  template <class C>
  void Submit(C command, std::function<void(absl::StatusOr<typename C::Answer>)> done);

  // For what holds commands of several kinds as values: queue, journal, simulation, tests. The type
  // of the command no longer says which value its answer has.
  using Callback = std::function<void(std::vector<AnyAnswer>)>;
  void SubmitAny(std::vector<Command> commands, Callback done);
  AnyAnswer CallAny(Command command);
  std::vector<AnyAnswer> CallAllAny(std::vector<Command> commands);

  // The newest durable root.
  DurableRoot Head() const;
  // Why not, after a failed commit or with a clock that cannot be trusted; empty: healthy.
  std::string Unhealthy() const;
  // The status of the commit that failed, for the operator's log; OK: none did.
  absl::Status CommitFailure() const;
  // New work is answered with this from now on, but for finishing and access (a reserved issue is
  // completed, reads go on); OK: it is taken again. What waits is still run.
  void RefuseNewWork(absl::Status reason);
  // After the clock alarm: an operator says that the time is right again.
  void ConfirmClock();

 private:
  class Threads;
  explicit Ledger(std::unique_ptr<Threads> threads);
  std::unique_ptr<Threads> threads_;
};

template <class C>
std::vector<absl::StatusOr<typename C::Answer>> Ledger::CallAll(std::vector<C> commands) {
  std::vector<Command> any(std::make_move_iterator(commands.begin()),
                           std::make_move_iterator(commands.end()));
  std::vector<absl::StatusOr<typename C::Answer>> answers;
  answers.reserve(any.size());
  for (AnyAnswer& answer : CallAllAny(std::move(any))) {
    answers.push_back(AnswerTo<C>(std::move(answer)));
  }
  return answers;
}

template <class C>
void Ledger::Submit(C command, std::function<void(absl::StatusOr<typename C::Answer>)> done) {
  std::vector<Command> any;
  any.emplace_back(std::move(command));
  SubmitAny(std::move(any), [done = std::move(done)](std::vector<AnyAnswer> answers) {
    done(AnswerTo<C>(std::move(answers.front())));
  });
}

}  // namespace birthseal::store
