// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/witness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/leaf.h"
#include "certs/status_macros.h"

namespace birthseal::witness {
namespace {

using certs::Checkpoint;
using certs::LogFollower;

constexpr certs::LeafIndex kFirst;

absl::Status Missing(certs::LogEpoch epoch, certs::LeafIndex leaf) {
  return certs::Error(absl::StatusCode::kUnavailable, "UPDATES_MISSING",
                      absl::StrCat("the service signed leaf ", leaf.value(), " of epoch ",
                                   epoch.value(), " and does not show it"));
}

}  // namespace

struct Witness::Step {
  Checkpoint checkpoint;
  certs::LogEpoch epoch;  // the checkpoint's
  LogFollower follower;
  std::string known_note;
  // The log key signed what is wrong: not the network, not the disk.
  bool log_at_fault = false;
  certs::LogEpoch fault_epoch;
  certs::LeafIndex fault_at;
  std::vector<Update> fault;  // at most kUpdatesAtOnce; the mirror has them all

  absl::Status AtFault(absl::Status why) {
    log_at_fault = !why.ok();
    return why;
  }
  absl::Status AtFault(absl::Status why, certs::LogEpoch of_epoch, certs::LeafIndex at,
                       const Update& update) {
    if (!why.ok()) {
      fault.clear();
      Followed(of_epoch, at, update);
    }
    return AtFault(std::move(why));
  }
  // Should the head not agree in the end, one of these is why.
  void Followed(certs::LogEpoch of_epoch, certs::LeafIndex at, const Update& update) {
    if (fault.size() >= static_cast<size_t>(kUpdatesAtOnce) || of_epoch != fault_epoch)
      fault.clear();
    if (fault.empty()) {
      fault_epoch = of_epoch;
      fault_at = at;
    }
    fault.push_back(update);
  }
};

Witness::Witness(WitnessOptions options, Storage* storage, Memory memory)
    : options_(std::move(options)), storage_(storage), memory_(std::move(memory)) {}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(WitnessOptions options, Storage* storage) {
  ASSIGN_OR_RETURN(const std::string state, storage->Load());
  Memory memory;
  memory.log_name = options.log_name;
  if (!state.empty()) {
    absl::StatusOr<Memory> parsed = ParseMemory(state);
    if (!parsed.ok()) {
      return certs::Error(absl::StatusCode::kDataLoss, "WITNESS_STATE",
                          absl::StrCat("the state is damaged: ", parsed.status().message()));
    }
    memory = *std::move(parsed);
  }
  if (memory.log_name != options.log_name) {
    return certs::Error(
        absl::StatusCode::kInvalidArgument, "WITNESS_STATE_OF_ANOTHER_LOG",
        absl::StrCat("the state is of the log ", memory.log_name, ", not of ", options.log_name));
  }
  ASSIGN_OR_RETURN(const certs::LogSize mirrored, storage->MirrorSize(memory.log.epoch));
  if (mirrored.value() < memory.log.leaves.size()) {
    return certs::Error(
        absl::StatusCode::kDataLoss, "MIRROR_SHORT",
        absl::StrCat("the mirror of epoch ", memory.log.epoch.value(), " holds ", mirrored.value(),
                     " leaves, the state knows ", memory.log.leaves.size()));
  }
  return std::unique_ptr<Witness>(new Witness(std::move(options), storage, std::move(memory)));
}

absl::Status Witness::CheckUsable() const {
  if (!memory_.refusal.empty()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "WITNESS_REFUSES",
                        absl::StrCat("refused since ", absl::FormatTime(memory_.refused_at), ": ",
                                     memory_.refusal, ", until a person acknowledges it"));
  }
  if (open_outcome_) {
    return certs::Error(absl::StatusCode::kUnavailable, "WITNESS_STORAGE",
                        "a write failed: open the state again to see what is durable");
  }
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint> Witness::Authentic(absl::string_view note) const {
  ASSIGN_OR_RETURN(Checkpoint checkpoint, certs::ParseCheckpoint(note));
  std::vector<certs::NoteSignature> ours;
  for (const certs::NoteVerifier& key : options_.log_keys) {
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, key));
    for (const certs::NoteSignature& signature : checkpoint.signatures) {
      if (!key(checkpoint.body, signature)) continue;
      ours.push_back(signature);
      break;
    }
  }
  if (ours.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "LOG_KEY", "no log key is trusted");
  }
  checkpoint.signatures = std::move(ours);
  return checkpoint;
}

