#include "store/ledger.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/clock_guard.h"
#include "store/command_queue.h"
#include "store/engine.h"
#include "store/journal.h"
#include "store/step.h"

namespace birthseal::store {
namespace {

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

absl::Status OutcomeUnknown() {
  return certs::Error(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN",
                      "a commit failed: ask again with the same ids");
}
absl::Status Fenced() {
  return certs::Error(absl::StatusCode::kAborted, "FENCED", "another writer took over");
}
absl::Status QueueFull() {
  return certs::Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                      "too many commands wait: try again later");
}

DurableRoot RootOf(const storage::v1::Meta& meta, bool has_intent) {
  DurableRoot root;
  root.size = meta.log_size();
  certs::DigestFrom(meta.log_root(), &root.root);
  certs::DigestFrom(meta.map_root(), &root.map_root);
  root.epoch = meta.log_epoch();
  root.time = absl::FromUnixSeconds(meta.ledger_time() / 1'000'000);
  root.has_intent = has_intent;
  return root;
}

}  // namespace

// Two threads: one applies and commits, the other tells. Between them and the callers stand two
// queues under one mutex.
class Ledger::Core {
 public:
  Core(Engine* engine, const certs::Clock* clock, LedgerOptions options, uint64_t epoch,
       LedgerState state)
      : engine_(engine),
        clock_(clock),
        options_(std::move(options)),
        epoch_(epoch),
        state_(std::move(state)),
        queue_(options_.queue_limit),
        head_(RootOf(state_.meta, false)),
        guard_(absl::FromUnixMicros(state_.meta.ledger_time())) {
    if (!options_.monotonic) options_.monotonic = SteadyTime;
    writer_ = std::thread([this] { Write(); });
    teller_ = std::thread([this] { Tell(); });
  }

  ~Core() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    writer_.join();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      written_ = true;
    }
    told_.notify_all();
    teller_.join();
  }

  void Submit(std::vector<Command> commands, Callback done);
  DurableRoot Head() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return head_;
  }
  bool Healthy(std::string* reason) const;
  void ConfirmClock() {
    std::lock_guard<std::mutex> lock(mutex_);
    guard_.Confirm();
  }

 private:
  // What one batch has to tell, in this order.
  struct Outcome {
    bool durable = false;
    DurableRoot root;
    std::vector<QueuedCommand> items;
    std::vector<Answer> answers;  // one for each item
  };

  void Write();
  void Tell();
  Outcome Run(std::vector<QueuedCommand> items, absl::Time time, bool trusted);
  absl::Status Commit(const StepResult& step);
  static Outcome Refuse(std::vector<QueuedCommand> items, const absl::Status& status);
  void Publish(Outcome outcome);

  Engine* const engine_;
  const certs::Clock* const clock_;
  LedgerOptions options_;  // not changed after construction
  const uint64_t epoch_;
  LedgerState state_;  // of the writer thread

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_, told_;
  CommandQueue queue_;
  std::deque<Outcome> outcomes_;
  DurableRoot head_;
  ClockGuard guard_;
  absl::Status failure_;  // not OK: fenced, nothing is taken any more
  bool stopping_ = false, written_ = false;
  std::thread writer_, teller_;
};

void Ledger::Core::Submit(std::vector<Command> commands, Callback done) {
  auto submission = std::make_shared<Submission>();
  submission->answers.resize(commands.size());
  submission->missing = commands.size();
  submission->done = std::move(done);
  Outcome refused;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const absl::Status closed = stopping_ ? OutcomeUnknown() : failure_;
    for (size_t i = 0; i < commands.size(); ++i) {
      QueuedCommand item{std::move(commands[i]), submission, i};
      if (closed.ok() && queue_.Add(item)) continue;
      refused.items.push_back(std::move(item));
      refused.answers.push_back({closed.ok() ? QueueFull() : closed, {}});
    }
    // A submission without commands is answered too.
    if (submission->missing == 0) {
      refused.items.push_back({Access(), submission, 0});
    }
    if (!refused.items.empty()) outcomes_.push_back(std::move(refused));
  }
  work_.notify_one();
  told_.notify_one();
}

bool Ledger::Core::Healthy(std::string* reason) const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::string why;
  if (!failure_.ok()) {
    why = certs::ReasonOf(failure_);
  } else if (!guard_.trusted()) {
    why = "CLOCK_SUSPECT";
  }
  if (reason != nullptr) *reason = why;
  return why.empty();
}

void Ledger::Core::Write() {
  for (;;) {
    std::vector<QueuedCommand> items;
    absl::Time time;
    bool trusted;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      items = queue_.Take(options_.batch_commands, options_.batch_bytes);
      time = guard_.Advance(clock_->Now(), options_.monotonic());
      trusted = guard_.trusted();
    }
    Publish(Run(std::move(items), time, trusted));
  }
}

