// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/step.h"

#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/ledger/apply.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"
#include "store/reads/view.h"

namespace birthseal::store {
namespace {

// Nodes of the tree at the end of the batch: those made by it over those stored.
NodeReader NodesAfter(const Snapshot& snapshot, const LogAppender& log) {
  auto made = std::make_shared<std::map<std::string, std::string>>();
  WriteBatch batch;
  log.PutInto(&batch);
  for (WriteBatch::Change& change : batch.changes) {
    if (change.family == Family::kNodes) (*made)[change.key] = std::move(change.value);
  }
  return [made, epoch = log.epoch(), stored = StoredNodes(&snapshot, log.epoch())](
             int level, uint64_t index) -> absl::StatusOr<certs::Digest> {
    const auto it = made->find(EpochNodeKey(epoch, level, index));
    const std::optional<certs::Digest> digest =
        it == made->end() ? std::nullopt : certs::DigestFrom(it->second);
    if (digest) return *digest;
    return stored(level, index);
  };
}

// Reservations get the proof of their INTENT in the tree at the end of the batch: the one that a
// checkpoint is signed for. An INTENT of an earlier batch was asked for again.
absl::Status AddPath(const Snapshot& snapshot, const LogAppender& log, absl::Time ledger_time,
                     ReservationAnswer& answer) {
  const uint64_t index = answer.reservation.intent_index();
  if (answer.reservation.log_epoch() != log.epoch() || index >= log.size()) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE", "reading a reservation");
  }
  answer.tree_size = certs::LogSize(log.size());
  answer.root = log.Root();
  answer.head_time = absl::FromUnixSeconds(absl::ToUnixSeconds(ledger_time));
  if (index >= log.first_index()) {
    answer.path = log.Path(index);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(answer.path, InclusionPath(index, log.size(), NodesAfter(snapshot, log)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LedgerState> ReadState(const Snapshot& snapshot) {
  LedgerState state;
  ASSIGN_OR_RETURN(state.meta, MetaOf(snapshot));
  ASSIGN_OR_RETURN(state.frontier,
                   Frontier(state.meta.log_size(), StoredNodes(&snapshot, state.meta.log_epoch())));
  state.map_cache = std::make_shared<MapCache>();
  return state;
}

absl::StatusOr<StepResult> Step(const Snapshot& snapshot, const LedgerState& state,
                                std::vector<Command>& commands, absl::Time ledger_time,
                                absl::string_view index_key, LedgerClock clock, LogGrowth growth) {
  StepResult result;
  if (state.map_cache != nullptr) {
    for (const auto& [key, page] : state.map_pages) state.map_cache->Add(key, page);
  }
  LedgerView view(&snapshot, state.meta, state.map_cache.get());
  const ApplyContext context{ledger_time, index_key, clock, growth};
  result.answers.reserve(commands.size());
  for (Command& command : commands) result.answers.push_back(Apply(command, view, context));

  LogAppender log(state.meta.log_size(), state.frontier, state.meta.log_epoch());
  for (const LedgerView::NewLeaf& leaf : view.leaves()) {
    if (EpochAt(leaf.place).value() != log.epoch()) {  // the batch begins a new log
      log.PutInto(&result.batch);
      log = LogAppender(0, {}, EpochAt(leaf.place).value());
    }
    log.Append(leaf.bytes);
  }
  for (AnyAnswer& answer : result.answers) {
    auto* reservation = std::get_if<ReservationAnswer>(&answer.value);
    if (reservation == nullptr || reservation->issued_status_index) continue;
    RETURN_IF_ERROR(AddPath(snapshot, log, ledger_time, *reservation));
    result.has_intent = true;
  }

  storage::v1::Meta& meta = view.meta();
  meta.set_batch_sequence(meta.batch_sequence() + 1);
  meta.set_ledger_time(absl::ToUnixMicros(ledger_time));
  if (!view.leaves().empty()) meta.set_log_root(certs::Bytes(log.Root()));
  result.next.meta = meta;
  result.next.frontier = log.FrontierAfter();
  result.next.map_cache = state.map_cache;
  result.next.map_pages = view.map().UpperPages();
  log.PutInto(&result.batch);
  WriteBatch changes = view.TakeBatch();
  std::move(changes.changes.begin(), changes.changes.end(),
            std::back_inserter(result.batch.changes));
  result.batch.Put(Family::kMeta, MetaKey(), result.next.meta.SerializeAsString());
  return result;
}

}  // namespace birthseal::store
