// SPDX-License-Identifier: Apache-2.0
// From an older state to the newest one that anyone has.
#include <map>
#include <set>
#include <utility>

#include "certs/errors.h"
#include "certs/proof/log_update.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/ledger/ledger.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"
#include "store/restore/recovery.h"

namespace birthseal::store {
namespace {

using certs::Leaf;
using certs::LeafKind;
using Items = std::vector<RecoverLeaves::Item>;

constexpr size_t kChunk = 1024;

absl::Status Forked(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "LOG_FORKED", what);
}

struct Target {
  uint64_t epoch = 0;
  certs::TreeHead head;
};

absl::StatusOr<Target> TargetOf(const Mirror& mirror, const ForwardOptions& options) {
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(mirror.note()));
  for (const certs::NoteVerifier& key : options.log_keys) {
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, key));
  }
  Target target;
  target.head = checkpoint.head;
  ASSIGN_OR_RETURN(const certs::LogEpoch epoch,
                   certs::EpochOf(checkpoint.head.origin, options.log_name));
  target.epoch = epoch.value();
  return target;
}

certs::LogPosition PositionOf(const Target& target) {
  return {certs::LogEpoch(target.epoch), certs::LogSize(target.head.size)};
}

absl::StatusOr<certs::LogState> LogStateOf(const Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const storage::v1::Meta meta, MetaOf(snapshot));
  ASSIGN_OR_RETURN(std::vector<certs::Digest> frontier,
                   Frontier(meta.log_size(), StoredNodes(&snapshot, meta.log_epoch())));
  certs::LogState state;
  state.epoch = certs::LogEpoch(meta.log_epoch());
  ASSIGN_OR_RETURN(state.leaves, certs::CompactRange::From(meta.log_size(), std::move(frontier)));
  state.map_root = MapRootOf(meta);
  return state;
}

// A voiding is told apart by the leaf behind it, so it never ends a chunk when more follows.
absl::Status KeepTogether(Items& items) {
  ASSIGN_OR_RETURN(const Leaf last, certs::ParseLeaf(items.back().leaf));
  if (last.kind == LeafKind::kVoided && items.size() > 1) items.pop_back();
  return absl::OkStatus();
}

// How many leaves of `epoch` count: for those that have ended, what the next RECOVERY kept.
absl::StatusOr<uint64_t> EndOf(Mirror& mirror, uint64_t epoch, const Target& target) {
  if (epoch == target.epoch) return target.head.size;
  ASSIGN_OR_RETURN(const Items first, mirror.Read(epoch + 1, 0, 1));
  if (first.empty()) return Forked("a mirror lacks the begin of an epoch");
  ASSIGN_OR_RETURN(const Leaf leaf, certs::ParseLeaf(first[0].leaf));
  ASSIGN_OR_RETURN(const certs::Recovery recovery, certs::ParseRecovery(leaf.detail));
  return recovery.kept_size;
}

using Visit = std::function<absl::Status(uint64_t epoch, Items items)>;

absl::Status EachChunkOf(Mirror& mirror, uint64_t epoch, uint64_t first, uint64_t end,
                         const Visit& visit) {
  while (first < end) {
    // The RECOVERY alone: nothing may stand before it in its batch.
    const bool recovery = first == 0 && epoch > 1;
    const size_t count =
        recovery ? 1 : static_cast<size_t>(std::min<uint64_t>(kChunk, end - first));
    ASSIGN_OR_RETURN(Items items, mirror.Read(epoch, first, count));
    if (items.size() != count) {
      return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                          "the mirror holds less than its checkpoint says");
    }
    if (first + count < end) RETURN_IF_ERROR(KeepTogether(items));
    first += items.size();
    RETURN_IF_ERROR(visit(epoch, std::move(items)));
  }
  return absl::OkStatus();
}

// What the mirror has behind `state`, in order.
absl::Status EachChunk(Mirror& mirror, const certs::LogState& state, const Target& target,
                       const Visit& visit) {
  for (uint64_t epoch = state.epoch.value(); epoch <= target.epoch; ++epoch) {
    ASSIGN_OR_RETURN(const uint64_t end, EndOf(mirror, epoch, target));
    const uint64_t first = epoch == state.epoch.value() ? state.leaves.size() : 0;
    RETURN_IF_ERROR(EachChunkOf(mirror, epoch, first, end, visit));
  }
  return absl::OkStatus();
}

// The mirror's leaves up to our size are ours.
absl::Status CheckSameLog(Mirror& mirror, const certs::LogState& state) {
  certs::CompactRange range;
  while (range.size() < state.leaves.size()) {
    const size_t count =
        static_cast<size_t>(std::min<uint64_t>(kChunk, state.leaves.size() - range.size()));
    ASSIGN_OR_RETURN(const Items items, mirror.Read(state.epoch.value(), range.size(), count));
    if (items.empty()) return Forked("the mirror is of another log");
    for (const RecoverLeaves::Item& item : items) range.Append(certs::LeafHash(item.leaf));
  }
  if (range.Root() == state.leaves.Root()) return absl::OkStatus();
  return Forked("the mirror is of another log");
}

