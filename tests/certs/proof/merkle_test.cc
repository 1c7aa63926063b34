// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/merkle.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;
using Hashes = std::vector<Digest>;

Hashes MakeLeaves(size_t count) {
  Hashes leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(LeafHash(absl::StrCat("leaf ", i)));
  return leaves;
}

Hashes Slice(const Hashes& all, size_t begin, size_t end) {
  return Hashes(all.begin() + begin, all.begin() + end);
}

size_t Split(size_t n) {
  size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// RFC 9162 §2.1.3.1, PATH(m, D_n), written straight from the text.
Hashes Path(size_t m, const Hashes& d) {
  if (d.size() <= 1) return {};
  size_t k = Split(d.size());
  Hashes path = m < k ? Path(m, Slice(d, 0, k)) : Path(m - k, Slice(d, k, d.size()));
  path.push_back(m < k ? RootOf(Slice(d, k, d.size())) : RootOf(Slice(d, 0, k)));
  return path;
}

// RFC 9162 §2.1.4.1, SUBPROOF(m, D_n, b).
Hashes Subproof(size_t m, const Hashes& d, bool complete) {
  if (m == d.size()) return complete ? Hashes{} : Hashes{RootOf(d)};
  size_t k = Split(d.size());
  Hashes path = m <= k ? Subproof(m, Slice(d, 0, k), complete)
                       : Subproof(m - k, Slice(d, k, d.size()), false);
  path.push_back(m <= k ? RootOf(Slice(d, k, d.size())) : RootOf(Slice(d, 0, k)));
  return path;
}

TEST(MerkleTest, HashesAreSeparatedByTheirPrefix) {
  EXPECT_EQ(LeafHash("x"), Sm3Of(absl::string_view("\0x", 2)));
  Digest a = LeafHash("a"), b = LeafHash("b");
  EXPECT_EQ(NodeHash(a, b), Sm3Of(absl::StrCat("\1", View(a), View(b))));
  EXPECT_EQ(EmptyRoot(), Sm3Of(""));
}

TEST(MerkleTest, EveryLeafOfEveryTreeUpTo70IsProvenAndNoOther) {
  for (size_t n = 1; n <= 70; ++n) {
    Hashes leaves = MakeLeaves(n);
    Digest root = RootOf(leaves);
    for (size_t i = 0; i < n; ++i) {
      Hashes path = Path(i, leaves);
      EXPECT_OK(CheckInclusion(leaves[i], i, n, path, root));
      EXPECT_THAT(CheckInclusion(LeafHash("other"), i, n, path, root),
                  StatusIs(absl::StatusCode::kDataLoss));
      if (n > 1) {
        EXPECT_FALSE(CheckInclusion(leaves[i], (i + 1) % n, n, path, root).ok());
      }
    }
  }
}

TEST(MerkleTest, AnyChangedNodeOrLengthOfAPathIsRefused) {
  Hashes leaves = MakeLeaves(21);
  Digest root = RootOf(leaves);
  Hashes path = Path(13, leaves);
  for (size_t i = 0; i < path.size(); ++i) {
    for (size_t bit = 0; bit < 256; ++bit) {
      Hashes changed = path;
      changed[i][bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
      EXPECT_FALSE(CheckInclusion(leaves[13], 13, 21, changed, root).ok());
    }
  }
  Hashes shorter(path.begin(), path.end() - 1), longer = path;
  longer.push_back(root);
  EXPECT_THAT(CheckInclusion(leaves[13], 13, 21, shorter, root),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckInclusion(leaves[13], 13, 21, longer, root),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckInclusion(leaves[13], 21, 21, path, root),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MerkleTest, EveryPrefixOfATreeIsConsistentAndAForkIsNot) {
  const size_t kSize = 40;
  Hashes leaves = MakeLeaves(kSize);
  for (size_t n = 1; n <= kSize; ++n) {
    Hashes now = Slice(leaves, 0, n);
    for (size_t m = 1; m <= n; ++m) {
      Hashes path = Subproof(m, now, true);
      Digest old_root = RootOf(Slice(leaves, 0, m));
      EXPECT_OK(CheckConsistency(m, old_root, n, RootOf(now), path)) << m << " " << n;
      Hashes fork = Slice(leaves, 0, m);
      fork.back() = LeafHash("rewritten");
      EXPECT_THAT(CheckConsistency(m, RootOf(fork), n, RootOf(now), path),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
  }
}

// What no two trees can be is told apart from a path that leads elsewhere.
TEST(MerkleTest, EachFaultOfAConsistencyPathHasItsReason) {
  const Hashes leaves = MakeLeaves(7);
  const auto root = [&](size_t size) { return RootOf(Slice(leaves, 0, size)); };
  const Hashes path = Subproof(3, leaves, true);
  Hashes shorter(path.begin(), path.end() - 1), longer = path, other = path;
  longer.push_back(root(1));
  other.back() = root(1);
  const auto form = StatusIs(absl::StatusCode::kInvalidArgument, "PROOF_FORM");
  const auto mismatch = StatusIs(absl::StatusCode::kDataLoss, "PROOF_MISMATCH");
  EXPECT_OK(CheckConsistency(3, root(3), 7, root(7), path));
  EXPECT_THAT(CheckConsistency(0, EmptyRoot(), 0, EmptyRoot(), {}), form);
  EXPECT_THAT(CheckConsistency(0, EmptyRoot(), 7, root(7), path), form);
  EXPECT_THAT(CheckConsistency(3, root(3), 1, root(3), {root(3)}), form);
  EXPECT_THAT(CheckConsistency(7, root(7), 7, root(7), path), form);
  EXPECT_THAT(CheckConsistency(7, root(7), 7, root(6), {}), mismatch);
  EXPECT_THAT(CheckConsistency(3, root(3), 7, root(7), {}), form);
  EXPECT_THAT(CheckConsistency(3, root(3), 7, root(7), longer), form);
  EXPECT_THAT(CheckConsistency(3, root(3), 7, root(7), shorter), form);
  EXPECT_THAT(CheckConsistency(3, root(2), 7, root(7), path), mismatch);
  EXPECT_THAT(CheckConsistency(3, root(3), 7, root(6), path), mismatch);
  EXPECT_THAT(CheckConsistency(3, root(3), 7, root(7), other), mismatch);
  EXPECT_THAT(CheckConsistency(4, root(4), 7, root(7), {root(1)}), mismatch);
  EXPECT_THAT(CheckConsistency(4, root(4), 7, root(7), {}), form);
}

// Without the first of a path the rest still leads from a subtree to the root.
TEST(MerkleTest, ASubtreeIsNoLeafAndALeafNoSubtree) {
  const Hashes leaves = MakeLeaves(4);
  const auto form = StatusIs(absl::StatusCode::kInvalidArgument, "PROOF_FORM");
  const Digest root = RootOf(leaves), left = NodeHash(leaves[0], leaves[1]);
  const Digest right = NodeHash(leaves[2], leaves[3]);
  EXPECT_THAT(CheckInclusion(left, 0, 4, {right}, root), form);
  EXPECT_THAT(CheckInclusion(left, 0, 2, {leaves[1], right}, root), form);
  EXPECT_THAT(CheckInclusion(leaves[0], 0, 2, {leaves[1], right}, root), form);
  EXPECT_THAT(CheckInclusion(root, 0, 0, {}, root), form);
  EXPECT_THAT(CheckInclusion(root, 1, 1, {}, root), form);
}

TEST(MerkleTest, ACompactRangeHasOneHashForEachBitOfItsSize) {
  for (const size_t size : {0, 1, 5, 6, 7, 8}) {
    const auto bits = static_cast<size_t>(__builtin_popcountll(size));
    for (size_t count = 0; count < 5; ++count) {
      const auto range = CompactRange::From(size, MakeLeaves(count));
      if (count == bits) {
        ASSERT_OK(range);
        EXPECT_EQ(range->size(), size);
      } else {
        EXPECT_THAT(range, StatusIs(absl::StatusCode::kInvalidArgument, "COMPACT_RANGE_FORM"));
      }
    }
  }
}

}  // namespace
}  // namespace birthseal::certs
