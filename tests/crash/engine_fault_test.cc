// SPDX-License-Identifier: Apache-2.0
// The RocksDB engine on a disk that is full or fails single operations.
#include <atomic>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/crash/faulty_store.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::IndexKey;
using store::RocksDbEngine;

// One store through many faults.
class FaultRun {
 public:
  explicit FaultRun(uint64_t seed) : random_(seed), disk_(seed) {}

  // Some commits, the fault, the refusal, and what stands after opening again.
  void Cycle(const std::function<void(DiskFaults&, uint64_t nth)>& arm) {
    if (!Reopen()) return;
    CommitUpTo(random_() % 40);
    arm(disk_.faults(), 1 + random_() % 60);
    CommitUpTo(4000);
    if (!disk_.faults().hit()) return Fail("the fault did not come");
    if (last_error_.ok()) return Fail("the fault did not end the commits");
    CheckRefuses();
    CheckReads();
    OpenWhileFaulty();
    disk_.faults().Clear();
    // Space is back, or the fault is over: only opening again ends the doubt.
    if (engine_ != nullptr) CheckRefuses();
    engine_.reset();
    if (random_() % 2 == 0) {
      disk_.CrashNow();
      disk_.Restart();
    }
  }
  void Finish() {
    if (!Reopen()) return;
    CommitUpTo(3);
    EXPECT_OK(last_error_);
  }

  uint64_t acknowledged() const { return acknowledged_; }
  bool failed() const { return failed_; }

 private:
  bool Reopen() {
    engine_.reset();
    auto engine = OpenOn(disk_, temp_.Join("db"));
    if (!engine.ok()) return Fail(engine.status().ToString()), false;
    engine_ = *std::move(engine);
    const Held held = Look(*engine_->NewSnapshot(), attempted_);
    if (!held.wrong.empty()) return Fail(held.wrong), false;
    if (held.last < acknowledged_) return Fail("an acknowledged batch is lost"), false;
    if (held.last > attempted_) return Fail("a batch that nobody wrote"), false;
    acknowledged_ = attempted_ = held.last;
    const auto epoch = engine_->AcquireFence();
    if (!epoch.ok()) return Fail(epoch.status().ToString()), false;
    epoch_ = *epoch;
    return true;
  }
  void CommitUpTo(uint64_t commits) {
    last_error_ = absl::OkStatus();
    while (commits-- > 0) {
      last_error_ = engine_->Commit(BatchOf(attempted_ = acknowledged_ + 1), epoch_);
      if (!last_error_.ok()) return;
      acknowledged_ = attempted_;
    }
  }
  void CheckRefuses() {
    const absl::Status again = engine_->Commit(BatchOf(attempted_), epoch_);
    if (again.code() != StatusCode::kUnavailable) Fail("it commits after a failed commit");
  }
  // Reads go on: what was acknowledged is there, unless the very read fails.
  void CheckReads() {
    const auto snapshot = engine_->NewSnapshot();
    for (int i = 0; i < 20 && acknowledged_ > 0; ++i) {
      const uint64_t n = 1 + random_() % acknowledged_;
      const auto body = snapshot->Get(Family::kBodies, IndexKey(n));
      if (!body.ok()) return Fail(body.status().ToString());
      if (*body != BodyOf(n)) return Fail("a body has changed");
    }
  }
  // While the disk is full a store may open or not; if not, the error says why.
  void OpenWhileFaulty() {
    if (!absl::IsResourceExhausted(last_error_)) return;
    engine_.reset();
    auto engine = OpenOn(disk_, temp_.Join("db"));
    if (!engine.ok()) {
      if (!absl::IsResourceExhausted(engine.status())) Fail(engine.status().ToString());
      return;
    }
    engine_ = *std::move(engine);
    const auto epoch = engine_->AcquireFence();
    if (epoch.ok() || !absl::IsResourceExhausted(epoch.status())) Fail("a fence on a full disk");
  }
  void Fail(const std::string& what) {
    failed_ = true;
    ADD_FAILURE() << what;
  }

  std::mt19937_64 random_;
  TempDir temp_;
  CrashEnv disk_;
  std::unique_ptr<RocksDbEngine> engine_;
  absl::Status last_error_;
  uint64_t acknowledged_ = 0, attempted_ = 0;
  store::FenceEpoch epoch_;
  bool failed_ = false;
};

