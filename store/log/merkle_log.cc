// SPDX-License-Identifier: Apache-2.0
#include "store/log/merkle_log.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

using certs::Digest;

// RFC 9162 §2.1.1: "k be the largest power of two smaller than n". Requires n > 1.
uint64_t Split(uint64_t n) {
  uint64_t k = 1;
  while (k << 1 < n && k << 1 != 0) k <<= 1;
  return k;
}

bool PowerOfTwo(uint64_t n) { return (n & (n - 1)) == 0; }

int Log2(uint64_t power) {
  int level = 0;
  while (power >>= 1) ++level;
  return level;
}

// MTH(D[first:end]); `first` is aligned to the subtree as RFC 9162 splits it. Requires first < end.
absl::StatusOr<Digest> SubtreeHash(uint64_t first, uint64_t end, const NodeReader& nodes) {
  const uint64_t n = end - first;
  if (PowerOfTwo(n)) return nodes(Log2(n), first / n);
  const uint64_t k = Split(n);
  ASSIGN_OR_RETURN(const Digest left, SubtreeHash(first, first + k, nodes));
  ASSIGN_OR_RETURN(const Digest right, SubtreeHash(first + k, end, nodes));
  return certs::NodeHash(left, right);
}

// Calls visit(level, index) for the complete subtrees that cover [0, size), largest first.
template <typename Visit>
absl::Status ForFrontier(uint64_t size, const Visit& visit) {
  for (int level = 63; level >= 0; --level) {
    if ((size >> level & 1) != 0) RETURN_IF_ERROR(visit(level, (size >> level) - 1));
  }
  return absl::OkStatus();
}

}  // namespace

std::string EpochNodeKey(uint64_t epoch, int level, uint64_t index) {
  return NodeKey(static_cast<uint8_t>(level),
                 (PlaceOf(certs::LogEpoch(epoch), certs::LeafIndex(0)) >> level) + index);
}

NodeReader StoredNodes(const Snapshot* snapshot, uint64_t epoch) {
  return [snapshot, epoch](int level, uint64_t index) -> absl::StatusOr<Digest> {
    const absl::StatusOr<std::string> value =
        snapshot->Get(Family::kNodes, EpochNodeKey(epoch, level, index));
    if (!value.ok() && value.status().code() != absl::StatusCode::kNotFound) return value.status();
    const std::optional<Digest> digest = value.ok() ? certs::DigestFrom(*value) : std::nullopt;
    if (!digest) {
      return certs::Error(absl::StatusCode::kDataLoss, "LOG_NODE_DAMAGED",
                          absl::StrCat("log node ", level, "/", index, " is absent or damaged"));
    }
    return *digest;
  };
}

absl::StatusOr<std::vector<Digest>> Frontier(uint64_t size, const NodeReader& nodes) {
  std::vector<Digest> frontier;
  RETURN_IF_ERROR(ForFrontier(size, [&](int level, uint64_t index) -> absl::Status {
    ASSIGN_OR_RETURN(const Digest node, nodes(level, index));
    frontier.push_back(node);
    return absl::OkStatus();
  }));
  return frontier;
}

absl::StatusOr<Digest> RootAt(uint64_t size, const NodeReader& nodes) {
  if (size == 0) return certs::EmptyRoot();
  return SubtreeHash(0, size, nodes);
}

absl::StatusOr<std::vector<Digest>> InclusionPath(uint64_t index, uint64_t size,
                                                  const NodeReader& nodes) {
  if (index >= size) {
    return certs::Error(absl::StatusCode::kOutOfRange, "LEAF_BEYOND_TREE",
                        "no such leaf in a tree of this size");
  }
  std::vector<Digest> path;
  uint64_t first = 0, end = size;
  while (end - first > 1) {  // from the root down; the path is asked for from the leaf up
    const uint64_t middle = first + Split(end - first);
    const bool left = index < middle;
    ASSIGN_OR_RETURN(const Digest sibling,
                     left ? SubtreeHash(middle, end, nodes) : SubtreeHash(first, middle, nodes));
    path.insert(path.begin(), sibling);
    (left ? end : first) = middle;
  }
  return path;
}

