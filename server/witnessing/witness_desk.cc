// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/witness_desk.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/witnessing/receipt_maker.h"
#include "server/witnessing/store_position.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr int kAttempts = 5;
constexpr absl::Duration kSigning = absl::Seconds(2);
constexpr auto kLookEvery = std::chrono::milliseconds(100);

// The root of the log in a snapshot.
absl::StatusOr<store::DurableRoot> RootOf(const store::Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, store::MetaOf(snapshot));
  store::DurableRoot root;
  root.size = certs::LogSize(meta.log_size());
  ASSIGN_OR_RETURN(root.root, store::LogRootOf(meta));
  root.map_root = store::MapRootOf(meta);
  root.epoch = certs::LogEpoch(meta.log_epoch());
  root.time = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::FromUnixMicros(meta.ledger_time())));
  return root;
}

// Of two heads that this store has held (CheckStorePosition): at one size of one epoch it had one
// root.
bool SameTree(const certs::TreeHead& a, const certs::TreeHead& b) {
  return a.origin == b.origin && a.size == b.size && a.map_root == b.map_root;
}

}  // namespace

WitnessDesk::WitnessDesk(Options options, Surroundings surroundings)
    : options_(std::move(options)), at_(surroundings) {}

WitnessDesk::~WitnessDesk() { Stop(); }

void WitnessDesk::Start() {
  if (options_.policy.witnesses.empty()) return;
  thread_ = std::thread([this] { Run(); });
}

void WitnessDesk::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WitnessDesk::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Step();
    lock.lock();
    if (!stopping_) changed_.wait_for(lock, kLookEvery);
  }
}

void WitnessDesk::OnDurable(const store::DurableRoot& root) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (root.size < durable_.size) return;
    durable_ = root;
  }
  changed_.notify_all();
}

void WitnessDesk::Step() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (options_.policy.witnesses.empty()) return;
  const absl::Time now = at_.clock->Now();
  const certs::LogSize witnessed(newest_ == nullptr ? 0 : newest_->head.size);
  if (durable_.size > witnessed) at_.freshness->Unwitnessed();
  if (std::optional<std::string> body = QuorumBody(); body.has_value()) {
    Round round = *std::exchange(round_, std::nullopt);
    lock.unlock();
    Complete(std::move(round), *body);
  } else {
    if (round_.has_value() && durable_.size.value() > round_->head.size &&
        now - round_->started >= options_.patience) {
      round_.reset();
      ++counters_.replaced;
    }
    const bool start = !round_.has_value() && durable_.size > witnessed &&
                       (now - last_start_ >= options_.gap || now < last_start_);
    lock.unlock();
    if (start) Note(StartRound(), &rounds_);
  }
  at_.freshness->Look();
}

absl::StatusOr<WitnessDesk::Round> WitnessDesk::Offerable() const {
  absl::Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Round round;
    round.snapshot = at_.engine->NewSnapshot();
    ASSIGN_OR_RETURN(const store::DurableRoot root, RootOf(*round.snapshot));
    // Another batch may be signed by now, and the signer never goes back: then once more.
    absl::StatusOr<std::string> note = at_.checkpoints->Exactly(root, kSigning);
    if (note.ok()) {
      ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(*note));
      round.epoch = root.epoch;
      round.head = checkpoint.head;
      round.note = *std::move(note);
      round.shown[checkpoint.body].log = checkpoint.signatures;
      return round;
    }
    last = note.status();
    if (!absl::IsNotFound(last) && !absl::IsDeadlineExceeded(last)) break;
  }
  return last;
}

absl::Status WitnessDesk::StartRound() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last_start_ = at_.clock->Now();
  }
  ASSIGN_OR_RETURN(Round round, Offerable());
  const std::lock_guard<std::mutex> lock(mutex_);
  round.started = last_start_;
  offered_ = {certs::LogSize(round.head.size), round.note};
  round_ = std::move(round);
  ++counters_.offered;
  return absl::OkStatus();
}

std::optional<std::string> WitnessDesk::QuorumBody() const {
  if (!round_.has_value()) return std::nullopt;
  for (const auto& [body, shown] : round_->shown) {
    if (shown.witnesses.size() >= options_.policy.quorum) return body;
  }
  return std::nullopt;
}

void WitnessDesk::Complete(Round round, const std::string& body) {
  const Round::Shown& shown = round.shown[body];
  std::vector<certs::NoteSignature> signatures = shown.log;
  for (const auto& witness : options_.policy.witnesses) {
    const auto found = shown.witnesses.find(witness.name);
    if (found != shown.witnesses.end()) signatures.push_back(found->second);
  }
  auto now = std::make_shared<Witnessed>();
  now->epoch = round.epoch;
  now->note = certs::FormatCheckpoint(body, signatures);
  now->head = certs::ParseCheckpoint(now->note)->head;  // of `body`, which was parsed before
  now->snapshot = round.snapshot;
  bool all = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    newest_ = now;
    paths_.clear();
    ++counters_.witnessed;
    all = durable_.size <= now->position().size;
  }
  changed_.notify_all();
  at_.freshness->Quorum(all);
  StoreReceipts(now);
}