// What a mirror would bring, checked to its end before anything is changed.
struct Plan {
  Target target;
  std::set<std::string> labels;  // of certificates issued in it
  uint64_t leaves = 0, issued = 0, voided = 0;
};

absl::Status Count(const RecoverLeaves::Item& item, Plan& plan) {
  ASSIGN_OR_RETURN(const Leaf leaf, certs::ParseLeaf(item.leaf));
  ++plan.leaves;
  if (leaf.kind == LeafKind::kVoided) ++plan.voided;
  if (leaf.kind != LeafKind::kIssued) return absl::OkStatus();
  ++plan.issued;
  for (const std::string& change : item.changes) {
    ASSIGN_OR_RETURN(const certs::MapChange parsed, certs::ParseMapChange(change));
    plan.labels.insert(certs::Bytes(parsed.before.label));
  }
  return absl::OkStatus();
}

// Nothing: the mirror is not ahead of the store.
absl::StatusOr<std::optional<Plan>> PlanFor(Mirror& mirror, const certs::LogState& state,
                                            const ForwardOptions& options) {
  Plan plan;
  ASSIGN_OR_RETURN(plan.target, TargetOf(mirror, options));
  if (PositionOf(plan.target) <= state.position()) return std::optional<Plan>();
  RETURN_IF_ERROR(CheckSameLog(mirror, state));
  certs::LogFollower follower(state);
  RETURN_IF_ERROR(EachChunk(mirror, state, plan.target, [&](uint64_t number, Items items) {
    const certs::LogEpoch epoch(number);
    for (const RecoverLeaves::Item& item : items) {
      RETURN_IF_ERROR(epoch > follower.state().epoch ? follower.StartEpoch(epoch, item.leaf)
                                                     : follower.Follow(item.leaf, item.changes));
      RETURN_IF_ERROR(Count(item, plan));
    }
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(follower.CheckHead(plan.target.head));
  return std::optional<Plan>(std::move(plan));
}

// Newborns of the store by their labels, those that are asked for. Reads all newborns once.
absl::StatusOr<std::map<std::string, NewbornId>> NewbornsOf(const Snapshot& snapshot,
                                                            const std::set<std::string>& labels) {
  std::map<std::string, NewbornId> newborns;
  if (labels.empty()) return newborns;
  RETURN_IF_ERROR(
      snapshot.Scan(Family::kNewborns, "", "", [&](absl::string_view key, absl::string_view value) {
        storage::v1::Newborn newborn;
        const std::optional<NewbornId> id = NewbornId::FromBytes(key);
        if (!id) return true;
        newborn.ParseFromArray(value.data(), static_cast<int>(value.size()));
        for (const std::string& label : newborn.map_labels()) {
          if (labels.count(label) != 0) newborns[label] = *id;
        }
        return true;
      }));
  return newborns;
}

absl::Status NameNewborn(const std::map<std::string, NewbornId>& newborns,
                         RecoverLeaves::Item& item) {
  for (const std::string& change : item.changes) {
    ASSIGN_OR_RETURN(const certs::MapChange parsed, certs::ParseMapChange(change));
    const auto found = newborns.find(certs::Bytes(parsed.before.label));
    if (found != newborns.end()) item.newborn = found->second;
  }
  return absl::OkStatus();
}

class Forward {
 public:
  Forward(Engine* engine, const ForwardOptions& options) : engine_(*engine), options_(options) {}

  absl::StatusOr<ForwardReport> Run() {
    RETURN_IF_ERROR(Link(Source::kStore, 0, "").status());
    if (options_.journal != nullptr && !options_.dry_run) {
      ASSIGN_OR_RETURN(const ChainLink link, ReplayJournal(*options_.journal, &engine_));
      Tell(link);
    }
    RETURN_IF_ERROR(FromMirror());
    RETURN_IF_ERROR(EndEpochIfBehind());
    return std::move(report_);
  }

 private:
  void Tell(const ChainLink& link) {
    report_.last = link;
    if (options_.on_link) options_.on_link(link);
  }
  absl::StatusOr<ChainLink> Link(Source source, uint64_t added, const std::string& detail) {
    ASSIGN_OR_RETURN(ChainLink link, StateOf(engine_, source));
    link.added = added;
    link.detail = detail;
    Tell(link);
    return link;
  }
  absl::StatusOr<std::unique_ptr<Ledger>> OpenLedger() {
    LedgerOptions ledger;
    ledger.index_key = options_.index_key;
    ledger.journal = options_.journal;
    // What it appends is the log as it was signed for.
    ledger.may_log = [] { return true; };
    return Ledger::Open(&engine_, options_.clock, std::move(ledger));
  }

  absl::Status FromMirror() {
    ASSIGN_OR_RETURN(const certs::LogState state, LogStateOf(*engine_.NewSnapshot()));
    Mirror* best = nullptr;
    Plan plan;
    for (Mirror* mirror : options_.mirrors) {
      absl::StatusOr<std::optional<Plan>> found = PlanFor(*mirror, state, options_);
      if (!found.ok() && options_.on_refused) options_.on_refused(mirror->name(), found.status());
      if (!found.ok() || !*found) continue;
      const Target& target = (*found)->target;
      if (best != nullptr && PositionOf(target) <= PositionOf(plan.target)) {
        continue;
      }
      best = mirror;
      plan = **std::move(found);
    }
    if (best == nullptr) return absl::OkStatus();
    report_.issued = plan.issued;
    report_.voided = plan.voided;
    if (options_.dry_run) return PretendAt(*best, plan);
    RETURN_IF_ERROR(Submit(*best, state, plan));
    ASSIGN_OR_RETURN(const ChainLink link, Link(Source::kMirror, plan.leaves, best->name()));
    if (link.meta.log_root() == certs::Bytes(plan.target.head.root) &&
        link.meta.log_size() == plan.target.head.size &&
        MapRootOf(link.meta) == plan.target.head.map_root) {
      return absl::OkStatus();
    }
    return certs::Error(absl::StatusCode::kInternal, "RECOVERY_ROOT",
                        "the recovered leaves do not lead to the mirror's checkpoint");
  }

  // What the store would be at after this mirror; nothing is changed.
  absl::Status PretendAt(const Mirror& mirror, const Plan& plan) {
    ChainLink link = report_.last;
    link.source = Source::kMirror;
    link.detail = mirror.name();
    link.added = plan.leaves;
    link.meta.set_log_epoch(plan.target.epoch);
    link.meta.set_log_size(plan.target.head.size);
    link.meta.set_log_root(certs::Bytes(plan.target.head.root));
    link.meta.set_map_root(certs::Bytes(plan.target.head.map_root));
    Tell(link);
    return absl::OkStatus();
  }

  absl::Status Submit(Mirror& mirror, const certs::LogState& state, const Plan& plan) {
    ASSIGN_OR_RETURN(const auto newborns, NewbornsOf(*engine_.NewSnapshot(), plan.labels));
    ASSIGN_OR_RETURN(const std::unique_ptr<Ledger> ledger, OpenLedger());
    return EachChunk(mirror, state, plan.target, [&](uint64_t, Items items) {
      for (RecoverLeaves::Item& item : items) RETURN_IF_ERROR(NameNewborn(newborns, item));
      return ledger->Call(RecoverLeaves{std::move(items)}).status();
    });
  }

  absl::Status EndEpochIfBehind() {
    if (!options_.high_water || options_.high_water->size == 0) return absl::OkStatus();
    const certs::TreeHead& mark = *options_.high_water;
    ASSIGN_OR_RETURN(const certs::LogEpoch marked, certs::EpochOf(mark.origin, options_.log_name));
    const uint64_t epoch = marked.value();
    const storage::v1::Meta& meta = report_.last.meta;
    if (epoch < meta.log_epoch()) return absl::OkStatus();
    if (epoch > meta.log_epoch()) {
      return certs::Error(absl::StatusCode::kFailedPrecondition, "LATER_EPOCH_LOST",
                          "a later log epoch was signed for, and no mirror leads to it: give the "
                          "mirror of a witness that knows it");
    }
    if (mark.size > meta.log_size()) return EndEpoch(mark);
    return options_.dry_run ? absl::OkStatus() : CheckMark(mark);
  }

  absl::Status CheckMark(const certs::TreeHead& mark) {
    const std::unique_ptr<Snapshot> snapshot = engine_.NewSnapshot();
    ASSIGN_OR_RETURN(const certs::Digest root,
                     RootAt(mark.size, StoredNodes(snapshot.get(), report_.last.meta.log_epoch())));
    if (root == mark.root) return absl::OkStatus();
    return Forked("the store has other leaves than were signed for: keep it, and ask who wrote it");
  }

  absl::Status EndEpoch(const certs::TreeHead& mark) {
    report_.lost_from = report_.last.meta.log_size();
    report_.lost_to = mark.size;
    if (options_.dry_run) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::unique_ptr<Ledger> ledger, OpenLedger());
    RETURN_IF_ERROR(ledger->Call(OpenEpoch{certs::LogSize(mark.size), mark.root}).status());
    return Link(Source::kNewEpoch, 1, "").status();
  }

  Engine& engine_;
  const ForwardOptions& options_;
  ForwardReport report_;
};

}  // namespace

absl::StatusOr<ForwardReport> BringForward(Engine* engine, const ForwardOptions& options) {
  return Forward(engine, options).Run();
}

}  // namespace birthseal::store
