// SPDX-License-Identifier: Apache-2.0
// The inside of one history: who acts, what fails, in one class. Private to history*.cc.
#pragma once

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/ledger/ledger_core.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/history.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/model.h"
#include "tests/simulation/witnesses.h"

namespace birthseal::simulation {

inline constexpr char kIndexKey[] = "index key of the laboratory";

using Shared = std::shared_ptr<const store::Command>;

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
  void Send(store::Command command);
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
  void CheckStored();
  void Submit(size_t writer, const Shared& command);
  void Handle(size_t writer, store::LedgerCore::Outcome outcome);
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
  std::vector<Shared> sent_;                                  // for retries
  std::vector<Shared> requests_;                              // on their way to the service
  std::vector<std::pair<Shared, store::AnyAnswer>> answers_;  // on their way back
  uint64_t struck_ = 0;  // faults of the disk before the last start
  HistoryResult result_;
};

}  // namespace birthseal::simulation