void WitnessDesk::StoreReceipts(const std::shared_ptr<const Witnessed>& now) {
  if (!options_.store_receipts) return;
  const auto stopping = [this] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stopping_;
  };
  const auto store = [&]() -> absl::Status {
    if (!receipts_from_.has_value()) {
      ASSIGN_OR_RETURN(receipts_from_, ReceiptsFrom(*now->snapshot, now->epoch));
    }
    return MakeReceipts(*now, *receipts_from_, options_.store_receipts, stopping);
  };
  const absl::Status status = store();
  // After a failure the next round makes these as well.
  if (status.ok()) receipts_from_ = certs::LeafIndex(now->head.size);
  if (!absl::IsCancelled(status)) Note(status, &receipts_);
}

absl::StatusOr<certs::Checkpoint> WitnessDesk::Checked(const std::string& witness,
                                                       absl::string_view cosigned,
                                                       certs::NoteSignature* cosignature) {
  ASSIGN_OR_RETURN(certs::Checkpoint checkpoint, certs::ParseCheckpoint(cosigned));
  RETURN_IF_ERROR(certs::EpochOf(checkpoint.head.origin, options_.log_name).status());
  RETURN_IF_ERROR(certs::CheckSignature(checkpoint, options_.log_keys.front()));
  bool held = false;
  for (const auto& known : options_.policy.witnesses) {
    for (const certs::NoteSignature& signature : checkpoint.signatures) {
      if (held || known.name != witness || signature.key_name != witness) continue;
      held = known.verifier(checkpoint.body, signature);
      if (held) *cosignature = signature;
    }
  }
  if (held) return checkpoint;
  return certs::Error(absl::StatusCode::kUnauthenticated, "COSIGNATURE_MISSING",
                      absl::StrCat("no cosignature of ", witness, " holds"), "cosigned");
}

absl::StatusOr<std::string> WitnessDesk::Witness(const Caller& caller, absl::string_view cosigned) {
  const auto known = options_.clients.find(caller.certificate_sm3());
  if (known == options_.clients.end()) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "WITNESS_UNKNOWN",
                        "the calling TLS certificate is bound to no witness");
  }
  certs::LogSize size;
  if (cosigned.empty()) {
    // Who knows nothing agrees with a log that has said nothing; of any other it tells nothing.
    if (!at_.checkpoints->EverSigned()) at_.freshness->Confirmed(known->second);
  } else {
    certs::NoteSignature cosignature;
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint,
                     Checked(known->second, cosigned, &cosignature));
    // Signed by the log and so durable before this snapshot, unless the store has gone back.
    const absl::Status place =
        CheckStorePosition(checkpoint.head, options_.log_name, *at_.engine->NewSnapshot());
    if (absl::IsFailedPrecondition(place)) at_.freshness->Behind(place);
    RETURN_IF_ERROR(place);
    at_.freshness->Confirmed(known->second);
    Record(known->second, checkpoint, cosignature);
    const std::lock_guard<std::mutex> lock(mutex_);
    // A witness that is still in an ended epoch has nothing of this one.
    const bool current =
        checkpoint.head.origin == certs::OriginOf(options_.log_name, durable_.epoch);
    size = certs::LogSize(current ? checkpoint.head.size : 0);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  ++counters_.reports;
  return offered_.first > size ? offered_.second : std::string();
}

void WitnessDesk::Record(const std::string& witness, const certs::Checkpoint& checkpoint,
                         const certs::NoteSignature& cosignature) {
  bool quorum = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!round_.has_value() || !SameTree(round_->head, checkpoint.head)) return;
    Round::Shown& shown = round_->shown[checkpoint.body];
    if (shown.log.empty()) {  // from before a restart: only what our keys signed
      for (const certs::NoteSignature& signature : checkpoint.signatures) {
        for (const certs::NoteVerifier& key : options_.log_keys) {
          if (key(checkpoint.body, signature)) shown.log.push_back(signature);
        }
      }
    }
    shown.witnesses[witness] = cosignature;
    quorum = shown.witnesses.size() >= options_.policy.quorum;
  }
  if (quorum) changed_.notify_all();
}

void WitnessDesk::Note(const absl::Status& status, Failing* failing) {
  bool due = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status.ok()) return failing->told.Over();
    ++failing->count;
    due = failing->told.Due(certs::ReasonOf(status), at_.clock->Now());
  }
  if (due && options_.on_event) options_.on_event(failing->event, status.message());
}

}  // namespace birthseal::server
