#include "tests/simulation/history.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "store/apply.h"
#include "store/registry.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/model.h"
#include "tests/simulation/witnesses.h"

namespace birthseal::simulation {
namespace {

using store::Command;
using store::LedgerCore;

using Shared = std::shared_ptr<const Command>;

store::LedgerOptions OptionsFor(Random& random) {
  store::LedgerOptions options;
  options.index_key = "index key of the laboratory";
  options.batch_commands = 1 + random.Below(24);
  options.queue_limit = random.Percent(10) ? 12 : 64;
  return options;
}

class History {
 public:
  explicit History(const HistoryOptions& options)
      : trace_(options.trace),
        random_(options.seed),
        clients_(&random_, 2 + random_.Below(4)),
        machine_(&random_, random_.Percent(65), Options()),
        witnesses_(&random_, &machine_.engine()),
        target_(95 + random_.Below(40)),
        calm_(random_.Percent(10)) {
    result_.seed = options.seed;
  }
  HistoryResult Run();

 private:
  store::LedgerOptions Options();
  template <typename... Parts>
  void Trace(const Parts&... parts) {
    if (trace_ != nullptr) *trace_ << absl::StrCat(parts...) << '\n';
  }

  void Start(size_t writer);
  void Crash();
  void Recover();
  void Step();
  void Send(Command command);
  void NewCommands();
  void Again();
  void Deliver();
  void RunBatch(size_t writer);
  void DeliverAnswers(size_t most);
  void FinishOpen(size_t writer);
  void Clocks();
  void Confirm();
  void Trouble();
  void PlanDisk();
  void End();
  void Submit(size_t writer, const Shared& command);
  void Handle(size_t writer, LedgerCore::Outcome outcome);
  size_t AnyWriter();

