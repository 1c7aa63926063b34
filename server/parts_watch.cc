// SPDX-License-Identifier: Apache-2.0
// What the log is told of a running service.
#include <cstdint>

#include "absl/time/time.h"
#include "server/host/event_log.h"
#include "server/parts.h"

namespace birthseal::server {

void ServerApp::Parts::CheckDisks() {
  const DiskWatch::Found found = disks->Look();
  ledger->RefuseNewWork(found.state);
  if (!found.changed) return;
  if (found.state.ok()) {
    LogEvent(LogLevel::kInfo, "disk_has_room_again", {{"what", "new work is taken again"}});
  } else {
    LogEvent(LogLevel::kError, "disk_nearly_full",
             {{"what", "new work is refused, finishing and reads go on: make room"}});
  }
  LogDisks();
}

void ServerApp::Parts::LogDisks() const {
  for (const DiskWatch::Reading& disk : disks->readings()) {
    LogEvent(LogLevel::kInfo, "disk",
             {{"place", disk.field},
              {"free_mib", disk.free_mib},
              {"min_free_mib", static_cast<int64_t>(config.store.min_free_bytes >> 20)},
              {"new_work", disks->state().ok() ? "taken" : "refused"}});
  }
}

void ServerApp::Parts::LogCounters() const {
  gate->LogCounters();
  LogDisks();
  const Finisher::Counters finishing = finisher->counters();
  LogEvent(LogLevel::kInfo, "finisher",
           {{"finished", static_cast<int64_t>(finishing.finished)},
            {"failed", static_cast<int64_t>(finishing.failed)},
            {"blind", static_cast<int64_t>(finishing.blind)}});
  if (config.witnesses.keys.empty()) return;
  const WitnessDesk::Counters at_desk = desk->counters();
  const Freshness::Counters fresh = freshness->counters();
  LogEvent(LogLevel::kInfo, "witnessing",
           {{"offered", static_cast<int64_t>(at_desk.offered)},
            {"witnessed", static_cast<int64_t>(at_desk.witnessed)},
            {"replaced", static_cast<int64_t>(at_desk.replaced)},
            {"reports", static_cast<int64_t>(at_desk.reports)},
            {"rounds_failed", static_cast<int64_t>(at_desk.rounds_failed)},
            {"receipts_failed", static_cast<int64_t>(at_desk.receipts_failed)},
            {"witnessed_size", static_cast<int64_t>(at_desk.witnessed_size)},
            {"log_size", static_cast<int64_t>(ledger->Head().size.value())},
            {"confirmed", static_cast<int64_t>(fresh.confirmed)},
            {"alarms", static_cast<int64_t>(fresh.alarms)},
            {"silence_seconds", absl::ToInt64Seconds(fresh.silence)}});
}

}  // namespace birthseal::server
