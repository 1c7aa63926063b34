// SPDX-License-Identifier: Apache-2.0
// The stored log against RFC 9162 computed naively (certs::RootOf) and against the checkers.
#include "store/log/merkle_log.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "store/memory_engine.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using certs::Digest;
using tests::StatusIs;

constexpr uint64_t kEpoch = 3;

std::string Leaf(uint64_t index) { return absl::StrCat("leaf ", index); }

// A log in a memory engine, grown batch by batch as the ledger does.
class StoredLog {
 public:
  StoredLog() : epoch_(*engine_.AcquireFence()) {}

  LogAppender Grow(uint64_t leaves) {
    auto frontier = Frontier(size_, StoredNodes(engine_.NewSnapshot().get(), kEpoch));
    EXPECT_OK(frontier);
    LogAppender appender(size_, *frontier, kEpoch);
    for (uint64_t i = 0; i < leaves; ++i) {
      EXPECT_EQ(appender.Append(Leaf(size_ + i)), size_ + i);
      hashes_.push_back(certs::LeafHash(Leaf(size_ + i)));
    }
    WriteBatch batch;
    appender.PutInto(&batch);
    EXPECT_OK(engine_.Commit(batch, epoch_));
    size_ += leaves;
    return appender;
  }

  std::unique_ptr<Snapshot> Read() const { return engine_.NewSnapshot(); }
  uint64_t size() const { return size_; }
  Digest NaiveRoot(uint64_t size) const {
    return certs::RootOf({hashes_.begin(), hashes_.begin() + static_cast<long>(size)});
  }
  const Digest& LeafHashAt(uint64_t index) const { return hashes_.at(index); }

 private:
  MemoryEngine engine_;
  FenceEpoch epoch_;
  uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

TEST(MerkleLogTest, RootsEqualTheNaiveOnesAtEverySizeUpTo300) {
  StoredLog log;
  EXPECT_EQ(log.Grow(0).Root(), certs::EmptyRoot());
  for (uint64_t size = 1; size <= 300; ++size) {
    const LogAppender appender = log.Grow(1);
    ASSERT_EQ(appender.Root(), log.NaiveRoot(size)) << size;
  }
  const auto snapshot = log.Read();
  for (uint64_t size = 0; size <= 300; ++size) {
    const auto root = RootAt(size, StoredNodes(snapshot.get(), kEpoch));
    ASSERT_OK(root);
    ASSERT_EQ(*root, log.NaiveRoot(size)) << size;
  }
}

TEST(MerkleLogTest, PathsOfABatchLeadToItsRootAndEqualTheStoredOnes) {
  std::mt19937_64 random(20260101);
  StoredLog log;
  while (log.size() < 1500) {
    const LogAppender appender = log.Grow(1 + random() % 70);
    const auto snapshot = log.Read();
    for (uint64_t i = appender.first_index(); i < appender.size(); ++i) {
      const std::vector<Digest> path = appender.Path(i);
      ASSERT_OK(certs::CheckInclusion(log.LeafHashAt(i), i, log.size(), path, appender.Root()));
      const auto stored = InclusionPath(i, log.size(), StoredNodes(snapshot.get(), kEpoch));
      ASSERT_OK(stored);
      ASSERT_EQ(path, *stored);
    }
    const auto frontier = Frontier(log.size(), StoredNodes(snapshot.get(), kEpoch));
    ASSERT_OK(frontier);
    ASSERT_EQ(appender.FrontierAfter(), *frontier);
  }
}

TEST(MerkleLogTest, EveryLeafIsIncludedAtEverySmallSize) {
  StoredLog log;
  log.Grow(70);
  const auto snapshot = log.Read();
  for (uint64_t size = 1; size <= 70; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const auto path = InclusionPath(index, size, StoredNodes(snapshot.get(), kEpoch));
      ASSERT_OK(path);
      ASSERT_OK(
          certs::CheckInclusion(log.LeafHashAt(index), index, size, *path, log.NaiveRoot(size)));
    }
  }
}

TEST(MerkleLogTest, EveryPairOfSmallSizesIsConsistent) {
  StoredLog log;
  log.Grow(70);
  const auto snapshot = log.Read();
  for (uint64_t size = 1; size <= 70; ++size) {
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto path = ConsistencyPath(old_size, size, StoredNodes(snapshot.get(), kEpoch));
      ASSERT_OK(path);
      ASSERT_OK(certs::CheckConsistency(old_size, log.NaiveRoot(old_size), size,
                                        log.NaiveRoot(size), *path))
          << old_size << " " << size;
    }
  }
}

TEST(MerkleLogTest, RandomBigSizesAreConsistentAndIncludeTheirLeaves) {
  std::mt19937_64 random(7);
  StoredLog log;
  log.Grow(20'000 + random() % 5'000);
  const auto snapshot = log.Read();
  for (int round = 0; round < 20; ++round) {
    const uint64_t size = 1 + random() % log.size();
    const uint64_t index = random() % size;
    const auto path = InclusionPath(index, size, StoredNodes(snapshot.get(), kEpoch));
    ASSERT_OK(path);
    const Digest root = log.NaiveRoot(size);
    ASSERT_OK(certs::CheckInclusion(log.LeafHashAt(index), index, size, *path, root));
    const auto growth = ConsistencyPath(index + 1, size, StoredNodes(snapshot.get(), kEpoch));
    ASSERT_OK(growth);
    ASSERT_OK(certs::CheckConsistency(index + 1, log.NaiveRoot(index + 1), size, root, *growth));
  }
}

TEST(MerkleLogTest, APathBeyondTheTreeIsRefused) {
  StoredLog log;
  log.Grow(3);
  const auto snapshot = log.Read();
  EXPECT_THAT(InclusionPath(3, 3, StoredNodes(snapshot.get(), kEpoch)),
              StatusIs(absl::StatusCode::kOutOfRange, "LEAF_BEYOND_TREE"));
  EXPECT_THAT(ConsistencyPath(4, 3, StoredNodes(snapshot.get(), kEpoch)),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(MerkleLogTest, AnAbsentNodeIsDataLoss) {
  StoredLog log;
  log.Grow(3);
  const auto snapshot = log.Read();
  EXPECT_THAT(RootAt(9, StoredNodes(snapshot.get(), kEpoch)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_NODE_DAMAGED"));
}

}  // namespace
}  // namespace birthseal::store
