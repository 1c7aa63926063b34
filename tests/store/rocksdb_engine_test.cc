#include "store/rocksdb_engine.h"

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/rocksdb_status.h"
#include "tests/contract/engine_contract.h"
#include "tests/crash/crash_env.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

class RocksDbUnderTest : public EngineUnderTest {
 public:
  RocksDbUnderTest() { Open(); }
  store::Engine& engine() override { return *engine_; }
  void Reopen() override {
    engine_.reset();
    Open();
  }
  void FailNextCommit() override { disk_.FailNextLogSync(); }

 private:
  void Open() {
    store::RocksDbTestHooks hooks;
    hooks.env = disk_.env();
    auto engine = store::RocksDbEngine::Open(temp_.Join("db"), {}, hooks);
    ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }

  TempDir temp_;
  CrashEnv disk_{1};
  std::unique_ptr<store::RocksDbEngine> engine_;
};

INSTANTIATE_TEST_SUITE_P(RocksDb, EngineContract,
                         testing::Values([]() -> std::unique_ptr<EngineUnderTest> {
                           return std::make_unique<RocksDbUnderTest>();
                         }));

TEST(RocksDbEngineTest, ASecondOpenIsRefused) {
  TempDir temp;
  const auto engine = store::RocksDbEngine::Open(temp.Join("db"));
  ASSERT_OK(engine);
  EXPECT_THAT(store::RocksDbEngine::Open(temp.Join("db")),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(RocksDbEngineTest, AnUnusableDirectoryIsUnavailable) {
  TempDir temp;
  WriteFile(temp.Join("file"), "x");
  EXPECT_THAT(store::RocksDbEngine::Open(temp.Join("file")),
              StatusIs(absl::StatusCode::kUnavailable));
}

// On a full disk RocksDB would end the process over it.
TEST(RocksDbEngineTest, NoTextLogIsKeptInTheDirectoryAndWarningsAreToldInstead) {
  TempDir temp;
  std::vector<std::string> told;
  store::RocksDbOptions options;
  options.tell = [&told](absl::string_view line) { told.emplace_back(line); };
  CrashEnv disk(1);
  store::RocksDbTestHooks hooks;
  hooks.env = disk.env();
  auto engine = store::RocksDbEngine::Open(temp.Join("db"), options, hooks);
  ASSERT_OK(engine);
  EXPECT_THAT(told, testing::IsEmpty());
  const uint64_t epoch = *(*engine)->AcquireFence();
  store::WriteBatch batch;
  batch.Put(store::Family::kMeta, "key", "value");
  disk.FailNextLogSync();
  EXPECT_FALSE((*engine)->Commit(batch, epoch).ok());
  EXPECT_THAT(told, testing::Not(testing::IsEmpty()));
  for (const auto& entry : std::filesystem::directory_iterator(temp.Join("db"))) {
    EXPECT_NE(entry.path().filename().string().substr(0, 3), "LOG") << entry.path();
  }
}

TEST(RocksDbEngineTest, WhatIsThrownWhileItOpensIsAnError) {
  class Throws : public rocksdb::EnvWrapper {
   public:
    Throws() : EnvWrapper(rocksdb::Env::Default()) {}
    const char* Name() const override { return "Throws"; }
    rocksdb::Status FileExists(const std::string& /*name*/) override {
      throw std::runtime_error("no thread left");
    }
  };
  TempDir temp;
  Throws env;
  store::RocksDbTestHooks hooks;
  hooks.env = &env;
  EXPECT_THAT(store::RocksDbEngine::Open(temp.Join("db"), {}, hooks),
              StatusIs(absl::StatusCode::kUnavailable, "STORE_IO"));
}

TEST(RocksDbEngineTest, ASnapshotKeepsTheStoreOpen) {
  TempDir temp;
  auto engine = store::RocksDbEngine::Open(temp.Join("db"));
  ASSERT_OK(engine);
  const auto snapshot = (*engine)->NewSnapshot();
  (*engine).reset();
  EXPECT_THAT(snapshot->Get(Family::kClaims, "key"), StatusIs(absl::StatusCode::kNotFound));
}

TEST(RocksDbStatusTest, EveryStatusHasItsMeaning) {
  using absl::StatusCode;
  using rocksdb::Status;
  const std::pair<Status, StatusCode> table[] = {
      {Status::OK(), StatusCode::kOk},
      {Status::NotFound(), StatusCode::kNotFound},
      {Status::Corruption(), StatusCode::kDataLoss},
      {Status::Busy(), StatusCode::kAborted},
      {Status::TryAgain(), StatusCode::kAborted},
      {Status::Expired(), StatusCode::kAborted},
      {Status::TimedOut(), StatusCode::kDeadlineExceeded},
      {Status::NoSpace(), StatusCode::kResourceExhausted},
      {Status::IOError(), StatusCode::kUnavailable},
      {Status::ShutdownInProgress(), StatusCode::kUnavailable},
      {Status::InvalidArgument(), StatusCode::kInternal},
      {Status::NotSupported(), StatusCode::kInternal},
      {Status::Incomplete(), StatusCode::kInternal},
      {Status::Aborted(), StatusCode::kInternal},
      {Status::MergeInProgress(), StatusCode::kInternal},
  };
  for (const auto& [status, code] : table) {
    EXPECT_THAT(store::FromRocksDb(status, "test"), StatusIs(code)) << status.ToString();
  }
}

}  // namespace
}  // namespace birthseal::tests
