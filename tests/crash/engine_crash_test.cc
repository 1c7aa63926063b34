// SPDX-License-Identifier: Apache-2.0
// The RocksDB engine over a disk that loses power at a seeded point, again and again.
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "store/keys.h"
#include "store/rocksdb/rocksdb_engine.h"
#include "tests/crash/crash_env.h"
#include "tests/crash/numbered_batches.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using store::Family;
using store::IndexKey;

// One store on one disk through many crashes. Counts what broke the promise.
class CrashRun {
 public:
  CrashRun(uint64_t seed, bool sync) : random_(seed), disk_(seed), sync_(sync) {}

  // Opens, checks, commits until the power fails; then restarts.
  void Cycle() {
    disk_.CrashAt(1 + random_() % 500);
    Live();
    disk_.CrashNow();
    engine_.reset();
    disk_.Restart();
  }
  // After the last restart.
  void Finish() { Live(/*commits=*/3); }

  int broken() const { return broken_; }
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  void Live(int commits = 1'000'000) {
    store::RocksDbOptions options;
    options.memtable_bytes = 128 << 10;  // flushes and compactions within a cycle
    store::RocksDbTestHooks hooks;
    hooks.env = disk_.env();
    hooks.sync = sync_;
    auto engine = store::RocksDbEngine::Open(temp_.Join("db"), options, hooks);
    if (!engine.ok()) {
      // Only a crash while opening is an excuse.
      if (!disk_.crashed()) Broken("cannot be opened");
      return;
    }
    engine_ = *std::move(engine);
    Check();
    const auto epoch = engine_->AcquireFence();
    if (!epoch.ok()) return;
    while (commits-- > 0) {
      attempted_ = durable_ + 1;
      if (!engine_->Commit(BatchOf(attempted_), *epoch).ok()) return;
      acknowledged_ = durable_ = attempted_;
    }
  }

  void Check() {
    if (disk_.crashed()) return;
    const auto snapshot = engine_->NewSnapshot();
    const auto meta = snapshot->Get(Family::kMeta, store::MetaKey());
    const uint64_t found = meta.ok() ? store::ParseBigEndian64(*meta).value_or(0) : 0;
    if (!meta.ok() && disk_.crashed()) return;
    if (found < acknowledged_) Broken("an acknowledged batch is lost");
    if (found > attempted_) Broken("a batch that nobody wrote");
    for (uint64_t i = 1; i <= std::max(found, attempted_) && broken_ == 0; ++i) {
      const auto entry = snapshot->Get(Family::kAudit, IndexKey(i));
      const auto body = snapshot->Get(Family::kBodies, IndexKey(i));
      const auto review = snapshot->Get(Family::kReviews, IndexKey(i));
      if (entry.ok() != (i <= found) || body.ok() != (i <= found) || review.ok() != (i == found)) {
        Broken("a batch is there in part");
      }
      if (body.ok() && *body != BodyOf(i)) Broken("a body has changed");
    }
    durable_ = found;
    acknowledged_ = std::min(acknowledged_, found);  // a loss is counted once
  }

  void Broken(const char* what) {
    ++broken_;
    if (sync_) ADD_FAILURE() << what;
  }

  std::mt19937_64 random_;
  TempDir temp_;
  CrashEnv disk_;
  const bool sync_;
  std::unique_ptr<store::RocksDbEngine> engine_;
  uint64_t acknowledged_ = 0, attempted_ = 0, durable_ = 0;
  int broken_ = 0;
};

// RocksDB sleeps a second after each failed flush, so the seeds run side by side.
template <typename Run>
void ForSeeds(uint64_t seeds, const Run& run) {
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= seeds; ++seed) threads.emplace_back([&run, seed] { run(seed); });
  for (std::thread& thread : threads) thread.join();
}

TEST(EngineCrashTest, AcknowledgedBatchesSurviveEveryPowerLossWhole) {
  std::atomic<uint64_t> acknowledged{0};
  ForSeeds(8, [&](uint64_t seed) {
    SCOPED_TRACE(seed);
    CrashRun run(seed, /*sync=*/true);
    for (int cycle = 0; cycle < 10 && run.broken() == 0; ++cycle) run.Cycle();
    run.Finish();
    acknowledged += run.acknowledged();
  });
  EXPECT_GT(acknowledged.load(), 1000u);
}

TEST(EngineCrashTest, WithoutTheSyncTheLossIsDetected) {
  std::atomic<int> broken{0};
  ForSeeds(4, [&](uint64_t seed) {
    CrashRun run(seed, /*sync=*/false);
    for (int cycle = 0; cycle < 6 && run.broken() == 0; ++cycle) run.Cycle();
    run.Finish();
    broken += run.broken();
  });
  EXPECT_GT(broken.load(), 0);
}

TEST(EngineCrashTest, ACrashAtEachChangeOfACommitKeepsWhatWasAcknowledged) {
  for (uint64_t operation = 1; operation <= 12; ++operation) {
    SCOPED_TRACE(operation);
    TempDir temp;
    CrashEnv disk(operation);
    store::RocksDbTestHooks hooks;
    hooks.env = disk.env();
    auto engine = store::RocksDbEngine::Open(temp.Join("db"), {}, hooks);
    ASSERT_OK(engine);
    const store::FenceEpoch epoch = *(*engine)->AcquireFence();
    ASSERT_OK((*engine)->Commit(BatchOf(1), epoch));
    disk.CrashAt(operation);
    uint64_t acknowledged = 1;
    while ((*engine)->Commit(BatchOf(acknowledged + 1), epoch).ok()) ++acknowledged;
    (*engine).reset();
    disk.Restart();
    auto reopened = store::RocksDbEngine::Open(temp.Join("db"), {}, hooks);
    ASSERT_OK(reopened);
    const auto snapshot = (*reopened)->NewSnapshot();
    for (uint64_t i = 1; i <= acknowledged; ++i) {
      const auto body = snapshot->Get(Family::kBodies, IndexKey(i));
      ASSERT_OK(body);
      EXPECT_EQ(*body, BodyOf(i));
    }
    EXPECT_GT(*(*reopened)->AcquireFence(), epoch);
  }
}

}  // namespace
}  // namespace birthseal::tests
