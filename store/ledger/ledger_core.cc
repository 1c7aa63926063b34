// SPDX-License-Identifier: Apache-2.0
#include "store/ledger/ledger_core.h"

#include <optional>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "store/journal/journal.h"
#include "store/keys.h"
#include "store/meta.h"

namespace birthseal::store {
namespace {

absl::Status OutcomeUnknown() {
  return certs::Error(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN",
                      "a commit failed: ask again with the same ids");
}
absl::Status Fenced() {
  return certs::Error(absl::StatusCode::kAborted, "FENCED", "another writer took over");
}
absl::Status QueueFull() {
  return certs::Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                      "too many commands wait: try again later");
}

DurableRoot RootOf(const storage::v1::Meta& meta, bool has_intent) {
  DurableRoot root;
  root.size = certs::LogSize(meta.log_size());
  // Zeros, when damaged, are the root of no log: whoever follows it refuses them.
  root.root = LogRootOf(meta).value_or(certs::Digest{});
  root.map_root = MapRootOf(meta);
  root.epoch = certs::LogEpoch(meta.log_epoch());
  root.time = absl::FromUnixSeconds(meta.ledger_time() / 1'000'000);
  root.has_intent = has_intent;
  return root;
}

LedgerCore::Outcome Refuse(std::vector<QueuedCommand> items, const absl::Status& status) {
  LedgerCore::Outcome outcome;
  outcome.answers.assign(items.size(), AnyAnswer{status, {}});
  outcome.items = std::move(items);
  return outcome;
}

LedgerCore::Outcome Fail(std::vector<QueuedCommand> items, const absl::Status& failure) {
  LedgerCore::Outcome outcome = Refuse(std::move(items), failure);
  outcome.failure = failure;
  return outcome;
}

bool StillFenced(const Snapshot& snapshot, FenceEpoch epoch) {
  const absl::StatusOr<std::string> stored = snapshot.Get(Family::kMeta, FenceKey());
  return stored.ok() && *stored == BigEndian64(epoch.value());
}

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerCore>> LedgerCore::Open(Engine* engine,
                                                             LedgerOptions options) {
  if (options.index_key.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "INDEX_KEY_MISSING",
                        "a ledger without the index key would make claims that nobody finds");
  }
  const FenceEpoch above =
      options.journal != nullptr ? options.journal->last_epoch() : FenceEpoch();
  ASSIGN_OR_RETURN(const FenceEpoch epoch, engine->AcquireFence(above));
  if (options.journal != nullptr) {
    RETURN_IF_ERROR(ReplayInto(*options.journal, engine, epoch).status());
  }
  ASSIGN_OR_RETURN(LedgerState state, ReadState(*engine->NewSnapshot()));
  state.meta.set_fencing_epoch(epoch.value());
  return std::unique_ptr<LedgerCore>(
      new LedgerCore(engine, std::move(options), epoch, std::move(state)));
}

LedgerCore::LedgerCore(Engine* engine, LedgerOptions options, FenceEpoch epoch, LedgerState state)
    : engine_(engine),
      options_(std::move(options)),
      epoch_(epoch),
      state_(std::move(state)),
      queue_(options_.queue_limit),
      head_(RootOf(state_.meta, false)),
      guard_(absl::FromUnixMicros(state_.meta.ledger_time())) {}

absl::Status LedgerCore::Admit(const Command& command) const {
  if (!failure_.ok()) return failure_;
  const Lane lane = LaneOf(command);
  return lane == Lane::kFinishing || lane == Lane::kAccess ? absl::OkStatus() : refusal_;
}