absl::StatusOr<std::string> Witness::Offer(absl::string_view note, const ListUpdates& list) {
  RETURN_IF_ERROR(CheckUsable());
  Step step{{}, {}, LogFollower(memory_.log), memory_.note, false, {}, {}, {}};
  ASSIGN_OR_RETURN(step.checkpoint, Authentic(note));
  ASSIGN_OR_RETURN(step.epoch, certs::EpochOf(step.checkpoint.head.origin, options_.log_name));
  if (const absl::Status judged = Judge(&step, list); !judged.ok()) {
    return step.log_at_fault ? Refuse(step, judged) : judged;
  }
  Memory next = memory_;
  next.log = step.follower.state();
  next.note = certs::FormatCheckpoint(step.checkpoint.body, step.checkpoint.signatures);
  // Durable first: a witness that forgot a cosignature could give another one.
  if (next.note != memory_.note) RETURN_IF_ERROR(Save(next));
  return Cosign(step.checkpoint);
}

absl::Status Witness::Judge(Step* step, const ListUpdates& list) {
  const certs::LogState& known = memory_.log;
  const certs::TreeHead& head = step->checkpoint.head;
  if (step->epoch < known.epoch ||
      (step->epoch == known.epoch && head.size < known.leaves.size())) {
    return JudgeOlder(step);
  }
  if (step->epoch > known.epoch) RETURN_IF_ERROR(EnterEpochs(step, list));
  RETURN_IF_ERROR(FollowTo(step, certs::LogSize(head.size), list));
  return step->AtFault(step->follower.CheckHead(head));
}

// Signed later than what is known and smaller: the log went back. Signed earlier: an old one that
// came late, if it is of the log that is known.
absl::Status Witness::JudgeOlder(Step* step) {
  ASSIGN_OR_RETURN(const Checkpoint known, certs::ParseCheckpoint(memory_.note));
  const certs::TreeHead& head = step->checkpoint.head;
  if (head.time > known.head.time) {
    return step->AtFault(
        certs::Error(absl::StatusCode::kDataLoss, "LOG_ROLLED_BACK",
                     absl::StrCat("the log signed ", head.origin, " size ", head.size, " after ",
                                  known.head.origin, " size ", known.head.size)));
  }
  ASSIGN_OR_RETURN(const certs::LogSize mirrored, storage_->MirrorSize(step->epoch));
  if (head.size > mirrored.value()) {
    return certs::Error(absl::StatusCode::kOutOfRange, "CHECKPOINT_OLD",
                        "of the part of an epoch that a RECOVERY has given up");
  }
  ASSIGN_OR_RETURN(certs::LogState then,
                   Replay(storage_, {step->epoch, certs::LogSize(head.size)}));
  RETURN_IF_ERROR(step->AtFault(LogFollower(std::move(then)).CheckHead(head)));
  return certs::Error(absl::StatusCode::kOutOfRange, "CHECKPOINT_OLD",
                      absl::StrCat("size ", head.size, " was passed already"));
}

// From the known epoch through all between to the checkpoint's.
absl::Status Witness::EnterEpochs(Step* step, const ListUpdates& list) {
  struct Entry {
    certs::LogEpoch epoch;
    Update first;
    certs::Recovery recovery;
  };
  std::vector<Entry> entries;  // newest first
  for (certs::LogEpoch epoch = step->epoch; epoch > memory_.log.epoch;) {
    ASSIGN_OR_RETURN(std::vector<Update> first, list(epoch, kFirst, 1));
    if (first.empty()) return Missing(epoch, kFirst);
    Entry entry{epoch, std::move(first[0]), {}};
    const absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(entry.first.leaf);
    RETURN_IF_ERROR(step->AtFault(leaf.status(), epoch, kFirst, entry.first));
    const absl::StatusOr<certs::Recovery> recovery = certs::ParseRecovery(leaf->detail);
    RETURN_IF_ERROR(step->AtFault(recovery.status(), epoch, kFirst, entry.first));
    entry.recovery = *recovery;
    const certs::LogEpoch old(recovery->old_epoch);
    if (old >= epoch || old < memory_.log.epoch) {
      return step->AtFault(certs::Error(absl::StatusCode::kDataLoss, "LOG_FORKED",
                                        "an epoch does not follow the one that is known"),
                           epoch, kFirst, entry.first);
    }
    epoch = old;
    entries.push_back(std::move(entry));
  }
  std::reverse(entries.begin(), entries.end());
  for (const Entry& entry : entries) {
    RETURN_IF_ERROR(FollowTo(step, certs::LogSize(entry.recovery.kept_size), list));
    absl::Status started = step->follower.StartEpoch(entry.epoch, entry.first.leaf);
    if (started.ok() && !entry.first.changes.empty()) {
      started = certs::Error(absl::StatusCode::kFailedPrecondition, "MAP_CHANGE_WITHOUT_RIGHT",
                             "a RECOVERY may not change the map");
    }
    RETURN_IF_ERROR(step->AtFault(started, entry.epoch, kFirst, entry.first));
    // The old epoch ends here, also in the mirror: what may stand behind was never checked.
    RETURN_IF_ERROR(Mirror(certs::LogEpoch(entry.recovery.old_epoch),
                           certs::LeafIndex(entry.recovery.kept_size), {}));
    RETURN_IF_ERROR(Mirror(entry.epoch, kFirst, {entry.first}));
    step->Followed(entry.epoch, kFirst, entry.first);
  }
  return absl::OkStatus();
}