Ledger::Core::Outcome Ledger::Core::Run(std::vector<QueuedCommand> items, absl::Time time,
                                        bool trusted) {
  std::vector<Command> commands;
  commands.reserve(items.size());
  for (QueuedCommand& item : items) commands.push_back(std::move(item.command));
  const std::unique_ptr<Snapshot> snapshot = engine_->NewSnapshot();
  absl::StatusOr<StepResult> step =
      Step(*snapshot, state_, commands, time, options_.index_key, trusted);
  if (!step.ok()) return Refuse(std::move(items), step.status());
  const absl::Status committed = Commit(*step);
  if (!committed.ok()) {
    const absl::Status failure = absl::IsAborted(committed) ? Fenced() : OutcomeUnknown();
    std::lock_guard<std::mutex> lock(mutex_);
    failure_ = failure;
    for (QueuedCommand& item : queue_.TakeAll()) items.push_back(std::move(item));
    return Refuse(std::move(items), failure);
  }
  state_ = std::move(step->next);
  Outcome outcome;
  outcome.durable = true;
  outcome.root = RootOf(state_.meta, step->has_intent);
  outcome.items = std::move(items);
  outcome.answers = std::move(step->answers);
  return outcome;
}

absl::Status Ledger::Core::Commit(const StepResult& step) {
  // The journal first: what it has beyond the engine is replayed when the ledger opens again.
  if (options_.journal != nullptr) {
    RETURN_IF_ERROR(options_.journal->Append(step.next.meta.batch_sequence(), epoch_, step.batch));
  }
  return engine_->Commit(step.batch, epoch_);
}

Ledger::Core::Outcome Ledger::Core::Refuse(std::vector<QueuedCommand> items,
                                           const absl::Status& status) {
  Outcome outcome;
  outcome.answers.assign(items.size(), Answer{status, {}});
  outcome.items = std::move(items);
  return outcome;
}

void Ledger::Core::Publish(Outcome outcome) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (outcome.durable) head_ = outcome.root;
    outcomes_.push_back(std::move(outcome));
  }
  told_.notify_one();
}

void Ledger::Core::Tell() {
  for (;;) {
    Outcome outcome;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      told_.wait(lock, [this] { return written_ || !outcomes_.empty(); });
      if (outcomes_.empty()) return;
      outcome = std::move(outcomes_.front());
      outcomes_.pop_front();
    }
    if (outcome.durable && options_.on_durable) options_.on_durable(outcome.root);
    for (size_t i = 0; i < outcome.items.size(); ++i) {
      Submission& submission = *outcome.items[i].submission;
      if (i < outcome.answers.size()) {
        submission.answers[outcome.items[i].position] = std::move(outcome.answers[i]);
        --submission.missing;
      }
      if (submission.missing == 0) submission.done(std::move(submission.answers));
    }
  }
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(Engine* engine, const certs::Clock* clock,
                                                     LedgerOptions options) {
  ASSIGN_OR_RETURN(
      const uint64_t epoch,
      engine->AcquireFence(options.journal != nullptr ? options.journal->last_epoch() : 0));
  if (options.journal != nullptr) {
    RETURN_IF_ERROR(ReplayInto(*options.journal, engine, epoch).status());
  }
  ASSIGN_OR_RETURN(LedgerState state, ReadState(*engine->NewSnapshot()));
  state.meta.set_fencing_epoch(epoch);
  return std::unique_ptr<Ledger>(new Ledger(
      std::make_unique<Core>(engine, clock, std::move(options), epoch, std::move(state))));
}

Ledger::Ledger(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Ledger::~Ledger() = default;

void Ledger::Submit(std::vector<Command> commands, Callback done) {
  core_->Submit(std::move(commands), std::move(done));
}

std::vector<Answer> Ledger::CallAll(std::vector<Command> commands) {
  // Shared: the answer thread may still be inside set_value when the caller goes on.
  auto answered = std::make_shared<std::promise<std::vector<Answer>>>();
  std::future<std::vector<Answer>> answers = answered->get_future();
  Submit(std::move(commands),
         [answered](std::vector<Answer> all) { answered->set_value(std::move(all)); });
  return answers.get();
}

Answer Ledger::Call(Command command) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  return std::move(CallAll(std::move(commands))[0]);
}

DurableRoot Ledger::Head() const { return core_->Head(); }
bool Ledger::Healthy(std::string* reason) const { return core_->Healthy(reason); }
void Ledger::ConfirmClock() { core_->ConfirmClock(); }

}  // namespace birthseal::store