  std::ostream* trace_;
  Random random_;
  Model model_;
  Clients clients_;
  Machine machine_;
  Witnesses witnesses_;
  const uint64_t target_;
  const bool calm_;  // no trouble but races
  absl::Time wall_ = absl::FromUnixSeconds(1'780'000'000);
  absl::Duration monotonic_;
  std::vector<Shared> sent_;                               // for retries
  std::vector<Shared> requests_;                           // on their way to the service
  std::vector<std::pair<Shared, store::Answer>> answers_;  // on their way back
  uint64_t struck_ = 0;  // faults of the disk before the last start
  HistoryResult result_;
};

store::LedgerOptions History::Options() {
  store::LedgerOptions options = OptionsFor(random_);
  options.on_durable = [this](const store::DurableRoot& root) {
    model_.Published(root.size, root.root);
    if (root.size > 0) witnesses_.Published(root);
  };
  return options;
}

void History::Start(size_t writer) {
  const absl::Status started = machine_.Start(writer);
  Trace("writer ", writer, " starts: ", started.ok() ? "OK" : certs::ReasonOf(started));
  if (!started.ok()) {
    // Whatever the disk did was undone or planned; nothing excuses a store that stays shut.
    result_.violations.push_back("the service does not start: " + started.ToString());
    return;
  }
  struck_ = machine_.disk().struck();
  model_.Restarted(writer);
  model_.Observe(*machine_.engine().NewSnapshot(), Model::Depth::kAll);
  if (!calm_) PlanDisk();
}

void History::PlanDisk() {
  static constexpr DiskFault faults[] = {DiskFault::kPowerLoss, DiskFault::kPowerLoss,
                                         DiskFault::kKill, DiskFault::kEio, DiskFault::kFull};
  if (random_.Percent(55)) machine_.disk().Plan(faults[random_.Below(5)], 1 + random_.Below(60));
}

// Everything the processes held is gone; the disk keeps what it kept.
void History::Crash() {
  ++result_.crashes;
  const bool power = machine_.disk().power_lost() || random_.Percent(20);
  Trace("crash", power ? " with power loss" : "");
  machine_.Stop(power);
}

void History::Recover() {
  machine_.disk().Plan(DiskFault::kNone, 0);
  if (!calm_ && random_.Percent(15)) {
    machine_.Stop(true);
    if (random_.Percent(50) && machine_.Restore()) {
      Trace("the engine is an older copy");
      ++result_.restores;
    } else {
      machine_.FlipBit();
      Trace("a bit flips, perhaps");
    }
  }
  if (!calm_ && random_.Percent(20)) {  // trouble while starting, too
    machine_.disk().Plan(random_.Percent(50) ? DiskFault::kPowerLoss : DiskFault::kEio,
                         1 + random_.Below(6));
  }
  Start(0);
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
    std::optional<Command> command = clients_.Next(store::LedgerDay(wall_), wall_);
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
      core->Add(std::move(one), [this, command](std::vector<store::Answer> all) {
        // What leaves the service is a promise, whether the network brings it or not.
        model_.Answered(*command, all[0]);
        answers_.emplace_back(command, std::move(all[0]));
      });
  if (!refused.items.empty()) core->Tell(std::move(refused));
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
        outcome.root.size);
  if (absl::IsUnavailable(outcome.failure) && machine_.disk().struck() == struck_) {
    result_.violations.push_back("a commit failed though nothing was wrong");
  }
  if (outcome.durable) model_.Observe(*machine_.engine().NewSnapshot(), Model::Depth::kNew);
  core->Tell(std::move(outcome));
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
        std::make_shared<const Command>(clients_.Finish(reservation.intent_index()));
    model_.Sent(*command);
    Trace("finisher seals INTENT ", reservation.intent_index());
    Submit(writer, command);
  }
}

void History::Clocks() {
  if (random_.Percent(40)) {
    const absl::Duration passed = absl::Minutes(static_cast<int64_t>(random_.Below(600)));
    wall_ += passed;
    monotonic_ += passed;
  } else if (!calm_ && random_.Percent(25)) {
    const int64_t seconds = static_cast<int64_t>(random_.Below(random_.Percent(50) ? 600 : 200000));
    wall_ += absl::Seconds(random_.Percent(50) ? seconds : -seconds);
    Trace("the clock jumps to ", absl::FormatTime(wall_));
  }
}

void History::Confirm() {
  for (size_t i = 0; i < kWriters; ++i) {
    LedgerCore* core = machine_.writer(i);
    std::string reason;
    if (core == nullptr || core->Healthy(&reason) || reason != "CLOCK_SUSPECT") continue;
    Trace("an operator confirms the clock of writer ", i);
    core->ConfirmClock();
    model_.ClockConfirmed(i);
  }
}

void History::Trouble() {
  const uint64_t what = random_.Below(10);
  if (what < 3) {
    machine_.Backup();
  } else if (what < 6 && !machine_.journaled()) {
    Trace("the other writer takes over");
    ++result_.takeovers;
    Start(machine_.writer(0) == nullptr ? 0 : 1);
  } else if (what < 7 && !calm_) {
    Crash();
  }
}

void History::Step() {
  wall_ += absl::Milliseconds(static_cast<int64_t>(random_.Below(400)));
  monotonic_ += absl::Milliseconds(static_cast<int64_t>(random_.Below(400)));
  if (!machine_.running()) return Recover();
  const size_t writer = AnyWriter();
  std::string reason;
  if (!machine_.writer(writer)->Healthy(&reason) && reason != "CLOCK_SUSPECT") {
    if (machine_.disk().full() && random_.Percent(70)) machine_.disk().Free();
    // A fenced or failed writer ends by itself; the other goes on.
    return machine_.writer(1 - writer) == nullptr ? Crash() : machine_.Leave(writer);
  }
  const uint64_t draw = random_.Below(100);
  if (draw < 22) return NewCommands();
  if (draw < 31) return Again();
  if (draw < 51) return Deliver();
  if (draw < 72) return RunBatch(writer);
  if (draw < 90) return DeliverAnswers(12);
  if (draw < 94) return FinishOpen(writer);
  if (draw < 96) return witnesses_.Deliver();
  if (draw < 97) return Clocks();
  if (draw < 99) return Confirm();
  return Trouble();
}

// The storm is over: what is durable now stands through one more power loss, and all that was
// begun comes to its end.
void History::End() {
  machine_.disk().Plan(DiskFault::kNone, 0);
  machine_.disk().Free();
  machine_.Stop(true);
  Start(0);
  machine_.disk().Plan(DiskFault::kNone, 0);
  for (int i = 0; i < 4 && machine_.running(); ++i) {
    FinishOpen(0);
    while (machine_.running() && !machine_.writer(0)->idle()) RunBatch(0);
  }
  DeliverAnswers(answers_.size());
  model_.Ended(*machine_.engine().NewSnapshot());
  if (machine_.running()) witnesses_.End(machine_.writer(0)->head());
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

}  // namespace

HistoryResult RunHistory(const HistoryOptions& options) { return History(options).Run(); }

}  // namespace birthseal::simulation
