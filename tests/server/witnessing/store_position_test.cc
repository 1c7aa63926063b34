// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/store_position.h"

#include <functional>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "gmock/gmock.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "tests/support/failing_engine.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using server::CheckStorePosition;
using store::Family;

constexpr absl::StatusCode kRefused = absl::StatusCode::kFailedPrecondition;

std::vector<std::string> Leaves(size_t count, const std::string& kind = "leaf ") {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(kind + std::to_string(i));
  return leaves;
}

certs::Digest RootOf(const std::vector<std::string>& leaves, size_t size) {
  std::vector<certs::Digest> hashes;
  for (size_t i = 0; i < size; ++i) hashes.push_back(certs::LeafHash(leaves[i]));
  return certs::RootOf(hashes);
}

// The log of one epoch as the ledger leaves it: leaves and complete subtrees.
void PutLog(uint64_t epoch, const std::vector<std::string>& leaves, store::WriteBatch* batch) {
  std::vector<certs::Digest> level;
  for (size_t i = 0; i < leaves.size(); ++i) {
    batch->Put(Family::kLeaves,
               store::IndexKey(store::PlaceOf(certs::LogEpoch(epoch), certs::LeafIndex(i))),
               leaves[i]);
    level.push_back(certs::LeafHash(leaves[i]));
  }
  for (int height = 0; !level.empty(); ++height) {
    const uint64_t base = (epoch - 1) << (store::kPlaceBits - height);
    std::vector<certs::Digest> above;
    for (size_t i = 0; i < level.size(); ++i) {
      batch->Put(Family::kNodes, store::NodeKey(static_cast<uint8_t>(height), base | i),
                 certs::Bytes(level[i]));
      if (i % 2 == 1) above.push_back(certs::NodeHash(level[i - 1], level[i]));
    }
    level = above;
  }
}

class StorePositionTest : public testing::Test {
 protected:
  void SetMeta(uint64_t epoch, uint64_t size) {
    storage::v1::Meta meta = store::FirstMeta();
    meta.set_log_epoch(epoch);
    meta.set_log_size(size);
    meta.set_map_root(certs::Bytes(certs::Sm3Of("map")));
    batch_.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
  }
  absl::Status Check(const certs::TreeHead& mark) {
    const auto fence = engine_.AcquireFence();
    EXPECT_OK(fence);
    EXPECT_OK(engine_.Commit(batch_, *fence));
    return CheckStorePosition(mark, kTestLogName, *engine_.NewSnapshot());
  }
  static certs::TreeHead Mark(uint64_t epoch, uint64_t size, const certs::Digest& root) {
    return {certs::OriginOf(kTestLogName, certs::LogEpoch(epoch)), size, root, certs::Sm3Of("map"),
            FixtureNow()};
  }
  // Epoch 1 keeps 5 of the leaves; epoch 2 begins with the RECOVERY.
  void Recover(uint64_t lost_size, const certs::Digest& lost_root,
               const std::function<void(certs::Recovery&)>& change = nullptr) {
    certs::Recovery recovery;
    recovery.old_epoch = 1;
    recovery.kept_size = 5;
    recovery.kept_root = RootOf(leaves_, 5);
    recovery.lost_size = lost_size;
    recovery.lost_root = lost_root;
    if (change) change(recovery);
    certs::Leaf leaf;
    leaf.kind = certs::LeafKind::kRecovery;
    leaf.detail = certs::Canonical(recovery);
    leaf.commitment = certs::Commit("", leaf.detail);
    PutLog(1, Leaves(5), &batch_);
    PutLog(2, {certs::Canonical(leaf), "next"}, &batch_);
    SetMeta(2, 2);
  }

  const std::vector<std::string> leaves_ = Leaves(13);
  store::WriteBatch batch_;
  store::MemoryEngine engine_;
};

TEST_F(StorePositionTest, NothingSignedYetFitsEveryStore) {
  EXPECT_OK(Check({}));
  PutLog(1, leaves_, &batch_);
  SetMeta(1, 13);
  EXPECT_OK(Check({}));
}

TEST_F(StorePositionTest, AMarkWithinTheLogFits) {
  PutLog(1, leaves_, &batch_);
  SetMeta(1, 13);
  for (size_t size = 1; size <= 13; ++size) EXPECT_OK(Check(Mark(1, size, RootOf(leaves_, size))));
}

TEST_F(StorePositionTest, AStoreWithFewerLeavesIsBehind) {
  PutLog(1, Leaves(12), &batch_);
  SetMeta(1, 12);
  const absl::Status status = Check(Mark(1, 13, RootOf(leaves_, 13)));
  EXPECT_THAT(status, StatusIs(kRefused, "STORE_BEHIND"));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("restore --forward"));
}

TEST_F(StorePositionTest, AnEmptyStoreIsBehind) {
  EXPECT_THAT(Check(Mark(1, 1, RootOf(leaves_, 1))), StatusIs(kRefused, "STORE_BEHIND"));
}

