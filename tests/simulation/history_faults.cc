// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a history, and how it ends: starts, crashes, clocks, takeovers, restores.
#include "certs/errors.h"
#include "store/fsck/fsck.h"
#include "tests/simulation/history_run.h"

namespace birthseal::simulation {

using store::LedgerCore;

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
    if (core == nullptr || core->Unhealthy() != "CLOCK_SUSPECT") continue;
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
  if (result_.seed % 16 == 0) CheckStored();
}

// The store's own check agrees with the model; bodies are not real here.
void History::CheckStored() {
  store::FsckOptions options;
  options.index_key = kIndexKey;
  for (const auto& finding :
       store::CheckStore(*machine_.engine().NewSnapshot(), options).findings) {
    result_.violations.push_back("fsck: " + store::ToLine(finding));
  }
}

}  // namespace birthseal::simulation
