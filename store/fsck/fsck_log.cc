// SPDX-License-Identifier: Apache-2.0
// The log, the audit trail and the outbox: what is only ever appended.
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "store/fsck/fsck_parts.h"
#include "store/log/merkle_log.h"
#include "store/meta.h"

namespace birthseal::store::fsck {
namespace {

using certs::Digest;
using certs::Leaf;
using certs::LeafKind;
using storage::v1::CertificateHead;

// Hashes the leaves and compares every node on the way. Which of the two is wrong when they differ
// is known at the end: a right root clears the leaves.
class Tree {
 public:
  Tree(Checker& check, uint64_t epoch) : check_(check), epoch_(epoch) {}

  void Add(const Digest& leaf_hash) {
    Compare(0, size_, leaf_hash);
    frontier_.push_back(leaf_hash);
    uint64_t index = size_++;
    for (int level = 1; (index & 1) != 0; ++level) {
      index >>= 1;
      const Digest right = frontier_.back();
      frontier_.pop_back();
      frontier_.back() = certs::NodeHash(frontier_.back(), right);
      Compare(level, index, frontier_.back());
    }
  }

  void Finish(const std::string& root) {
    const bool leaves_are_right = certs::Bytes(Root()) == root;
    bool leaf_named = false;
    for (const auto& [level, index] : differ_) {
      if (leaves_are_right) {
        check_.Bad(Family::kNodes, EpochNodeKey(epoch_, level, index), "NODE_ALTERED");
      } else if (level == 0) {
        check_.Bad(Family::kLeaves,
                   IndexKey(PlaceOf(certs::LogEpoch(epoch_), certs::LeafIndex(index))),
                   "LEAF_ALTERED");
        leaf_named = true;
      }
    }
    if (!leaves_are_right && !leaf_named) check_.Bad(Family::kMeta, MetaKey(), "ROOT_DIFFERS");
  }

  uint64_t size() const { return size_; }

 private:
  void Compare(int level, uint64_t index, const Digest& digest) {
    const std::string key = EpochNodeKey(epoch_, level, index);
    const std::optional<std::string> stored = check_.Get(Family::kNodes, key);
    if (!stored) return void(check_.Need(Family::kNodes, key));
    if (*stored == certs::Bytes(digest)) return;
    if (differ_.size() < check_.options.max_findings) differ_.emplace_back(level, index);
  }
  Digest Root() const {
    if (frontier_.empty()) return certs::EmptyRoot();
    Digest root = frontier_.back();
    for (size_t i = frontier_.size() - 1; i-- > 0;) root = certs::NodeHash(frontier_[i], root);
    return root;
  }

  Checker& check_;
  uint64_t epoch_, size_ = 0;
  std::vector<Digest> frontier_;
  std::vector<std::pair<int, uint64_t>> differ_;
};

// What each leaf says must be what the heads say.
class Story {
 public:
  explicit Story(Checker& check) : check_(check) {}

  void Add(uint64_t position, const Place& place, const Leaf& leaf) {
    switch (leaf.kind) {
      case LeafKind::kIntent:
        return Intent(position, leaf);
      case LeafKind::kIssued:
        ++issued_;
        NeedChange(position, place);
        return Issued(position, place, leaf);
      case LeafKind::kVoided:
        ++voided_;
        NeedChange(position, place);
        return Voided(position, place, leaf);
      case LeafKind::kClaimAdded:
        return NeedChange(position, place);
      case LeafKind::kCancelled:
        return Cancelled(position, place, leaf);
      default:
        return;
    }
  }

  void Finish() {
    for (const auto& [status_index, position] : waiting_) {
      // How one ended that was open when its log epoch ended may be lost with what was lost.
      if (EpochAt(position).value() != check_.meta.log_epoch()) continue;
      const Place intent{Family::kLeaves, IndexKey(position)};
      check_.Bad(Family::kCertificates, IndexKey(status_index), "MISSING", &intent);
    }
    const storage::v1::Meta& meta = check_.meta;
    if (issued_ != meta.certificates_issued() || voided_ != meta.certificates_voided()) {
      check_.Bad(Family::kMeta, MetaKey(), "COUNT_OF_CERTIFICATES");
    }
  }