LedgerCore::Outcome LedgerCore::Add(std::vector<Command> commands, Ledger::Callback done) {
  auto submission = std::make_shared<Submission>();
  submission->answers.resize(commands.size());
  submission->missing = commands.size();
  submission->done = std::move(done);
  Outcome refused;
  for (size_t i = 0; i < commands.size(); ++i) {
    QueuedCommand item{std::move(commands[i]), submission, i};
    const absl::Status admitted = Admit(item.command);
    if (admitted.ok() && queue_.Add(item)) continue;
    refused.items.push_back(std::move(item));
    refused.answers.push_back({admitted.ok() ? QueueFull() : admitted, {}});
  }
  // A submission without commands is answered too.
  if (submission->missing == 0) refused.items.push_back({Access(), submission, 0});
  return refused;
}

LedgerCore::Batch LedgerCore::Take(absl::Time wall, absl::Duration monotonic) {
  Batch batch;
  batch.items = queue_.Take(options_.batch_commands, options_.batch_bytes);
  batch.time = guard_.Advance(wall, monotonic);
  batch.trusted = guard_.trusted();
  return batch;
}

LedgerCore::Outcome LedgerCore::Run(Batch batch) {
  std::vector<Command> commands;
  commands.reserve(batch.items.size());
  for (QueuedCommand& item : batch.items) commands.push_back(std::move(item.command));
  const std::unique_ptr<Snapshot> snapshot = engine_->NewSnapshot();
  // What another writer left does not fit what this one remembers: not even reads make sense.
  if (!StillFenced(*snapshot, epoch_)) return Fail(std::move(batch.items), Fenced());
  absl::StatusOr<StepResult> step =
      Step(*snapshot, state_, commands, batch.time, options_.index_key,
           batch.trusted ? LedgerClock::kTrusted : LedgerClock::kSuspect,
           options_.may_log && options_.may_log() ? LogGrowth::kOpen : LogGrowth::kClosed);
  if (!step.ok()) return Refuse(std::move(batch.items), step.status());
  const absl::Status committed = Commit(*step);
  if (!committed.ok()) {
    Outcome outcome =
        Fail(std::move(batch.items), absl::IsAborted(committed) ? Fenced() : OutcomeUnknown());
    outcome.cause = committed;
    return outcome;
  }
  state_ = std::move(step->next);
  Outcome outcome;
  outcome.durable = true;
  outcome.root = RootOf(state_.meta, step->has_intent);
  outcome.items = std::move(batch.items);
  outcome.answers = std::move(step->answers);
  return outcome;
}

absl::Status LedgerCore::Commit(const StepResult& step) {
  // The journal first: what it has beyond the engine is replayed when the ledger opens again.
  if (options_.journal != nullptr) {
    RETURN_IF_ERROR(options_.journal->Append(step.next.meta.batch_sequence(), epoch_, step.batch));
  }
  return engine_->Commit(step.batch, epoch_);
}

void LedgerCore::Close() {
  if (failure_.ok()) failure_ = OutcomeUnknown();
}

void LedgerCore::Finish(Outcome& outcome) {
  if (outcome.durable) head_ = outcome.root;
  if (outcome.failure.ok()) return;
  failure_ = outcome.failure;
  commit_failure_ = outcome.cause;
  for (QueuedCommand& item : queue_.TakeAll()) {
    outcome.items.push_back(std::move(item));
    outcome.answers.push_back({failure_, {}});
  }
}

void LedgerCore::AnswerCallers(Outcome outcome) const {
  if (outcome.durable && options_.on_durable) options_.on_durable(outcome.root);
  for (size_t i = 0; i < outcome.items.size(); ++i) {
    Submission& submission = *outcome.items[i].submission;
    if (i < outcome.answers.size()) {
      submission.answers[outcome.items[i].position] = std::move(outcome.answers[i]);
      --submission.missing;
    }
    if (submission.missing == 0) submission.done(std::move(submission.answers));
  }
}

std::string LedgerCore::Unhealthy() const {
  if (!failure_.ok()) return certs::ReasonOf(failure_);
  return guard_.trusted() ? "" : "CLOCK_SUSPECT";
}

}  // namespace birthseal::store
