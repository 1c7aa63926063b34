// SPDX-License-Identifier: Apache-2.0
// What every engine must do. Instantiated for each engine in tests/store.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/engine.h"
#include "store/keys.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

// One kind of engine under test; it lives on one simulated or real disk.
class EngineUnderTest {
 public:
  virtual ~EngineUnderTest() = default;
  virtual store::Engine& engine() = 0;
  // Close and open again, as after the end of the process.
  virtual void Reopen() = 0;
  // The next commit fails with an unknown outcome.
  virtual void FailNextCommit() = 0;
};
using EngineMaker = std::function<std::unique_ptr<EngineUnderTest>()>;

class EngineContract : public testing::TestWithParam<EngineMaker> {
 protected:
  EngineContract() : under_test_(GetParam()()), epoch_(*engine().AcquireFence()) {}

  store::Engine& engine() { return under_test_->engine(); }
  void Reopen() {
    under_test_->Reopen();
    epoch_ = *engine().AcquireFence();
  }
  absl::Status Put(store::Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    return engine().Commit(batch, epoch_);
  }
  absl::StatusOr<std::string> Get(store::Family family, const std::string& key) {
    return engine().NewSnapshot()->Get(family, key);
  }
  static std::string Keys(const store::Snapshot& snapshot, absl::string_view prefix,
                          absl::string_view from, int limit = 1000) {
    std::string keys;
    EXPECT_OK(snapshot.Scan(store::Family::kStock, prefix, from,
                            [&](absl::string_view key, absl::string_view) {
                              absl::StrAppend(&keys, key, " ");
                              return --limit > 0;
                            }));
    return keys;
  }

  std::unique_ptr<EngineUnderTest> under_test_;
  store::FenceEpoch epoch_;
};

using store::Family;
using store::WriteBatch;

