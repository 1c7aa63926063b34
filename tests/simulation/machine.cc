// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/machine.h"

#include "certs/status_macros.h"

namespace birthseal::simulation {

namespace {
constexpr char kJournal[] = "/journal";
constexpr int kTries = 12;
}  // namespace

absl::Status Machine::Start(size_t writer) {
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    status = TryStart(writer);
    if (status.ok()) return status;
    if (absl::IsDataLoss(status) && !Repair()) return status;
    Stop(disk_.power_lost() || random_->Percent(30));
    if (i > 2 && disk_.full()) disk_.Free();
  }
  return status;
}

absl::Status Machine::TryStart(size_t writer) {
  if (!engine_open_) {
    RETURN_IF_ERROR(engine_.Open());
    engine_open_ = true;
  }
  store::LedgerOptions options = options_;
  if (journaled_) {
    if (journal_ == nullptr) {
      ASSIGN_OR_RETURN(journal_, store::Journal::Open(kJournal, &disk_));
    }
    options.journal = journal_.get();
  }
  ASSIGN_OR_RETURN(cores_[writer], store::LedgerCore::Open(&engine_, std::move(options)));
  damaged_path_.clear();
  return absl::OkStatus();
}

void Machine::Stop(bool power_lost) {
  for (auto& core : cores_) core.reset();
  journal_.reset();
  engine_open_ = false;
  disk_.Restart(power_lost);
}

bool Machine::Restore() {
  if (!journaled_ || backup_.empty()) return false;
  disk_.Replace(DiskEngine::Path(), backup_);
  engine_.Forget();
  return true;
}

void Machine::FlipBit() {
  // Without a journal the last batch of the engine has no second copy.
  if (!journaled_ || !damaged_path_.empty()) return;
  std::string path = DiskEngine::Path();
  if (random_->Percent(50)) {
    const auto names = disk_.List(kJournal);
    if (!names.ok() || names->empty()) return;
    path = absl::StrCat(kJournal, "/", random_->Of(*names));
  }
  undamaged_ = disk_.Durable(path);
  if (!disk_.FlipBit(path)) return;
  damaged_path_ = path;
  engine_.Forget();
}

bool Machine::Repair() {
  if (damaged_path_.empty()) return false;
  disk_.Replace(damaged_path_, undamaged_);
  damaged_path_.clear();
  engine_.Forget();
  return true;
}

}  // namespace birthseal::simulation
