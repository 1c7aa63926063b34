// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_engine.h"

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/keys.h"
#include "store/rocksdb/rocksdb_status.h"
#include "tests/contract/engine_contract.h"
#include "tests/crash/crash_env.h"
#include "tests/support/leaks_of_others.h"
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
  const store::FenceEpoch epoch = *(*engine)->AcquireFence();
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
  const LeaksOfOthers rocksdb;  // its half-opened store
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

// A store on a disk of its own, with some records in tables.
class RocksDbDamageTest : public testing::Test {
 protected:
  void SetUp() override {
    Open();
    epoch_ = *engine_->AcquireFence();
    ASSERT_OK(Put(store::Family::kMeta, "key", "value"));
  }
  absl::StatusOr<std::unique_ptr<store::RocksDbEngine>> TryOpen() {
    store::RocksDbTestHooks hooks;
    hooks.env = disk_.env();
    return store::RocksDbEngine::Open(temp_.Join("db"), {}, hooks);
  }
  void Open() {
    engine_.reset();
    auto engine = TryOpen();
    ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }
  absl::Status Put(store::Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    return engine_->Commit(batch, epoch_);
  }
  // What stands in memory goes to tables, and the store is closed.
  void CloseWithTables() {
    ASSERT_OK(engine_->Checkpoint(temp_.Join("copy")));
    engine_.reset();
  }
  std::vector<std::string> FilesOf(const std::string& ending) const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(temp_.Join("db"))) {
      if (entry.path().extension() == ending) paths.push_back(entry.path());
    }
    return paths;
  }

  const TempDir temp_;
  CrashEnv disk_{1};
  std::unique_ptr<store::RocksDbEngine> engine_;
  store::FenceEpoch epoch_;
};

TEST_F(RocksDbDamageTest, AFencingEpochThatIsNoneKeepsTheStoreShut) {
  ASSERT_OK(Put(store::Family::kMeta, store::FenceKey(), "short"));
  engine_.reset();
  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss, "STORE_DAMAGED"));
}

TEST_F(RocksDbDamageTest, AFencingEpochThatCannotBeReadKeepsTheStoreShut) {
  CloseWithTables();
  const auto tables = FilesOf(".sst");
  ASSERT_EQ(tables.size(), 1u);
  std::string bytes = ReadFile(tables[0]);
  bytes[5] = static_cast<char>(bytes[5] ^ 1);  // of the first block, which holds the records
  WriteFile(tables[0], bytes);
  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss, "STORE_DAMAGED"));
}

TEST_F(RocksDbDamageTest, TablesWithoutTheirListAreNoNewStore) {
  ASSERT_OK(Put(store::Family::kBodies, "key", std::string(5000, 'b')));  // in a blob file
  CloseWithTables();
  std::filesystem::remove(temp_.Join("db/CURRENT"));
  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss, "STORE_DAMAGED"));
  for (const std::string& table : FilesOf(".sst")) std::filesystem::remove(table);
  ASSERT_FALSE(FilesOf(".blob").empty());
  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss, "STORE_DAMAGED"));
}

TEST_F(RocksDbDamageTest, AFenceThatIsNotDurableIsNotTaken) {
  disk_.FailNextLogSync();
  EXPECT_FALSE(engine_->AcquireFence().ok());
  // Nor is anything taken away from then on.
  EXPECT_THAT(engine_->Clear(store::Family::kMeta, epoch_),
              StatusIs(absl::StatusCode::kAborted, "FENCED"));
  EXPECT_OK(engine_->NewSnapshot()->Get(store::Family::kMeta, "key"));
}

TEST_F(RocksDbDamageTest, OnlyTheWriterEmptiesAFamily) {
  EXPECT_THAT(engine_->Clear(store::Family::kMeta, epoch_.Plus(1)),
              StatusIs(absl::StatusCode::kAborted, "FENCED"));
  EXPECT_OK(engine_->NewSnapshot()->Get(store::Family::kMeta, "key"));
}

TEST_F(RocksDbDamageTest, ACopyIsNotMadeOverAnother) {
  ASSERT_OK(engine_->Checkpoint(temp_.Join("copy")));
  EXPECT_FALSE(engine_->Checkpoint(temp_.Join("copy")).ok());
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