TEST_P(EngineContract, AnAbsentKeyIsNotFound) {
  EXPECT_THAT(Get(Family::kClaims, "absent"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(EngineContract, ClearEmptiesOneFamilyForGood) {
  EXPECT_OK(Put(store::Family::kStock, "k", "old"));
  EXPECT_OK(Put(store::Family::kClaims, "k", "kept"));
  EXPECT_OK(engine().Clear(store::Family::kStock, epoch_));
  EXPECT_EQ(Get(store::Family::kStock, "k").status().code(), absl::StatusCode::kNotFound);
  EXPECT_OK(Put(store::Family::kStock, "other", "new"));
  EXPECT_TRUE(absl::IsAborted(engine().Clear(store::Family::kClaims, epoch_.Plus(1))));
  Reopen();
  EXPECT_EQ(Get(store::Family::kStock, "k").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get(store::Family::kStock, "other").value_or(""), "new");
  EXPECT_EQ(Get(store::Family::kClaims, "k").value_or(""), "kept");
}

TEST_P(EngineContract, FamiliesAreApart) {
  ASSERT_OK(Put(Family::kClaims, "key", "claim"));
  EXPECT_THAT(Get(Family::kNumbers, "key"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(*Get(Family::kClaims, "key"), "claim");
}

TEST_P(EngineContract, TheLastChangeOfAKeyWins) {
  ASSERT_OK(Put(Family::kStock, "c", "before"));
  WriteBatch batch;
  batch.Put(Family::kStock, "a", "1");
  batch.Put(Family::kStock, "a", "2");
  batch.Put(Family::kStock, "b", "1");
  batch.Erase(Family::kStock, "b");
  batch.Erase(Family::kStock, "c");
  batch.Put(Family::kStock, "c", "after");
  batch.Erase(Family::kStock, "never there");
  ASSERT_OK(engine().Commit(batch, epoch_));
  EXPECT_EQ(*Get(Family::kStock, "a"), "2");
  EXPECT_THAT(Get(Family::kStock, "b"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(*Get(Family::kStock, "c"), "after");
}

TEST_P(EngineContract, ASnapshotDoesNotMove) {
  ASSERT_OK(Put(Family::kStock, "a", "old"));
  ASSERT_OK(Put(Family::kStock, "gone", "old"));
  const auto snapshot = engine().NewSnapshot();
  WriteBatch batch;
  batch.Put(Family::kStock, "a", "new");
  batch.Put(Family::kStock, "b", "new");
  batch.Erase(Family::kStock, "gone");
  ASSERT_OK(engine().Commit(batch, epoch_));
  EXPECT_EQ(*snapshot->Get(Family::kStock, "a"), "old");
  EXPECT_EQ(*snapshot->Get(Family::kStock, "gone"), "old");
  EXPECT_THAT(snapshot->Get(Family::kStock, "b"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Keys(*snapshot, "", ""), "a gone ");
  EXPECT_EQ(Keys(*engine().NewSnapshot(), "", ""), "a b ");
}

TEST_P(EngineContract, AScanIsOrderedAsBytesWithinPrefixAndFrom) {
  WriteBatch batch;
  for (const char* key : {"b", "\x80z", "aa", "a", "ab", "aba", "ac", "c"}) {
    batch.Put(Family::kStock, key, key);
  }
  ASSERT_OK(engine().Commit(batch, epoch_));
  const auto snapshot = engine().NewSnapshot();
  EXPECT_EQ(Keys(*snapshot, "", ""), "a aa ab aba ac b c \x80z ");
  EXPECT_EQ(Keys(*snapshot, "a", ""), "a aa ab aba ac ");
  EXPECT_EQ(Keys(*snapshot, "a", "ab"), "ab aba ac ");
  EXPECT_EQ(Keys(*snapshot, "ab", "a"), "ab aba ");
  EXPECT_EQ(Keys(*snapshot, "a", "b"), "");
  EXPECT_EQ(Keys(*snapshot, "x", ""), "");
  EXPECT_EQ(Keys(*snapshot, "\x80", ""), "\x80z ");
  EXPECT_EQ(Keys(*snapshot, "", "", 2), "a aa ");
}

TEST_P(EngineContract, ALongScanSeesEveryKeyOnceAndMayReadMeanwhile) {
  WriteBatch batch;
  for (uint64_t i = 0; i < 500; ++i) batch.Put(Family::kLeaves, store::IndexKey(i), "x");
  ASSERT_OK(engine().Commit(batch, epoch_));
  const auto snapshot = engine().NewSnapshot();
  uint64_t next = 0;
  ASSERT_OK(snapshot->Scan(Family::kLeaves, "", "", [&](absl::string_view key, absl::string_view) {
    EXPECT_EQ(key, store::IndexKey(next));
    EXPECT_OK(snapshot->Get(Family::kLeaves, store::IndexKey(next)));
    ++next;
    return true;
  }));
  EXPECT_EQ(next, 500u);
}

TEST_P(EngineContract, EmptyAndLargeValuesComeBackAsTheyWere) {
  std::string large(3'000'000, 'x');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 131 + i / 257);
  for (Family family : {Family::kMothers, Family::kBodies, Family::kDocuments}) {
    ASSERT_OK(Put(family, "empty", ""));
    ASSERT_OK(Put(family, "large", large));
  }
  Reopen();
  for (Family family : {Family::kMothers, Family::kBodies, Family::kDocuments}) {
    EXPECT_EQ(*Get(family, "empty"), "");
    EXPECT_TRUE(*Get(family, "large") == large);
  }
}

TEST_P(EngineContract, CommittedBatchesAreThereAfterReopening) {
  for (uint64_t i = 0; i < 50; ++i) {
    WriteBatch batch;
    for (int family = 0; family < store::kFamilyCount; ++family) {
      batch.Put(static_cast<Family>(family), "key" + store::IndexKey(i), absl::StrCat(i));
    }
    if (i > 0) batch.Erase(Family::kStock, "key" + store::IndexKey(i - 1));
    ASSERT_OK(engine().Commit(batch, epoch_));
  }
  Reopen();
  for (uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(*Get(Family::kAudit, "key" + store::IndexKey(i)), absl::StrCat(i));
    EXPECT_EQ(Get(Family::kStock, "key" + store::IndexKey(i)).ok(), i == 49);
  }
}

TEST_P(EngineContract, AWriterWhoseFenceWasTakenIsRefusedAndWritesNothing) {
  const store::FenceEpoch newer = *engine().AcquireFence();
  EXPECT_GT(newer, epoch_);
  EXPECT_THAT(Put(Family::kStock, "old", "x"), StatusIs(absl::StatusCode::kAborted, "FENCED"));
  EXPECT_THAT(Get(Family::kStock, "old"), StatusIs(absl::StatusCode::kNotFound));
  epoch_ = newer;
  EXPECT_OK(Put(Family::kStock, "new", "x"));
}

TEST_P(EngineContract, AFenceCanBeTakenAboveAnEpochTheStoreDoesNotKnow) {
  EXPECT_EQ(*engine().AcquireFence(/*above=*/store::FenceEpoch(40)), store::FenceEpoch(41));
  EXPECT_EQ(*engine().AcquireFence(/*above=*/store::FenceEpoch(7)), store::FenceEpoch(42));
}

TEST_P(EngineContract, AFenceIsDurable) {
  const store::FenceEpoch before = epoch_;
  under_test_->Reopen();
  EXPECT_OK(Put(Family::kStock, "same writer", "x"));
  EXPECT_GT(*engine().AcquireFence(), before);
  EXPECT_THAT(Put(Family::kStock, "old", "x"), StatusIs(absl::StatusCode::kAborted, "FENCED"));
}

TEST_P(EngineContract, AfterAnUnknownOutcomeNothingIsAcceptedUntilReopened) {
  ASSERT_OK(Put(Family::kStock, "known", "x"));
  under_test_->FailNextCommit();
  EXPECT_FALSE(Put(Family::kStock, "unknown", "x").ok());
  EXPECT_THAT(Put(Family::kStock, "later", "x"),
              StatusIs(absl::StatusCode::kUnavailable, "ENGINE_POISONED"));
  EXPECT_THAT(engine().AcquireFence(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(*Get(Family::kStock, "known"), "x");
  Reopen();
  EXPECT_EQ(*Get(Family::kStock, "known"), "x");
  EXPECT_THAT(Get(Family::kStock, "later"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(Put(Family::kStock, "later", "x"));
}

TEST_P(EngineContract, ReadersSeeWholeBatchesWhileOneWriterCommits) {
  constexpr uint64_t kBatches = 200;
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      uint64_t last = 0;
      while (!done.load()) {
        const auto snapshot = engine().NewSnapshot();
        const auto first = snapshot->Get(Family::kStock, "first");
        const auto second = snapshot->Get(Family::kReviews, "second");
        ASSERT_EQ(first.ok(), second.ok());
        if (!first.ok()) continue;
        ASSERT_EQ(*first, *second);
        const std::optional<uint64_t> now = store::ParseBigEndian64(*first);
        ASSERT_TRUE(now.has_value());
        ASSERT_GE(*now, last);
        last = *now;
      }
    });
  }
  for (uint64_t i = 0; i < kBatches; ++i) {
    WriteBatch batch;
    batch.Put(Family::kStock, "first", store::BigEndian64(i));
    batch.Put(Family::kReviews, "second", store::BigEndian64(i));
    EXPECT_OK(engine().Commit(batch, epoch_));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace birthseal::tests
