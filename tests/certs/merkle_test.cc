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

}  // namespace
}  // namespace birthseal::certs
