// SPDX-License-Identifier: Apache-2.0
// The store, its journal, and the head that was last signed for.
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "certs/status_macros.h"
#include "server/parts.h"
#include "server/witnessing/store_position.h"
#include "store/meta.h"

namespace birthseal::server {

absl::Status ServerApp::Parts::OpenStore() {
  sealer = std::make_unique<store::ValueSealer>(config.keys.key_encryption_key);
  registry = std::make_unique<store::Registry>(engine.get(), sealer.get());
  if (!config.store.journal_directory.empty()) {
    absl::StatusOr<std::unique_ptr<store::Journal>> opened =
        store::Journal::Open(config.store.journal_directory);
    RETURN_IF_ERROR(At("store.journal_directory", opened.status()));
    journal = *std::move(opened);
  }
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::OpenLedger() {
  store::LedgerOptions options;
  options.queue_limit = static_cast<size_t>(config.limits.ledger_queue);
  options.index_key = config.keys.index_key;
  options.journal = journal.get();
  // A log that nothing was ever signed for cannot be behind.
  options.may_log = [this] { return new_log || freshness->MayIssue().ok(); };
  // Nothing is committed before the first command, and none comes before both are there.
  options.on_durable = [this](const store::DurableRoot& root) {
    checkpoints->OnDurable(root);
    desk->OnDurable(root);
  };
  absl::StatusOr<std::unique_ptr<store::Ledger>> opened =
      store::Ledger::Open(engine.get(), clock, std::move(options));
  RETURN_IF_ERROR(At("store", opened.status()));
  ledger = *std::move(opened);
  // Only now: the journal has given back what the engine lacked.
  RETURN_IF_ERROR(OpenHighWater());
  CheckpointSigner::Options signing;
  signing.keys = log_signers;
  signing.log_name = config.keys.log_name;
  signing.verifier = log_key;
  signing.mark = high_water.get();
  signing.epoch = ledger->Head().epoch;
  checkpoints = std::make_unique<CheckpointSigner>(std::move(signing));
  checkpoints->OnDurable(ledger->Head());
  return OpenDesk();
}

absl::Status ServerApp::Parts::OpenHighWater() {
  absl::StatusOr<std::unique_ptr<HighWater>> opened = HighWater::Open(config.keys.high_water_file);
  if (absl::IsNotFound(opened.status()) && ledger->Head().size == certs::LogSize()) {
    opened = HighWater::Create(config.keys.high_water_file);  // of a new log
  }
  RETURN_IF_ERROR(opened.status());
  high_water = *std::move(opened);
  new_log = high_water->head().size == 0;
  return CheckStorePosition(high_water->head(), config.keys.log_name, *engine->NewSnapshot());
}

}  // namespace birthseal::server
