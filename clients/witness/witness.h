// SPDX-License-Identifier: Apache-2.0
// A witness (见证方): follows the log leaf by leaf and cosigns checkpoints that only append and
// keep the map's rules (certs/proof/log_update.h).
//
// The core, without network, files, clock and keys: all come in. It releases a cosignature only
// after the state that forbids a contradicting one is durable. What the log key signed and does
// not hold is kept as evidence, alarmed, and ends all cosigning until a person acknowledges it;
// bytes that the log key did not sign are an error and change nothing. Belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/log_update.h"
#include "clients/witness/storage.h"

namespace birthseal::witness {

constexpr int kUpdatesAtOnce = 1024;  // the service answers no more

// Updates [first, first + count) of an epoch, or the first few of them, at least one.
// Errors: as they come; the checkpoint is then neither accepted nor held against the log.
using ListUpdates = std::function<absl::StatusOr<std::vector<Update>>(
    certs::LogEpoch epoch, certs::LeafIndex first, int count)>;

struct WitnessOptions {
  std::string log_name;                       // "birthseal.example/log"
  std::vector<certs::NoteVerifier> log_keys;  // each must have signed; not empty
  // The cosignature of the checkpoint body at a time: key name, key hash, time and signature.
  std::function<absl::StatusOr<certs::NoteSignature>(absl::Time, absl::string_view body)> cosign;
  std::function<absl::Time()> now;
  std::function<void(const Evidence&)> alarm;  // may be empty
};

// What a witness remembers. Canonical "birthseal/witness-state/v1".
struct Memory {
  std::string log_name;
  certs::LogState log;
  std::string note;     // newest accepted checkpoint with the log's signatures; empty: none yet
  std::string refusal;  // reason why it refuses everything; empty: it does not
  std::string refusal_text;
  absl::Time refused_at = absl::UnixEpoch();
};
std::string Canonical(const Memory& memory);
absl::StatusOr<Memory> ParseMemory(absl::string_view canonical);

class Witness {
 public:
  // `storage` outlives it. Errors: kDataLoss the state is damaged, "MIRROR_SHORT" the mirror holds
  // less than the state knows; kInvalidArgument "WITNESS_STATE_OF_ANOTHER_LOG".
  static absl::StatusOr<std::unique_ptr<Witness>> Open(WitnessOptions options, Storage* storage);

  // Checks a checkpoint and gives it with the log's signatures and ours. One equal to the known
  // one is cosigned again. Errors:
  //  kFailedPrecondition "WITNESS_REFUSES"     an earlier refusal stands
  //  kInvalidArgument, kUnauthenticated        not a checkpoint of this log, or not by its keys
  //  kOutOfRange "CHECKPOINT_OLD"              of what is known, and no longer the newest
  //  kDataLoss "LOG_ROLLED_BACK", "LOG_FORKED", "MAP_FORKED", "RECOVERY_LOSES_KNOWN", "MAP_PROOF",
  //  kFailedPrecondition "MAP_SECOND_LIVE" ... the log is at fault: evidence, alarm, refusal
  //  others                                    of updates or storage; ask again
  absl::StatusOr<std::string> Offer(absl::string_view note, const ListUpdates& list);

  // The newest accepted checkpoint, cosigned now; empty: none. Errors: "WITNESS_REFUSES".
  absl::StatusOr<std::string> Cosigned();
  // A person has looked: the refusal ends; what is known stays known.
  absl::Status Acknowledge();
  const Memory& memory() const { return memory_; }
  // A write failed: nothing more until the storage is opened again.
  bool open_outcome() const { return open_outcome_; }

 private:
  struct Step;  // one Offer under way
  Witness(WitnessOptions options, Storage* storage, Memory memory);

  absl::Status CheckUsable() const;
  absl::StatusOr<certs::Checkpoint> Authentic(absl::string_view note) const;
  absl::Status Judge(Step* step, const ListUpdates& list);
  absl::Status JudgeOlder(Step* step);
  absl::Status EnterEpochs(Step* step, const ListUpdates& list);
  absl::Status FollowTo(Step* step, certs::LogSize size, const ListUpdates& list);
  absl::Status Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                      const std::vector<Update>& updates);
  absl::Status Refuse(const Step& step, const absl::Status& why);
  absl::Status Save(const Memory& memory);
  absl::StatusOr<std::string> Cosign(const certs::Checkpoint& checkpoint) const;

  const WitnessOptions options_;
  Storage* const storage_;
  Memory memory_;
  bool open_outcome_ = false;  // a write failed: what is durable is unknown until opened again
};

// What a mirror makes up to this place, from the first leaf of the log, all rules
// checked. Errors: those of LogFollower, with the place; kDataLoss "MIRROR_SHORT".
absl::StatusOr<certs::LogState> Replay(Storage* mirror, const certs::LogPosition& to);

}  // namespace birthseal::witness