absl::StatusOr<std::vector<Digest>> ConsistencyPath(uint64_t old_size, uint64_t new_size,
                                                    const NodeReader& nodes) {
  if (old_size > new_size) {
    return certs::Error(absl::StatusCode::kOutOfRange, "TREE_SIZES", "the old tree is the larger");
  }
  std::vector<Digest> path;
  if (old_size == 0 || old_size == new_size) return path;
  // RFC 9162 §2.1.4.1, SUBPROOF unrolled; `whole` is its flag b.
  uint64_t first = 0, end = new_size;
  bool whole = true;
  while (old_size != end) {
    const uint64_t middle = first + Split(end - first);
    const bool left = old_size <= middle;
    ASSIGN_OR_RETURN(const Digest other,
                     left ? SubtreeHash(middle, end, nodes) : SubtreeHash(first, middle, nodes));
    path.insert(path.begin(), other);
    (left ? end : first) = middle;
    if (!left) whole = false;
  }
  if (!whole) {
    ASSIGN_OR_RETURN(const Digest rest, SubtreeHash(first, end, nodes));
    path.insert(path.begin(), rest);
  }
  return path;
}

LogAppender::LogAppender(uint64_t size, std::vector<Digest> frontier, uint64_t epoch)
    : epoch_(epoch), first_index_(size), size_(size) {
  size_t next = 0;
  (void)ForFrontier(size, [&](int level, uint64_t index) {
    nodes_[{level, index}] = frontier.at(next++);
    return absl::OkStatus();
  });
}

uint64_t LogAppender::Append(absl::string_view leaf) {
  edge_.clear();
  leaves_.emplace_back(leaf);
  uint64_t index = size_++;
  Digest hash = certs::LeafHash(leaf);
  int level = 0;
  for (;; ++level, index >>= 1) {
    made_.push_back({level, index});
    nodes_[{level, index}] = hash;
    if ((index & 1) == 0) break;  // a left child waits for its sibling
    hash = certs::NodeHash(nodes_.at({level, index - 1}), hash);
  }
  return size_ - 1;
}

void LogAppender::PutInto(WriteBatch* batch) const {
  for (size_t i = 0; i < leaves_.size(); ++i) {
    batch->Put(Family::kLeaves,
               IndexKey(PlaceOf(certs::LogEpoch(epoch_), certs::LeafIndex(first_index_ + i))),
               leaves_[i]);
  }
  for (const Position& position : made_) {
    batch->Put(Family::kNodes, EpochNodeKey(epoch_, position.first, position.second),
               certs::Bytes(nodes_.at(position)));
  }
}

Digest LogAppender::Subtree(uint64_t first, uint64_t end) const {
  const uint64_t n = end - first;
  if (PowerOfTwo(n)) return nodes_.at({Log2(n), first / n});
  // Only the right edge is incomplete; its few subtrees are hashed once for all paths.
  const auto known = edge_.find(first);
  if (known != edge_.end()) return known->second;
  const uint64_t middle = first + Split(n);
  return edge_[first] = certs::NodeHash(Subtree(first, middle), Subtree(middle, end));
}

Digest LogAppender::Root() const { return size_ == 0 ? certs::EmptyRoot() : Subtree(0, size_); }

std::vector<Digest> LogAppender::Path(uint64_t index) const {
  std::vector<Digest> path;
  uint64_t first = 0, end = size_;
  while (end - first > 1) {
    const uint64_t middle = first + Split(end - first);
    const bool left = index < middle;
    path.push_back(left ? Subtree(middle, end) : Subtree(first, middle));
    (left ? end : first) = middle;
  }
  return {path.rbegin(), path.rend()};
}

std::vector<Digest> LogAppender::FrontierAfter() const {
  std::vector<Digest> frontier;
  (void)ForFrontier(size_, [&](int level, uint64_t index) {
    frontier.push_back(nodes_.at({level, index}));
    return absl::OkStatus();
  });
  return frontier;
}

}  // namespace birthseal::store