// RocksDB sleeps a second after each failed flush, so the seeds run side by side.
void ForSeeds(uint64_t seeds, const std::function<void(DiskFaults&, uint64_t nth)>& arm) {
  std::atomic<uint64_t> acknowledged{0};
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    threads.emplace_back([&, seed] {
      SCOPED_TRACE(seed);
      FaultRun run(seed);
      for (int cycle = 0; cycle < 12 && !run.failed(); ++cycle) run.Cycle(arm);
      if (!run.failed()) run.Finish();
      acknowledged += run.acknowledged();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(acknowledged.load(), seeds * 100);
}

TEST(EngineFaultTest, AFullDiskLosesNothingAndEndsWithSpace) {
  ForSeeds(6, [](DiskFaults& faults, uint64_t nth) { faults.FillAfter(nth - 1); });
}

// One store, new or not, opened on a disk that has room for so many writes, and then with room.
// True: the disk did not fill.
bool OpensOnAFillingDisk(bool is_new, uint64_t writes) {
  constexpr uint64_t kBatches = 60;
  SCOPED_TRACE(absl::StrCat(is_new ? "new" : "old", " store, writes: ", writes));
  TempDir temp;
  CrashEnv disk(writes);
  if (!is_new) Fill(disk, temp.Join("db"), kBatches);
  disk.faults().FillAfter(writes);
  auto engine = OpenOn(disk, temp.Join("db"));
  const bool filled = disk.faults().hit();
  if (!engine.ok()) EXPECT_THAT(engine, StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
  if (engine.ok()) engine->reset();
  disk.faults().Clear();
  engine = OpenOn(disk, temp.Join("db"));
  EXPECT_OK(engine);
  if (engine.ok()) {
    EXPECT_EQ(Look(*(*engine)->NewSnapshot(), kBatches).last, is_new ? 0 : kBatches);
  }
  return !filled;
}

// Whichever write or new file of opening is the one without room. RocksDB sleeps here too.
TEST(EngineFaultTest, AStoreThatIsOpenedOnADiskThatFillsSaysSoAndOpensWithRoom) {
  constexpr uint64_t kAtOnce = 12, kMost = 600;
  for (const bool is_new : {true, false}) {
    std::atomic<uint64_t> next{0};
    std::atomic<bool> opened{false};
    std::vector<std::thread> threads;
    for (uint64_t i = 0; i < kAtOnce; ++i) {
      threads.emplace_back([&] {
        while (!opened && !testing::Test::HasFailure() && next < kMost) {
          if (OpensOnAFillingDisk(is_new, next++)) opened = true;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(opened);
  }
}

TEST(EngineFaultTest, AFailedWriteLosesNothing) {
  ForSeeds(6, [](DiskFaults& faults, uint64_t nth) { faults.FailAt(Io::kWrite, nth); });
}

TEST(EngineFaultTest, AFailedSyncLosesNothing) {
  ForSeeds(6, [](DiskFaults& faults, uint64_t nth) { faults.FailAt(Io::kSync, nth); });
}

TEST(EngineFaultTest, AFailedReadIsAnErrorNeverAnAbsentRecord) {
  constexpr uint64_t kBatches = 300;
  TempDir temp;
  CrashEnv disk(1);
  Fill(disk, temp.Join("db"), kBatches);
  int failures = 0;
  for (uint64_t nth = 1; nth <= 120; ++nth) {
    disk.faults().FailAt(Io::kRead, nth);
    auto engine = OpenOn(disk, temp.Join("db"));
    if (!engine.ok()) {
      EXPECT_EQ(engine.status().code(), StatusCode::kUnavailable) << engine.status();
      ++failures;
      continue;
    }
    const auto snapshot = (*engine)->NewSnapshot();
    for (uint64_t i = 1; i <= kBatches; i += 7) {
      const auto body = snapshot->Get(Family::kBodies, IndexKey(i));
      if (body.ok()) {
        EXPECT_EQ(*body, BodyOf(i));
      } else {
        EXPECT_EQ(body.status().code(), StatusCode::kUnavailable) << body.status();
        ++failures;
      }
    }
    uint64_t rows = 0;
    const absl::Status scanned =
        snapshot->Scan(Family::kAudit, "", "", [&](absl::string_view, absl::string_view) {
          ++rows;
          return true;
        });
    if (scanned.ok()) {
      EXPECT_EQ(rows, kBatches);
    } else {
      ++failures;
    }
  }
  EXPECT_GT(failures, 60);
}

}  // namespace
}  // namespace birthseal::tests
