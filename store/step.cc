#include "store/step.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"
#include "store/apply.h"
#include "store/merkle_log.h"
#include "store/view.h"

namespace birthseal::store {
namespace {

absl::Status BadMeta() {
  return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                      "reading the ledger's counters");
}

// Nodes of the tree at the end of the batch: those made by it over those stored.
NodeReader NodesAfter(const Snapshot& snapshot, const LogAppender& log) {
  auto made = std::make_shared<std::map<std::string, std::string>>();
  WriteBatch batch;
  log.PutInto(&batch);
  for (WriteBatch::Change& change : batch.changes) {
    if (change.family == Family::kNodes) (*made)[change.key] = std::move(change.value);
  }
  return [made, stored = StoredNodes(&snapshot)](int level,
                                                 uint64_t index) -> absl::StatusOr<certs::Digest> {
    const auto it = made->find(NodeKey(static_cast<uint8_t>(level), index));
    certs::Digest digest{};
    if (it != made->end() && certs::DigestFrom(it->second, &digest)) return digest;
    return stored(level, index);
  };
}

// Reservations get the proof of their INTENT in the tree at the end of the batch: the one that a
// checkpoint is signed for. An INTENT of an earlier batch was asked for again.
absl::Status AddPath(const Snapshot& snapshot, const LogAppender& log, absl::Time ledger_time,
                     ReservationAnswer& answer) {
  storage::v1::Reservation reservation;
  if (!reservation.ParseFromString(answer.reservation)) return BadMeta();
  const uint64_t index = reservation.intent_index();
  if (index >= log.size()) return BadMeta();
  answer.tree_size = log.size();
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
  absl::StatusOr<std::string> stored = snapshot.Get(Family::kMeta, MetaKey());
  if (absl::IsNotFound(stored.status())) {
    state.meta.set_format(1);
    state.meta.set_log_epoch(1);
    state.meta.set_next_status_index(1);
    state.meta.set_log_root(certs::Bytes(certs::EmptyRoot()));
    return state;
  }
  if (!stored.ok()) return stored.status();
  if (!state.meta.ParseFromString(*stored) || state.meta.format() != 1) return BadMeta();
  ASSIGN_OR_RETURN(state.frontier, Frontier(state.meta.log_size(), StoredNodes(&snapshot)));
  return state;
}

absl::StatusOr<StepResult> Step(const Snapshot& snapshot, const LedgerState& state,
                                std::vector<Command>& commands, absl::Time ledger_time,
                                absl::string_view index_key, bool clock_trusted) {
  StepResult result;
  LedgerView view(&snapshot, state.meta);
  const ApplyContext context{ledger_time, index_key, clock_trusted};
  result.answers.reserve(commands.size());
  for (Command& command : commands) result.answers.push_back(Apply(command, view, context));

  LogAppender log(state.meta.log_size(), state.frontier);
  for (const std::string& leaf : view.leaves()) log.Append(leaf);
  for (Answer& answer : result.answers) {
    auto* reservation = std::get_if<ReservationAnswer>(&answer.value);
    if (reservation == nullptr || reservation->issued_status_index != 0) continue;
    RETURN_IF_ERROR(AddPath(snapshot, log, ledger_time, *reservation));
    result.has_intent = true;
  }

  storage::v1::Meta& meta = view.meta();
  meta.set_batch_sequence(meta.batch_sequence() + 1);
  meta.set_ledger_time(absl::ToUnixMicros(ledger_time));
  if (log.size() != state.meta.log_size()) meta.set_log_root(certs::Bytes(log.Root()));
  result.next.meta = meta;
  result.next.frontier = log.FrontierAfter();
  result.batch = view.TakeBatch();
  log.PutInto(&result.batch);
  result.batch.Put(Family::kMeta, MetaKey(), result.next.meta.SerializeAsString());
  return result;
}

}  // namespace birthseal::store
