// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/merkle.h"

#include "certs/errors.h"

namespace birthseal::certs {
namespace {

absl::Status Malformed(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "PROOF_FORM", what);
}
absl::Status Mismatch(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, "PROOF_MISMATCH", what);
}

}  // namespace

Digest LeafHash(absl::string_view leaf) {
  thread_local Sm3 sm3;
  return sm3.Add(absl::string_view("\0", 1)).Add(leaf).Finish();
}

Digest NodeHash(const Digest& left, const Digest& right) {
  thread_local Sm3 sm3;
  return sm3.Add(absl::string_view("\1", 1)).Add(View(left)).Add(View(right)).Finish();
}

Digest EmptyRoot() { return Sm3Of(""); }

// RFC 9162 §2.1.3.2, "Verifying an Inclusion Proof": fn and sn as there.
absl::Status CheckInclusion(const Digest& leaf_hash, uint64_t index, uint64_t size,
                            const std::vector<Digest>& path, const Digest& root) {
  if (index >= size) return Malformed("leaf index is not below the tree size");
  uint64_t fn = index, sn = size - 1;
  Digest r = leaf_hash;
  for (const Digest& p : path) {
    if (sn == 0) return Malformed("inclusion path is too long");
    if ((fn & 1) != 0 || fn == sn) {
      r = NodeHash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = NodeHash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Malformed("inclusion path is too short");
  if (r != root) return Mismatch("inclusion path leads to another root");
  return absl::OkStatus();
}

// RFC 9162 §2.1.4.2, "Verifying Consistency between Two Tree Heads".
absl::Status CheckConsistency(uint64_t old_size, const Digest& old_root, uint64_t new_size,
                              const Digest& new_root, const std::vector<Digest>& path) {
  if (old_size == 0 || old_size > new_size) return Malformed("tree sizes are not ascending");
  if (old_size == new_size) {
    if (!path.empty()) return Malformed("equal trees need no path");
    return old_root == new_root ? absl::OkStatus() : Mismatch("same size, another root");
  }
  if (path.empty()) return Malformed("consistency path is empty");
  const bool power_of_two = (old_size & (old_size - 1)) == 0;
  size_t next = power_of_two ? 0 : 1;
  uint64_t fn = old_size - 1, sn = new_size - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  Digest fr = power_of_two ? old_root : path[0];
  Digest sr = fr;
  for (; next < path.size(); ++next) {
    const Digest& c = path[next];
    if (sn == 0) return Malformed("consistency path is too long");
    if ((fn & 1) != 0 || fn == sn) {
      fr = NodeHash(c, fr);
      sr = NodeHash(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = NodeHash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Malformed("consistency path is too short");
  if (fr != old_root) return Mismatch("path does not lead to the old root");
  if (sr != new_root) return Mismatch("path does not lead to the new root");
  return absl::OkStatus();
}

namespace {

Digest RootOfRange(const std::vector<Digest>& hashes, size_t begin, size_t end) {
  if (end - begin == 1) return hashes[begin];
  size_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return NodeHash(RootOfRange(hashes, begin, begin + split),
                  RootOfRange(hashes, begin + split, end));
}

}  // namespace

Digest RootOf(const std::vector<Digest>& leaf_hashes) {
  return leaf_hashes.empty() ? EmptyRoot() : RootOfRange(leaf_hashes, 0, leaf_hashes.size());
}

absl::StatusOr<CompactRange> CompactRange::From(uint64_t size, std::vector<Digest> hashes) {
  size_t bits = 0;
  for (uint64_t rest = size; rest != 0; rest &= rest - 1) ++bits;
  if (hashes.size() != bits) {
    return Error(absl::StatusCode::kInvalidArgument, "COMPACT_RANGE_FORM",
                 "a compact range has one hash for each bit of its size");
  }
  CompactRange range;
  range.size_ = size;
  range.hashes_ = std::move(hashes);
  return range;
}

void CompactRange::Append(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  // Each trailing one bit of the size is a complete subtree that the new one completes further.
  for (uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    hash = NodeHash(hashes_.back(), hash);
    hashes_.pop_back();
  }
  hashes_.push_back(hash);
  ++size_;
}

Digest CompactRange::Root() const {
  if (hashes_.empty()) return EmptyRoot();
  Digest root = hashes_.back();
  for (size_t i = hashes_.size() - 1; i-- > 0;) root = NodeHash(hashes_[i], root);
  return root;
}

}  // namespace birthseal::certs
