// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/ledger.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/ledger/ledger_core.h"

namespace birthseal::store {
namespace {

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

// Two threads: one applies and commits, the other answers. Between them and the callers stand two
// queues under one mutex.
class Ledger::Threads {
 public:
  Threads(std::unique_ptr<LedgerCore> core, const certs::Clock* clock,
          std::function<absl::Duration()> monotonic)
      : clock_(clock), monotonic_(std::move(monotonic)), core_(std::move(core)) {
    if (!monotonic_) monotonic_ = SteadyTime;
    writer_ = std::thread([this] { Write(); });
    answerer_ = std::thread([this] { AnswerCallers(); });
  }

  ~Threads() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      core_->Close();
    }
    work_.notify_all();
    writer_.join();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      written_ = true;
    }
    told_.notify_all();
    answerer_.join();
  }

  void Submit(std::vector<Command> commands, Callback done) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      LedgerCore::Outcome refused = core_->Add(std::move(commands), std::move(done));
      if (!refused.items.empty()) outcomes_.push_back(std::move(refused));
    }
    work_.notify_one();
    told_.notify_one();
  }
  DurableRoot Head() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return core_->head();
  }
  std::string Unhealthy() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return core_->Unhealthy();
  }
  absl::Status CommitFailure() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return core_->commit_failure();
  }
  void RefuseNewWork(absl::Status reason) {
    std::lock_guard<std::mutex> lock(mutex_);
    core_->RefuseNewWork(std::move(reason));
  }
  void ConfirmClock() {
    std::lock_guard<std::mutex> lock(mutex_);
    core_->ConfirmClock();
  }

 private:
  void Write();
  void AnswerCallers();

  const certs::Clock* const clock_;
  std::function<absl::Duration()> monotonic_;  // not changed after construction

  mutable std::mutex mutex_;  // guards all below, but for LedgerCore::Run and AnswerCallers
  std::condition_variable work_, told_;
  const std::unique_ptr<LedgerCore> core_;
  std::deque<LedgerCore::Outcome> outcomes_;
  bool stopping_ = false, written_ = false;
  std::thread writer_, answerer_;
};

void Ledger::Threads::Write() {
  for (;;) {
    LedgerCore::Batch batch;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      work_.wait(lock, [this] { return stopping_ || !core_->idle(); });
      if (core_->idle()) return;
      batch = core_->Take(clock_->Now(), monotonic_());
    }
    LedgerCore::Outcome outcome = core_->Run(std::move(batch));
    {
      std::lock_guard<std::mutex> lock(mutex_);
      core_->Finish(outcome);
      outcomes_.push_back(std::move(outcome));
    }
    told_.notify_one();
  }
}

void Ledger::Threads::AnswerCallers() {
  for (;;) {
    LedgerCore::Outcome outcome;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      told_.wait(lock, [this] { return written_ || !outcomes_.empty(); });
      if (outcomes_.empty()) return;
      outcome = std::move(outcomes_.front());
      outcomes_.pop_front();
    }
    core_->AnswerCallers(std::move(outcome));
  }
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(Engine* engine, const certs::Clock* clock,
                                                     LedgerOptions options) {
  std::function<absl::Duration()> monotonic = options.monotonic;
  ASSIGN_OR_RETURN(std::unique_ptr<LedgerCore> core, LedgerCore::Open(engine, std::move(options)));
  return std::unique_ptr<Ledger>(
      new Ledger(std::make_unique<Threads>(std::move(core), clock, std::move(monotonic))));
}

Ledger::Ledger(std::unique_ptr<Threads> threads) : threads_(std::move(threads)) {}
Ledger::~Ledger() = default;

void Ledger::SubmitAny(std::vector<Command> commands, Callback done) {
  threads_->Submit(std::move(commands), std::move(done));
}

std::vector<AnyAnswer> Ledger::CallAllAny(std::vector<Command> commands) {
  // Shared: the answer thread may still be inside set_value when the caller goes on.
  auto answered = std::make_shared<std::promise<std::vector<AnyAnswer>>>();
  std::future<std::vector<AnyAnswer>> answers = answered->get_future();
  SubmitAny(std::move(commands),
            [answered](std::vector<AnyAnswer> all) { answered->set_value(std::move(all)); });
  return answers.get();
}

AnyAnswer Ledger::CallAny(Command command) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  return std::move(CallAllAny(std::move(commands))[0]);
}

DurableRoot Ledger::Head() const { return threads_->Head(); }
std::string Ledger::Unhealthy() const { return threads_->Unhealthy(); }
absl::Status Ledger::CommitFailure() const { return threads_->CommitFailure(); }
void Ledger::RefuseNewWork(absl::Status reason) { threads_->RefuseNewWork(std::move(reason)); }
void Ledger::ConfirmClock() { threads_->ConfirmClock(); }

}  // namespace birthseal::store
