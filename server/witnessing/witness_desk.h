// SPDX-License-Identifier: Apache-2.0
// The witness desk (见证台): offers checkpoints to the witnesses in rounds and gathers
// cosignatures.
//
// A round is one offered checkpoint, with a snapshot of the store at exactly its size. When a
// quorum has cosigned it, it is the newest witnessed checkpoint: receipts of what it covers are
// stored, and its snapshot answers proofs of uniqueness until the next. A round without quorum is
// replaced after a while, if the log has grown. Without witnesses there are no rounds.
// What a witness shows is checked against our log first; freshness.h hears the outcome. A witness
// that shows nothing proves nothing, unless nothing was ever signed for this log.
// Thread-safe, but Start, Stop and Step, which belong to the owner; rounds run on a thread of its
// own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/clock.h"
#include "certs/proof/checkpoint.h"
#include "server/access/caller.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/told.h"
#include "server/witnessing/witnessed.h"
#include "store/commands.h"
#include "store/engine.h"

namespace birthseal::server {

class WitnessDesk {
 public:
  struct Options {
    std::string log_name;
    std::vector<certs::NoteVerifier> log_keys;  // the first must have signed what is shown
    certs::WitnessPolicy policy;
    std::map<certs::Digest, std::string> clients;  // SM3 of the TLS certificate -> witness
    absl::Duration patience = absl::Seconds(5);    // with a round that has no quorum
    absl::Duration gap = absl::Milliseconds(250);  // between the starts of two rounds
    // The ledger's command; null: receipts are not stored.
    std::function<absl::Status(store::StoreReceipts)> store_receipts;
    // Of failures, each as told.h says: "RECEIPTS_FAILED", "WITNESS_ROUND_FAILED".
    std::function<void(absl::string_view event, absl::string_view detail)> on_event;
  };
  // All outlive the desk.
  struct Surroundings {
    const store::Engine* engine;
    CheckpointSigner* checkpoints;
    Freshness* freshness;
    const certs::Clock* clock;
  };
  WitnessDesk(Options options, Surroundings surroundings);
  ~WitnessDesk();  // Stop

  // Starts the thread; nothing to do without witnesses.
  void Start();
  void Stop();
  // What the thread does whenever something has changed; for tests without it.
  void Step();
  // LedgerOptions::on_durable.
  void OnDurable(const store::DurableRoot& root);

  // Transparency.Witness: gives the checkpoint to check and cosign; empty: nothing newer.
  // Errors: kPermissionDenied "WITNESS_UNKNOWN"; kInvalidArgument, kUnauthenticated the note;
  // kFailedPrecondition "STORE_BEHIND", "STORE_FORKED".
  absl::StatusOr<std::string> Witness(const Caller& caller, absl::string_view cosigned);

  // The newest witnessed checkpoint of this run; null: none yet.
  std::shared_ptr<const Witnessed> Newest() const;
  // From a receipt under the tree at `position` to the newest witnessed checkpoint; nothing when
  // there is none of this epoch and of at most this size.
  absl::StatusOr<std::optional<WitnessLink>> LinkTo(const certs::LogPosition& position);
  // Blocks until a quorum covers the log up to `position`. Errors: kUnavailable
  // "NOT_YET_WITNESSED".
  absl::Status AwaitWitnessed(const certs::LogPosition& position, absl::Duration timeout) const;

  struct Counters {
    uint64_t offered = 0, witnessed = 0, replaced = 0, reports = 0;
    uint64_t rounds_failed = 0, receipts_failed = 0;
    uint64_t witnessed_size = 0;
  };
  Counters counters() const;

 private:
  struct Round {
    certs::LogEpoch epoch{1};
    certs::TreeHead head;
    std::string note;
    std::shared_ptr<const store::Snapshot> snapshot;
    absl::Time started;
    // By body: one tree head may have been signed with another time before a restart.
    struct Shown {
      std::vector<certs::NoteSignature> log;
      std::map<std::string, certs::NoteSignature> witnesses;
    };
    std::map<std::string, Shown> shown;
  };

  void Run();
  absl::Status StartRound();
  absl::StatusOr<Round> Offerable() const;
  void Complete(Round round, const std::string& body);
  void StoreReceipts(const std::shared_ptr<const Witnessed>& now);
  absl::StatusOr<certs::Checkpoint> Checked(const std::string& witness, absl::string_view cosigned,
                                            certs::NoteSignature* cosignature);
  void Record(const std::string& witness, const certs::Checkpoint& checkpoint,
              const certs::NoteSignature& cosignature);
  std::optional<std::string> QuorumBody() const;  // requires mutex_
  // What the background has tried: a failure is counted each time, and told when it is due.
  struct Failing {
    absl::string_view event;
    Told told;
    uint64_t count = 0;
  };
  void Note(const absl::Status& status, Failing* failing);

  const Options options_;
  const Surroundings at_;
  std::optional<certs::LeafIndex> receipts_from_;  // thread of the rounds only

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  store::DurableRoot durable_;  // under mutex_, as all below
  std::optional<Round> round_;
  absl::Time last_start_ = absl::InfinitePast();
  std::pair<certs::LogSize, std::string> offered_;  // size and note
  std::shared_ptr<const Witnessed> newest_;
  std::map<std::pair<certs::LogSize, certs::LogSize>, std::vector<certs::Digest>> paths_;
  Failing rounds_{"WITNESS_ROUND_FAILED", {}}, receipts_{"RECEIPTS_FAILED", {}};
  Counters counters_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace birthseal::server
