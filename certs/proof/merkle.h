// SPDX-License-Identifier: Apache-2.0
// Merkle tree of RFC 9162 §2.1 shape with SM3: hashing and checking, no storage.
//
// Leaf hash = SM3(00 || leaf), node hash = SM3(01 || left || right). Thread-safe: pure.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

Digest LeafHash(absl::string_view leaf);
Digest NodeHash(const Digest& left, const Digest& right);
// SM3 of the empty string.
Digest EmptyRoot();

// RFC 9162 §2.1.3.2. Errors: kInvalidArgument index not below size or path of wrong length;
// kDataLoss the path leads to another root.
absl::Status CheckInclusion(const Digest& leaf_hash, uint64_t index, uint64_t size,
                            const std::vector<Digest>& path, const Digest& root);
// RFC 9162 §2.1.4.2.
absl::Status CheckConsistency(uint64_t old_size, const Digest& old_root, uint64_t new_size,
                              const Digest& new_root, const std::vector<Digest>& path);

// A log as who only appends sees it: its size and the hashes of the complete subtrees that cover
// it, largest first (RFC 9162 calls it the right edge; also "compact range"). log2(size) hashes.
class CompactRange {
 public:
  CompactRange() = default;
  // Errors: kInvalidArgument not one hash for each bit set in `size`.
  static absl::StatusOr<CompactRange> From(uint64_t size, std::vector<Digest> hashes);
  void Append(const Digest& leaf_hash);
  Digest Root() const;
  uint64_t size() const { return size_; }
  const std::vector<Digest>& hashes() const { return hashes_; }

 private:
  uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

// The root of leaves given in order, computed naively: oracle of tests, manifests of few leaves.
Digest RootOf(const std::vector<Digest>& leaf_hashes);

}  // namespace birthseal::certs