TEST_F(StorePositionTest, AnotherRootAtTheMarkIsAFork) {
  PutLog(1, Leaves(13, "other "), &batch_);
  SetMeta(1, 13);
  EXPECT_THAT(Check(Mark(1, 13, RootOf(leaves_, 13))), StatusIs(kRefused, "STORE_FORKED"));
  EXPECT_THAT(Check(Mark(1, 4, RootOf(leaves_, 4))), StatusIs(kRefused, "STORE_FORKED"));
}

TEST_F(StorePositionTest, AnotherMapAtTheMarkIsAFork) {
  PutLog(1, leaves_, &batch_);
  SetMeta(1, 13);
  certs::TreeHead mark = Mark(1, 13, RootOf(leaves_, 13));
  mark.map_root = certs::Sm3Of("another map");
  EXPECT_THAT(Check(mark), StatusIs(kRefused, "STORE_FORKED"));
}

TEST_F(StorePositionTest, AMarkOfAnotherLogIsSaid) {
  certs::TreeHead mark = Mark(1, 1, RootOf(leaves_, 1));
  mark.origin = "other.example/log/1 sm3";
  EXPECT_THAT(Check(mark), StatusIs(kRefused, "HIGH_WATER_OTHER_LOG"));
}

TEST_F(StorePositionTest, AnOlderEpochThanTheMarkIsBehind) {
  PutLog(1, leaves_, &batch_);
  SetMeta(1, 13);
  EXPECT_THAT(Check(Mark(2, 1, RootOf(leaves_, 1))), StatusIs(kRefused, "STORE_BEHIND"));
}

TEST_F(StorePositionTest, ANewEpochFitsWhenItsRecoveryCoversTheMark) {
  Recover(8, RootOf(leaves_, 8));
  EXPECT_OK(Check(Mark(1, 4, RootOf(leaves_, 4))));  // kept
  EXPECT_OK(Check(Mark(1, 5, RootOf(leaves_, 5))));
  EXPECT_OK(Check(Mark(1, 7, RootOf(leaves_, 7))));  // named as lost
  EXPECT_OK(Check(Mark(1, 8, RootOf(leaves_, 8))));
}

TEST_F(StorePositionTest, ANewEpochThatHidesALossIsRefused) {
  Recover(8, RootOf(leaves_, 8));
  EXPECT_THAT(Check(Mark(1, 9, RootOf(leaves_, 9))), StatusIs(kRefused, "STORE_BEHIND"));
  EXPECT_THAT(Check(Mark(1, 8, RootOf(leaves_, 7))), StatusIs(kRefused, "STORE_FORKED"));
  EXPECT_THAT(Check(Mark(1, 4, RootOf(leaves_, 5))), StatusIs(kRefused, "STORE_FORKED"));
}

TEST_F(StorePositionTest, ANewEpochWithoutRecoveryIsRefused) {
  PutLog(1, leaves_, &batch_);
  certs::Leaf leaf;
  leaf.kind = certs::LeafKind::kSealEnrolled;
  PutLog(2, {certs::Canonical(leaf)}, &batch_);
  SetMeta(2, 1);
  EXPECT_THAT(Check(Mark(1, 13, RootOf(leaves_, 13))), StatusIs(kRefused, "STORE_FORKED"));
}

TEST_F(StorePositionTest, ANewEpochWithoutItsFirstLeafIsBehind) {
  PutLog(1, leaves_, &batch_);
  SetMeta(2, 1);
  EXPECT_THAT(Check(Mark(1, 13, RootOf(leaves_, 13))), StatusIs(kRefused, "STORE_BEHIND"));
}

TEST_F(StorePositionTest, ARecoveryThatDoesNotEndTheMarksEpochIsAFork) {
  Recover(8, RootOf(leaves_, 8), [](certs::Recovery& r) { r.old_epoch = 2; });
  EXPECT_THAT(Check(Mark(1, 5, RootOf(leaves_, 5))), StatusIs(kRefused, "STORE_FORKED"));
  Recover(8, RootOf(leaves_, 8), [](certs::Recovery& r) { r.kept_root[0] ^= 1; });
  EXPECT_THAT(Check(Mark(1, 4, RootOf(leaves_, 4))), StatusIs(kRefused, "STORE_FORKED"));
}

TEST_F(StorePositionTest, WhatCannotBeReadIsNeitherBehindNorAFork) {
  Recover(8, RootOf(leaves_, 8));
  ASSERT_OK(Check(Mark(1, 5, RootOf(leaves_, 5))));
  Faults faults;
  FailingEngine failing(&engine_, &faults);
  for (const certs::TreeHead& mark :
       {Mark(1, 4, RootOf(leaves_, 4)), Mark(1, 7, RootOf(leaves_, 7))}) {
    ExpectEveryFaultComesOut(
        &faults, [&] { return CheckStorePosition(mark, kTestLogName, *failing.NewSnapshot()); });
  }
}

}  // namespace
}  // namespace birthseal::tests
