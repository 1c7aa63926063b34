// SPDX-License-Identifier: Apache-2.0
// The desk of the witnesses, and what is said when they speak or are silent.
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "certs/errors.h"
#include "server/host/event_log.h"
#include "server/parts.h"

namespace birthseal::server {

absl::Status ServerApp::Parts::OpenDesk() {
  const auto on_event = [this](absl::string_view event, absl::string_view detail) {
    OnAlarm(event, detail);
  };
  Freshness::Options fresh;
  fresh.witnesses = config.witnesses.keys.size();
  fresh.quorum = config.witnesses.quorum;
  fresh.alarm = config.witnesses.alarm;
  fresh.stop = config.witnesses.stop;
  fresh.on_event = on_event;
  freshness = std::make_unique<Freshness>(std::move(fresh), clock);
  WitnessDesk::Options options;
  options.log_name = config.keys.log_name;
  options.log_keys = log_keys;
  options.policy = witness_policy;
  for (const WitnessKey& witness : config.witnesses.keys) {
    options.clients.emplace(witness.client_sm3, witness.name);
  }
  options.on_event = on_event;
  options.store_receipts = [this](store::StoreReceipts receipts) {
    return ledger->Call(std::move(receipts)).status();
  };
  desk = std::make_unique<WitnessDesk>(
      std::move(options),
      WitnessDesk::Surroundings{engine.get(), checkpoints.get(), freshness.get(), clock});
  desk->OnDurable(ledger->Head());
  return absl::OkStatus();
}

// A witness knows more than the store, or witnesses are silent.
void ServerApp::Parts::OnAlarm(absl::string_view event, absl::string_view detail) {
  const bool good = event == "FRESHNESS_PROVEN" || event == "WITNESSES_BACK";
  LogEvent(good ? LogLevel::kInfo : LogLevel::kError, "witnesses",
           {{"what", event}, {"detail", detail}});
  if (event == "FRESHNESS_PROVEN" || event == "WITNESSES_BACK") AnnounceProfiles();
  if (rpc != nullptr && !freshness->MayAnswer().ok()) rpc->SetServing(false);
}

// In the log, once for each state of a profile. Refused while freshness is not proven: told again
// when it is.
void ServerApp::Parts::AnnounceProfiles() {
  const auto told = [](const absl::StatusOr<store::Done>& answer) {
    if (answer.ok()) return;
    LogEvent(LogLevel::kWarning, "profile_not_announced",
             {{"reason", certs::ReasonOf(answer.status())}, {"what", answer.status().message()}});
  };
  for (const auto& [name, profile] : config.profiles) {
    ledger->Submit(store::AnnounceProfile{name, static_cast<uint64_t>(profile.version),
                                          config.profile_files.at(name)},
                   told);
  }
}

}  // namespace birthseal::server
