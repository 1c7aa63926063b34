// SPDX-License-Identifier: Apache-2.0
// The log as stored: complete subtrees only (kNodes), from which every root, inclusion path and
// consistency path of RFC 9162 follows, at any size up to the newest.
//
// Node (level, index) covers leaves [index << level, (index + 1) << level); level 0 holds leaf
// hashes. Hashing is certs/proof/merkle.h. Thread-safe: functions are pure over the reader; an
// appender belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "store/engine.h"

namespace birthseal::store {

// Gives the hash of a complete subtree.
using NodeReader = std::function<absl::StatusOr<certs::Digest>(int level, uint64_t index)>;

// Key in kNodes of a node of one log epoch (keys.h, PlaceOf): epochs lie side by side in one
// space of nodes.
std::string EpochNodeKey(uint64_t epoch, int level, uint64_t index);
// Reads kNodes of one log epoch. The snapshot must outlive the reader. Errors: kDataLoss a node is
// absent or has not 32 bytes.
NodeReader StoredNodes(const Snapshot* snapshot, uint64_t epoch = 1);

// The complete subtrees that cover [0, size), largest first: what an appender starts from.
absl::StatusOr<std::vector<certs::Digest>> Frontier(uint64_t size, const NodeReader& nodes);
absl::StatusOr<certs::Digest> RootAt(uint64_t size, const NodeReader& nodes);
// RFC 9162 §2.1.3.1, lowest first. Errors: kOutOfRange index not below size.
absl::StatusOr<std::vector<certs::Digest>> InclusionPath(uint64_t index, uint64_t size,
                                                         const NodeReader& nodes);
// RFC 9162 §2.1.4.1; empty when sizes are equal or `old_size` is 0. Errors: kOutOfRange old size
// above the new one.
absl::StatusOr<std::vector<certs::Digest>> ConsistencyPath(uint64_t old_size, uint64_t new_size,
                                                           const NodeReader& nodes);

// Appends the leaves of one batch, given the frontier of the log before it. Reads nothing.
class LogAppender {
 public:
  // `frontier` is that of `size`: one hash for each bit set.
  LogAppender(uint64_t size, std::vector<certs::Digest> frontier, uint64_t epoch = 1);

  // Gives the index of the leaf.
  uint64_t Append(absl::string_view leaf);
  // Puts the leaves (kLeaves) and the subtrees completed since construction (kNodes).
  void PutInto(WriteBatch* batch) const;

  uint64_t epoch() const { return epoch_; }
  uint64_t size() const { return size_; }
  certs::Digest Root() const;
  // Path of a leaf appended here, in the tree of size(). Requires: first_index() <= index < size().
  std::vector<certs::Digest> Path(uint64_t index) const;
  uint64_t first_index() const { return first_index_; }
  // The frontier of size(), for the appender of the next batch.
  std::vector<certs::Digest> FrontierAfter() const;

 private:
  certs::Digest Subtree(uint64_t first, uint64_t end) const;

  using Position = std::pair<int, uint64_t>;  // level, index
  uint64_t epoch_, first_index_, size_;
  std::map<Position, certs::Digest> nodes_;  // old frontier and new nodes
  std::vector<Position> made_;               // new nodes, in order
  std::vector<std::string> leaves_;
  mutable std::map<uint64_t, certs::Digest> edge_;  // subtrees that end at size(), by first leaf
};

}  // namespace birthseal::store