// The mirror is written ahead of the state; what it holds beyond the state does not count.
absl::Status Witness::FollowTo(Step* step, certs::LogSize size, const ListUpdates& list) {
  while (step->follower.state().leaves.size() < size.value()) {
    const certs::LogEpoch epoch = step->follower.state().epoch;
    const certs::LeafIndex first(step->follower.state().leaves.size());
    const int count =
        static_cast<int>(std::min<uint64_t>(size.value() - first.value(), kUpdatesAtOnce));
    ASSIGN_OR_RETURN(const std::vector<Update> updates, list(epoch, first, count));
    if (updates.empty() || updates.size() > static_cast<size_t>(count)) {
      return Missing(epoch, first);
    }
    for (size_t i = 0; i < updates.size(); ++i) {
      RETURN_IF_ERROR(step->AtFault(step->follower.Follow(updates[i].leaf, updates[i].changes),
                                    epoch, first.Plus(i), updates[i]));
      step->Followed(epoch, first.Plus(i), updates[i]);
    }
    RETURN_IF_ERROR(Mirror(epoch, first, updates));
  }
  return absl::OkStatus();
}

absl::Status Witness::Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                             const std::vector<Update>& updates) {
  absl::Status kept = storage_->Mirror(epoch, first, updates);
  if (!kept.ok()) open_outcome_ = true;
  return kept;
}

absl::Status Witness::Refuse(const Step& step, const absl::Status& why) {
  const Evidence evidence{certs::ReasonOf(why),
                          std::string(why.message()),
                          options_.now(),
                          step.known_note,
                          certs::FormatCheckpoint(step.checkpoint.body, step.checkpoint.signatures),
                          step.fault_epoch,
                          step.fault_at,
                          step.fault};
  // In memory at once; if the disk fails now, this process refuses all the same.
  memory_.refusal = evidence.reason.empty() ? "LOG_AT_FAULT" : evidence.reason;
  memory_.refusal_text = evidence.text;
  memory_.refused_at = evidence.at;
  absl::Status kept = storage_->Keep(evidence);
  kept.Update(storage_->Save(Canonical(memory_)));
  if (options_.alarm) options_.alarm(evidence);
  if (!kept.ok()) open_outcome_ = true;
  return why;
}

absl::Status Witness::Save(const Memory& memory) {
  if (absl::Status saved = storage_->Save(Canonical(memory)); !saved.ok()) {
    open_outcome_ = true;
    return saved;
  }
  memory_ = memory;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Witness::Cosign(const Checkpoint& checkpoint) const {
  ASSIGN_OR_RETURN(certs::NoteSignature ours, options_.cosign(options_.now(), checkpoint.body));
  std::vector<certs::NoteSignature> signatures = checkpoint.signatures;
  signatures.push_back(std::move(ours));
  return certs::FormatCheckpoint(checkpoint.body, signatures);
}

absl::StatusOr<std::string> Witness::Cosigned() {
  RETURN_IF_ERROR(CheckUsable());
  if (memory_.note.empty()) return std::string();
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, certs::ParseCheckpoint(memory_.note));
  return Cosign(checkpoint);
}

absl::Status Witness::Acknowledge() {
  Memory next = memory_;
  next.refusal.clear();
  next.refusal_text.clear();
  next.refused_at = absl::UnixEpoch();
  return Save(next);
}

}  // namespace birthseal::witness
