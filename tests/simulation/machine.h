// SPDX-License-Identifier: Apache-2.0
// One machine of the laboratory: disk, engine, journal and up to two writers, which start, fail and
// start again. What runs here is the real ledger, journal and recovery.
//
// Deterministic; belongs to one thread.
#pragma once

#include <memory>
#include <string>

#include "store/journal/journal.h"
#include "store/ledger/ledger_core.h"
#include "tests/simulation/disk_engine.h"
#include "tests/simulation/random.h"
#include "tests/simulation/simulated_disk.h"

namespace birthseal::simulation {

inline constexpr size_t kWriters = 2;

class Machine {
 public:
  // `journaled`: every batch is journaled first; then there is one writer, as the journal is
  // locked. Otherwise two may fight over the engine.
  Machine(Random* random, bool journaled, store::LedgerOptions options)
      : random_(random),
        journaled_(journaled),
        options_(std::move(options)),
        disk_(random),
        engine_(&disk_) {}

  // Starts a writer, and the machine if it is down. Gives up after a while: then a person would be
  // called, and the status says why. Errors: kDataLoss what is stored cannot be right.
  absl::Status Start(size_t writer);
  // All processes end at once.
  void Stop(bool power_lost);

  // One writer ends; the machine goes on.
  void Leave(size_t writer) { cores_[writer].reset(); }

  // Null: not running.
  store::LedgerCore* writer(size_t index) { return cores_[index].get(); }
  bool running() const { return cores_[0] != nullptr || cores_[1] != nullptr; }
  bool journaled() const { return journaled_; }
  SimulatedDisk& disk() { return disk_; }
  const DiskEngine& engine() const { return engine_; }

  // A copy of the engine, to come back to.
  void Backup() { backup_ = disk_.Durable(DiskEngine::Path()); }
  // While stopped: the engine is the copy again; the journal knows the rest. False: no copy.
  bool Restore();
  // While stopped: one bit of engine or journal is another. It is found at the latest when the
  // damaged file is read; then the file is put back, as from its second place.
  void FlipBit();

 private:
  absl::Status TryStart(size_t writer);
  bool Repair();

  Random* random_;
  const bool journaled_;
  const store::LedgerOptions options_;
  SimulatedDisk disk_;
  DiskEngine engine_;
  bool engine_open_ = false;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<store::LedgerCore> cores_[kWriters];
  std::string backup_;
  std::string damaged_path_, undamaged_;
};

}  // namespace birthseal::simulation