 private:
  // Not issued and not open: then it must be cancelled further on.
  void Intent(uint64_t position, const Leaf& leaf) {
    const auto open = check_.open.find(leaf.status_index);
    if (open != check_.open.end() && IntentKeyOf(open->second).value() == position) return;
    if (check_.Get(Family::kCertificates, IndexKey(leaf.status_index))) return;
    waiting_.emplace(leaf.status_index, position);
  }
  // Its INTENT, by the index in the same epoch; of an older epoch the status index alone says it.
  void Cancelled(uint64_t position, const Place& place, const Leaf& leaf) {
    const auto intent = waiting_.find(leaf.status_index);
    const uint64_t expected = PlaceOf(EpochAt(position), certs::LeafIndex(leaf.intent_index - 1));
    if (intent == waiting_.end() || (leaf.intent_index != 0 && intent->second != expected)) {
      return check_.Bad(place, "NO_INTENT_TO_CANCEL");
    }
    waiting_.erase(intent);
  }
  void NeedChange(uint64_t position, const Place& place) {
    check_.Need(Family::kMapChanges, MapChangeKey(position, 0), place);
  }
  void Issued(uint64_t position, const Place& place, const Leaf& leaf) {
    const std::string key = IndexKey(leaf.status_index);
    const auto head = check_.Needed<CertificateHead>(Family::kCertificates, key, place);
    if (head && head->issued_leaf() != position) {
      check_.Bad(Family::kCertificates, key, "HEAD_NOT_AS_LOGGED", &place);
    }
  }
  void Voided(uint64_t position, const Place& place, const Leaf& leaf) {
    const std::string key = IndexKey(leaf.status_index);
    const auto head = check_.Needed<CertificateHead>(Family::kCertificates, key, place);
    if (head && head->voided_leaf() != position + 1) {
      check_.Bad(Family::kCertificates, key, "ENDED_BUT_NOT_SO_IN_HEAD", &place);
    }
  }

  Checker& check_;
  std::map<uint64_t, uint64_t> waiting_;  // status index -> INTENT that must be cancelled
  uint64_t issued_ = 0, voided_ = 0;
};

// Names every absent sequence between two stored ones, and keys that are no sequence.
class Sequence {
 public:
  // Keys are those of `first` on.
  Sequence(Checker& check, Family family, uint64_t first = 0)
      : check_(check), family_(family), first_(first) {}
  enum class Step { kNext, kBehindAGap, kNone };
  // kNone: the key is no sequence.
  Step Add(const Place& place, uint64_t end) {
    const std::optional<uint64_t> key = ParseBigEndian64(place.key);
    const uint64_t index = key.value_or(0) - first_;
    if (!key || index >= end) {
      check_.Bad(place, "BEYOND_THE_END");
      return Step::kNone;
    }
    const Step step = index == next_ ? Step::kNext : Step::kBehindAGap;
    MissingUpTo(index);
    next_ = index + 1;
    return step;
  }
  void MissingUpTo(uint64_t end) {
    const uint64_t most = next_ + check_.options.max_findings;
    for (; next_ < end && next_ < most; ++next_) check_.Need(family_, IndexKey(first_ + next_));
    next_ = std::max(next_, end);
  }
  uint64_t last() const { return next_ - 1; }

