#include "store/rocksdb_engine.h"

#include <rocksdb/status.h>

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
