// The log, the audit trail and the outbox: what is only ever appended.
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "store/fsck_parts.h"

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
  explicit Tree(Checker& check) : check_(check) {}

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
        check_.Bad(Family::kNodes, NodeKey(static_cast<uint8_t>(level), index), "NODE_ALTERED");
      } else if (level == 0) {
        check_.Bad(Family::kLeaves, IndexKey(index), "LEAF_ALTERED");
        leaf_named = true;
      }
    }
    if (!leaves_are_right && !leaf_named) check_.Bad(Family::kMeta, MetaKey(), "ROOT_DIFFERS");
  }

  uint64_t size() const { return size_; }

 private:
  void Compare(int level, uint64_t index, const Digest& digest) {
    const std::string key = NodeKey(static_cast<uint8_t>(level), index);
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
  uint64_t size_ = 0;
  std::vector<Digest> frontier_;
  std::vector<std::pair<int, uint64_t>> differ_;
};

// What each leaf says must be what the heads say.
class Story {
 public:
  explicit Story(Checker& check) : check_(check) {}

  void Add(uint64_t index, const Place& place, const Leaf& leaf) {
    switch (leaf.kind) {
      case LeafKind::kIntent:
        return Intent(index, leaf);
      case LeafKind::kIssued:
        ++issued_;
        return Issued(index, place, leaf);
      case LeafKind::kVoided:
        ++voided_;
        return Voided(index, place, leaf);
      case LeafKind::kCancelled:
        if (waiting_.erase(leaf.intent_index - 1) == 0) check_.Bad(place, "NO_INTENT_TO_CANCEL");
        return;
      default:
        return;
    }
  }

  void Finish() {
    for (const auto& [index, status_index] : waiting_) {
      const Place intent{Family::kLeaves, IndexKey(index)};
      check_.Bad(Family::kCertificates, IndexKey(status_index), "MISSING", &intent);
    }
    const storage::v1::Meta& meta = check_.meta;
    if (issued_ != meta.certificates_issued() || voided_ != meta.certificates_voided()) {
      check_.Bad(Family::kMeta, MetaKey(), "COUNT_OF_CERTIFICATES");
    }
  }

 private:
  // Not issued and not open: then it must be cancelled further on.
  void Intent(uint64_t index, const Leaf& leaf) {
    const auto open = check_.open.find(leaf.status_index);
    if (open != check_.open.end() && open->second.intent_index() == index) return;
    if (check_.Get(Family::kCertificates, IndexKey(leaf.status_index))) return;
    waiting_.emplace(index, leaf.status_index);
  }
  void Issued(uint64_t index, const Place& place, const Leaf& leaf) {
    const std::string key = IndexKey(leaf.status_index);
    const auto head = check_.Needed<CertificateHead>(Family::kCertificates, key, place);
    if (head && head->issued_leaf() != index) {
      check_.Bad(Family::kCertificates, key, "HEAD_NOT_AS_LOGGED", &place);
    }
  }
  void Voided(uint64_t index, const Place& place, const Leaf& leaf) {
    const std::string key = IndexKey(leaf.status_index);
    const auto head = check_.Needed<CertificateHead>(Family::kCertificates, key, place);
    if (head && head->voided_leaf() != index + 1) {
      check_.Bad(Family::kCertificates, key, "ENDED_BUT_NOT_SO_IN_HEAD", &place);
    }
  }

  Checker& check_;
  std::map<uint64_t, uint64_t> waiting_;  // INTENT that must be cancelled -> status index
  uint64_t issued_ = 0, voided_ = 0;
};

// Names every absent sequence between two stored ones, and keys that are no sequence.
class Sequence {
 public:
  Sequence(Checker& check, Family family) : check_(check), family_(family) {}
  // False: the key is no sequence.
  bool Add(const Place& place, uint64_t end, bool* gap) {
    uint64_t index = 0;
    *gap = false;
    if (!ParseBigEndian64(place.key, &index) || index >= end) {
      check_.Bad(place, "BEYOND_THE_END");
      return false;
    }
    *gap = index != next_;
    MissingUpTo(index);
    next_ = index + 1;
    return true;
  }
  void MissingUpTo(uint64_t end) {
    const uint64_t most = next_ + check_.options.max_findings;
    for (; next_ < end && next_ < most; ++next_) check_.Need(family_, IndexKey(next_));
    next_ = std::max(next_, end);
  }
  uint64_t last() const { return next_ - 1; }

 private:
  Checker& check_;
  Family family_;
  uint64_t next_ = 0;
};

void CheckExtraNodes(Checker& check) {
  const uint64_t size = check.meta.log_size();
  check.Each(Family::kNodes, [&](const Place& place, absl::string_view) {
    uint64_t index = 0;
    const bool shaped =
        place.key.size() == 9 && ParseBigEndian64(absl::string_view(place.key).substr(1), &index);
    const auto level = shaped ? static_cast<unsigned char>(place.key[0]) : 64;
    // Complete subtrees only: the tree has size >> level of them.
    if (level > 63 || index >= size >> level) check.Bad(place, "BEYOND_THE_END");
  });
}

}  // namespace

void CheckLog(Checker& check) {
  Tree tree(check);
  Story story(check);
  Sequence sequence(check, Family::kLeaves);
  bool whole = true;
  check.Each(Family::kLeaves, [&](const Place& place, absl::string_view value) {
    bool gap = false;
    if (!sequence.Add(place, check.meta.log_size(), &gap)) return;
    whole = whole && !gap;
    if (whole) tree.Add(certs::LeafHash(value));
    const absl::StatusOr<Leaf> leaf = certs::ParseLeaf(value);
    if (!leaf.ok()) return check.Bad(place, "LEAF_ALTERED");
    story.Add(sequence.last(), place, *leaf);
  });
  sequence.MissingUpTo(check.meta.log_size());
  // A missing leaf is named already; no root can be right without it.
  if (whole && tree.size() == check.meta.log_size()) tree.Finish(check.meta.log_root());
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
    bool gap = false;
    if (!sequence.Add(place, check.meta.next_audit(), &gap)) return;
    storage::v1::AuditEntry entry;
    if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      check.Bad(place, "RECORD_UNREADABLE");
    } else if (!gap) {
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
        bool gap = false;
        if (!sequence.Add(place, check.meta.next_outbox(), &gap)) return;
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
