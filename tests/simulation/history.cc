// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/history.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/clock.h"
#include "certs/errors.h"
#include "store/ledger/apply.h"
#include "store/meta.h"
#include "store/reads/registry.h"
#include "tests/simulation/history_run.h"

namespace birthseal::simulation {
namespace {

using store::Command;
using store::LedgerCore;

store::LedgerOptions OptionsFor(Random& random) {
  store::LedgerOptions options;
  options.index_key = kIndexKey;
  options.may_log = [] { return true; };
  options.batch_commands = 1 + random.Below(24);
  options.queue_limit = random.Percent(10) ? 12 : 64;
  return options;
}

}  // namespace

store::LedgerOptions History::Options() {
  store::LedgerOptions options = OptionsFor(random_);
  options.on_durable = [this](const store::DurableRoot& root) {
    model_.Published(root.size.value(), root.root);
    if (root.size > certs::LogSize()) witnesses_.Published(root);
  };
  return options;
}

size_t History::AnyWriter() {
  const size_t first = random_.Below(kWriters);
  return machine_.writer(first) != nullptr ? first : 1 - first;
}

void History::Send(Command command) {
  model_.Sent(command);
  const auto shared = std::make_shared<const Command>(std::move(command));
  Trace("sent ", store::NameOf(*shared));
  sent_.push_back(shared);
  requests_.push_back(shared);
}

void History::NewCommands() {
  const uint64_t count = 1 + random_.Below(4);
  for (uint64_t i = 0; i < count; ++i) {
    std::optional<Command> command = clients_.Next(certs::LocalDay(wall_), wall_);
    if (command.has_value()) Send(*std::move(command));
  }
}

// Whoever got no answer asks again; some ask again anyhow.
void History::Again() {
  if (sent_.empty()) return;
  const size_t window = std::min<size_t>(sent_.size(), random_.Percent(80) ? 20 : 200);
  requests_.push_back(sent_[sent_.size() - 1 - random_.Below(window)]);
}

void History::Deliver() {
  const uint64_t burst = 1 + random_.Below(12);
  for (uint64_t i = 0; i < burst && !requests_.empty(); ++i) {
    Shared& chosen = random_.Of(requests_);
    Shared request = chosen;
    if (!random_.Percent(6)) {  // else it stays, to arrive once more
      std::swap(chosen, requests_.back());
      requests_.pop_back();
    }
    if (random_.Percent(5) || !machine_.running()) continue;  // lost
    Submit(AnyWriter(), request);
  }
}

void History::Submit(size_t writer, const Shared& command) {
  std::vector<Command> one;
  one.push_back(*command);
  LedgerCore* core = machine_.writer(writer);
  LedgerCore::Outcome refused =
      core->Add(std::move(one), [this, command](std::vector<store::AnyAnswer> all) {
        // What leaves the service is a promise, whether the network brings it or not.
        model_.Answered(*command, all[0]);
        answers_.emplace_back(command, std::move(all[0]));
      });
  if (!refused.items.empty()) core->AnswerCallers(std::move(refused));
}

void History::RunBatch(size_t writer) {
  LedgerCore* core = machine_.writer(writer);
  if (core == nullptr || core->idle()) return;
  model_.ClockRead(writer, wall_, monotonic_);
  LedgerCore::Batch batch = core->Take(wall_, monotonic_);
  result_.commands += batch.items.size();
  ++result_.batches;
  LedgerCore::Outcome outcome = core->Run(std::move(batch));
  if (machine_.disk().down()) return Crash();
  Handle(writer, std::move(outcome));
}

void History::Handle(size_t writer, LedgerCore::Outcome outcome) {
  LedgerCore* core = machine_.writer(writer);
  core->Finish(outcome);
  Trace("batch of ", outcome.items.size(), outcome.durable ? " durable, log " : " failed, log ",
        outcome.root.size.value());
  if (absl::IsUnavailable(outcome.failure) && machine_.disk().struck() == struck_) {
    result_.violations.push_back("a commit failed though nothing was wrong");
  }
  if (outcome.durable) model_.Observe(*machine_.engine().NewSnapshot(), Model::Depth::kNew);
  core->AnswerCallers(std::move(outcome));
}

void History::DeliverAnswers(size_t most) {
  for (size_t i = 0; i < most && !answers_.empty(); ++i) {
    auto& chosen = random_.Of(answers_);
    std::swap(chosen, answers_.back());
    const auto [command, answer] = std::move(answers_.back());
    answers_.pop_back();
    if (!calm_ && random_.Percent(5)) continue;  // lost
    Trace("answer to ", store::NameOf(*command), ": ",
          answer.status.ok() ? "OK" : certs::ReasonOf(answer.status));
    clients_.Learn(*command, answer);
  }
}

// The service's own finisher; after a takeover two may be at it.
void History::FinishOpen(size_t writer) {
  if (machine_.writer(writer) == nullptr) return;
  const store::Registry registry(&machine_.engine(), nullptr);
  const auto open = registry.OpenReservations(16);
  if (!open.ok()) {
    result_.violations.push_back("the open reservations cannot be read");
    return;
  }
  for (const storage::v1::Reservation& reservation : *open) {
    const auto command =
        std::make_shared<const Command>(clients_.Finish(store::IntentKeyOf(reservation)));
    model_.Sent(*command);
    Trace("finisher seals INTENT ", reservation.intent_index());
    Submit(writer, command);
  }
}

void History::Step() {
  wall_ += absl::Milliseconds(static_cast<int64_t>(random_.Below(400)));
  monotonic_ += absl::Milliseconds(static_cast<int64_t>(random_.Below(400)));
  if (!machine_.running()) return Recover();
  const size_t writer = AnyWriter();
  const std::string trouble = machine_.writer(writer)->Unhealthy();
  if (!trouble.empty() && trouble != "CLOCK_SUSPECT") {
    if (machine_.disk().full() && random_.Percent(70)) machine_.disk().Free();
    // A fenced or failed writer ends by itself; the other goes on.
    return machine_.writer(1 - writer) == nullptr ? Crash() : machine_.Leave(writer);
  }
  const uint64_t draw = random_.Below(100);
  if (draw < 20) return NewCommands();
  if (draw < 28) return Again();
  if (draw < 48) return Deliver();
  if (draw < 69) return RunBatch(writer);
  if (draw < 87) return DeliverAnswers(12);
  if (draw < 94) return FinishOpen(writer);
  if (draw < 96) return witnesses_.Deliver();
  if (draw < 97) return Clocks();
  if (draw < 99) return Confirm();
  return Trouble();
}

HistoryResult History::Run() {
  Start(0);
  machine_.disk().Plan(DiskFault::kNone, 0);
  for (Command& command : clients_.Enrol()) {
    Submit(0, std::make_shared<const Command>(std::move(command)));
  }
  while (!machine_.writer(0)->idle()) RunBatch(0);
  if (!calm_) PlanDisk();
  for (uint64_t i = 0; result_.commands < target_ && i < 60 * target_; ++i) {
    Step();
    if (!model_.ok() || !result_.violations.empty() || !witnesses_.violations().empty()) break;
  }
  if (model_.ok() && result_.violations.empty()) End();
  for (const std::string& violation : model_.violations()) {
    Trace("VIOLATION ", violation);
    result_.violations.push_back(violation);
  }
  for (const std::string& violation : witnesses_.violations()) {
    Trace("VIOLATION ", violation);
    result_.violations.push_back(violation);
  }
  result_.cosigned = witnesses_.cosigned();
  result_.certificates = model_.certificates();
  return std::move(result_);
}

HistoryResult RunHistory(const HistoryOptions& options) { return History(options).Run(); }

}  // namespace birthseal::simulation
