// SPDX-License-Identifier: Apache-2.0
#include "store/memory_engine.h"

#include "tests/contract/engine_contract.h"

namespace birthseal::tests {
namespace {

class MemoryUnderTest : public EngineUnderTest {
 public:
  store::Engine& engine() override { return engine_; }
  void Reopen() override { engine_.Crash(); }
  void FailNextCommit() override { engine_.FailCommit(/*applied=*/true); }

 private:
  store::MemoryEngine engine_;
};

INSTANTIATE_TEST_SUITE_P(Memory, EngineContract,
                         testing::Values([]() -> std::unique_ptr<EngineUnderTest> {
                           return std::make_unique<MemoryUnderTest>();
                         }));

class MemoryEngineFaultTest : public testing::Test {
 protected:
  absl::Status Put(const std::string& key) {
    WriteBatch batch;
    batch.Put(Family::kStock, key, "x");
    return engine_.Commit(batch, epoch_);
  }
  bool Has(const std::string& key) { return engine_.NewSnapshot()->Get(Family::kStock, key).ok(); }

  store::MemoryEngine engine_;
  store::FenceEpoch epoch_ = *engine_.AcquireFence();
};

TEST_F(MemoryEngineFaultTest, AFailedCommitIsThereAfterACrashWhenItWasApplied) {
  engine_.FailCommit(/*applied=*/true, /*commits=*/1);
  EXPECT_OK(Put("first"));
  EXPECT_THAT(Put("second"), StatusIs(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
  EXPECT_FALSE(Has("second"));
  engine_.Crash();
  EXPECT_TRUE(Has("first"));
  EXPECT_TRUE(Has("second"));
}

TEST_F(MemoryEngineFaultTest, AFailedCommitIsGoneAfterACrashWhenItWasLost) {
  engine_.FailCommit(/*applied=*/false);
  EXPECT_FALSE(Put("first").ok());
  engine_.Crash();
  EXPECT_FALSE(Has("first"));
  EXPECT_OK(Put("first"));
}

TEST_F(MemoryEngineFaultTest, AfterAFailedCommitNobodyBecomesTheWriterUntilItIsOpenedAgain) {
  engine_.FailCommit(/*applied=*/false);
  EXPECT_FALSE(Put("first").ok());
  EXPECT_THAT(Put("second"), StatusIs(absl::StatusCode::kUnavailable, "ENGINE_POISONED"));
  EXPECT_THAT(engine_.AcquireFence(), StatusIs(absl::StatusCode::kUnavailable, "ENGINE_POISONED"));
  engine_.Crash();
  EXPECT_OK(engine_.AcquireFence());
}

TEST_F(MemoryEngineFaultTest, IgnoredSyncsAreLostByACrash) {
  EXPECT_OK(Put("durable"));
  engine_.IgnoreSyncs(true);
  EXPECT_OK(Put("durable"));
  EXPECT_OK(Put("lost"));
  EXPECT_TRUE(Has("lost"));
  engine_.Crash();
  EXPECT_TRUE(Has("durable"));
  EXPECT_FALSE(Has("lost"));
}

TEST_F(MemoryEngineFaultTest, ASnapshotMayOutliveManyCommitsAndErasures) {
  EXPECT_OK(Put("a"));
  const auto snapshot = engine_.NewSnapshot();
  for (int i = 0; i < 100; ++i) {
    WriteBatch batch;
    batch.Erase(Family::kStock, "a");
    ASSERT_OK(engine_.Commit(batch, epoch_));
    ASSERT_OK(Put("a"));
  }
  EXPECT_OK(snapshot->Get(Family::kStock, "a"));
}

}  // namespace
}  // namespace birthseal::tests
