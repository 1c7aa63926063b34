// SPDX-License-Identifier: Apache-2.0
// One step of the ledger: commands over a snapshot to ONE batch, their answers and the log's
// leaves.
//
// Pure: no threads, no clock, no randomness. The caller commits the batch and keeps the state that
// follows; if the commit fails, it keeps neither. Steps from states that share a cache (those that
// follow from one another) belong to one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/engine.h"
#include "store/ledger/apply.h"
#include "store/log/uniqueness_map.h"

namespace birthseal::store {

// What the ledger remembers between steps; all of it can be read back from the store.
struct LedgerState {
  storage::v1::Meta meta;
  std::vector<certs::Digest> frontier;  // of the log, at meta.log_size
  // Upper pages of the uniqueness map, as far as they were read; null: none.
  std::shared_ptr<MapCache> map_cache;
  // Those that the batch before this state changed. The next step puts them into the cache: by then
  // the batch is known to be durable.
  MapPages map_pages;
};
// Reads meta and frontier; a new store gets its first meta. Errors: kDataLoss.
absl::StatusOr<LedgerState> ReadState(const Snapshot& snapshot);

struct StepResult {
  WriteBatch batch;
  std::vector<AnyAnswer> answers;  // in the order of the commands
  LedgerState next;
  bool has_intent = false;  // a new reservation or the repeat of one waits for a checkpoint
};

// `commands` are used up. Errors of the step itself (a stored node cannot be read) fail all
// commands: nothing may be committed then.
absl::StatusOr<StepResult> Step(const Snapshot& snapshot, const LedgerState& state,
                                std::vector<Command>& commands, absl::Time ledger_time,
                                absl::string_view index_key, LedgerClock clock, LogGrowth growth);

}  // namespace birthseal::store