 private:
  Checker& check_;
  Family family_;
  uint64_t first_;
  uint64_t next_ = 0;
};

void CheckExtraNodes(Checker& check) {
  std::map<uint64_t, uint64_t> sizes;  // by epoch
  for (const storage::v1::LogEpoch& epoch : EpochsOf(check.meta)) {
    sizes[epoch.epoch()] = epoch.size();
  }
  check.Each(Family::kNodes, [&](const Place& place, absl::string_view) {
    // A level (1), a place (8).
    const std::optional<uint64_t> index =
        place.key.empty() ? std::nullopt : ParseBigEndian64(absl::string_view(place.key).substr(1));
    const auto level = index ? static_cast<unsigned char>(place.key[0]) : 64;
    if (level > kPlaceBits) return check.Bad(place, "BEYOND_THE_END");
    const uint64_t in_epoch = uint64_t{1} << (kPlaceBits - level);  // nodes of this level
    const auto size = sizes.find(*index / in_epoch + 1);
    // Complete subtrees only: the tree has size >> level of them.
    if (size == sizes.end() || *index % in_epoch >= size->second >> level) {
      check.Bad(place, "BEYOND_THE_END");
    }
  });
}

// One epoch's part of the leaves, which come in order.
struct Epoch {
  Epoch(Checker& check, storage::v1::LogEpoch of)
      : of(std::move(of)),
        tree(check, this->of.epoch()),
        sequence(check, Family::kLeaves,
                 PlaceOf(certs::LogEpoch(this->of.epoch()), certs::LeafIndex(0))) {}
  void Finish() {
    sequence.MissingUpTo(of.size());
    // A missing leaf is named already; no root can be right without it.
    if (whole && tree.size() == of.size()) tree.Finish(of.root());
  }
  storage::v1::LogEpoch of;
  Tree tree;
  Sequence sequence;
  bool whole = true;
};

}  // namespace

std::vector<storage::v1::LogEpoch> EpochsOf(const storage::v1::Meta& meta) {
  std::vector<storage::v1::LogEpoch> epochs(meta.past_epochs().begin(), meta.past_epochs().end());
  storage::v1::LogEpoch& current = epochs.emplace_back();
  current.set_epoch(meta.log_epoch() == 0 ? 1 : meta.log_epoch());
  current.set_size(meta.log_size());
  current.set_root(meta.log_root());
  return epochs;
}

void CheckLog(Checker& check) {
  std::map<uint64_t, Epoch> epochs;
  for (const storage::v1::LogEpoch& epoch : EpochsOf(check.meta)) {
    epochs.emplace(std::piecewise_construct, std::forward_as_tuple(epoch.epoch()),
                   std::forward_as_tuple(check, epoch));
  }
  Story story(check);
  check.Each(Family::kLeaves, [&](const Place& place, absl::string_view value) {
    const std::optional<uint64_t> position = ParseBigEndian64(place.key);
    const auto epoch = position ? epochs.find(EpochAt(*position).value()) : epochs.end();
    if (epoch == epochs.end()) return check.Bad(place, "BEYOND_THE_END");
    Epoch& log = epoch->second;
    const Sequence::Step step = log.sequence.Add(place, log.of.size());
    if (step == Sequence::Step::kNone) return;
    log.whole = log.whole && step == Sequence::Step::kNext;
    if (log.whole) log.tree.Add(certs::LeafHash(value));
    const absl::StatusOr<Leaf> leaf = certs::ParseLeaf(value);
    if (!leaf.ok()) return check.Bad(place, "LEAF_ALTERED");
    story.Add(*position, place, *leaf);
  });
  for (auto& [number, epoch] : epochs) epoch.Finish();
  story.Finish();
  CheckExtraNodes(check);
}

namespace {

// The chain of the audit trail. A broken link blames the entry before it, whose bytes were hashed;
// two broken links in a row blame the one between them.
class Chain {
 public:
  explicit Chain(Checker& check) : check_(check) {}

  // `claimed` is the hash that stands behind the entry added last.
  void Link(absl::string_view claimed, const std::string& key_behind) {
    const bool holds = claimed == sm3_;
    if (suspect_.empty() && !holds) {
      suspect_ = key_.empty() ? key_behind : key_;
      return;
    }
    if (!suspect_.empty()) Blame(holds ? suspect_ : key_);
  }
  void Add(const std::string& key, absl::string_view value) {
    key_ = key;
    sm3_ = certs::Bytes(certs::Sm3Of(value));
  }
  void Finish() {
    if (!suspect_.empty()) Blame(suspect_);
  }

 private:
  void Blame(const std::string& key) {
    check_.Bad(Family::kAudit, key, "CHAIN_BROKEN");
    suspect_.clear();
  }

  Checker& check_;
  std::string key_, sm3_;  // of the entry before; empty at the beginning
  std::string suspect_;    // before a broken link; empty: none
};

}  // namespace

void CheckAudit(Checker& check) {
  Sequence sequence(check, Family::kAudit);
  Chain chain(check);
  check.Each(Family::kAudit, [&](const Place& place, absl::string_view value) {
    const Sequence::Step step = sequence.Add(place, check.meta.next_audit());
    if (step == Sequence::Step::kNone) return;
    storage::v1::AuditEntry entry;
    if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      check.Bad(place, "RECORD_UNREADABLE");
    } else if (step == Sequence::Step::kNext) {
      chain.Link(entry.previous_sm3(), place.key);
    }
    chain.Add(place.key, value);
  });
  const bool whole = sequence.last() + 1 == check.meta.next_audit();
  sequence.MissingUpTo(check.meta.next_audit());
  if (whole) chain.Link(check.meta.audit_head(), MetaKey());
  chain.Finish();
}

void CheckOutbox(Checker& check) {
  Sequence sequence(check, Family::kOutbox);
  check.EachRecord<storage::v1::OutboxEvent>(
      Family::kOutbox, [&](const Place& place, const storage::v1::OutboxEvent& event) {
        if (sequence.Add(place, check.meta.next_outbox()) == Sequence::Step::kNone) return;
        if (event.status_index() >= check.meta.next_status_index()) {
          check.Bad(place, "STATUS_INDEX_UNKNOWN");
        }
        if (!event.newborn_id().empty()) {
          check.Need(Family::kNewborns, event.newborn_id(), place);
        }
      });
  sequence.MissingUpTo(check.meta.next_outbox());
}

}  // namespace birthseal::store::fsck
