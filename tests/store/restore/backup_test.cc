// SPDX-License-Identifier: Apache-2.0
#include "store/restore/backup.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/restore/backup_files.h"
#include "store/rocksdb/rocksdb_engine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::store {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using storage::v1::BackupManifest;
using storage::v1::Meta;
using tests::IsOk;
using tests::StatusIs;
using tests::TempDir;

// A store with some batches, and backups of it.
class BackupTest : public testing::Test {
 protected:
  BackupTest() { Reopen(); }

  void Reopen() {
    engine_.reset();
    auto engine = RocksDbEngine::Open(live());
    ASSERT_OK(engine);
    engine_ = *std::move(engine);
    auto fence = engine_->AcquireFence();
    ASSERT_OK(fence);
    fence_ = *fence;
  }
  void Commit(uint64_t sequence) {
    Meta meta;
    meta.set_format(1);
    meta.set_batch_sequence(sequence);
    meta.set_ledger_time(1'780'000'000'000'000 + static_cast<int64_t>(sequence) * 1'000'000);
    meta.set_log_epoch(1);
    meta.set_log_size(10 * sequence);
    meta.set_log_root(std::string(32, static_cast<char>(sequence)));
    WriteBatch batch;
    batch.Put(Family::kMeta, MetaKey(), meta.SerializeAsString());
    batch.Put(Family::kDocuments, IndexKey(sequence), std::string(5000, 'd'));  // a blob file
    batch.Put(Family::kLeaves, IndexKey(sequence), absl::StrCat("leaf ", sequence));
    ASSERT_OK(engine_->Commit(batch, fence_));
  }
  std::string live() const { return temp_.Join("live"); }
  std::string place() const { return temp_.Join("backups"); }
  std::string Of(const std::string& name) const { return place() + "/" + name; }
  // Some file of the copy whose name ends so.
  std::string FileOf(const std::string& name, const std::string& ending) const {
    for (const auto& entry : fs::directory_iterator(Of(name) + "/store")) {
      if (entry.path().extension() == ending) return entry.path();
    }
    ADD_FAILURE() << "no file " << ending;
    return "";
  }

  TempDir temp_;
  std::unique_ptr<RocksDbEngine> engine_;
  FenceEpoch fence_;
};

TEST_F(BackupTest, ACopyOfTheRunningStoreIsRestoredAsItWas) {
  for (uint64_t i = 1; i <= 3; ++i) Commit(i);
  const auto made = CreateBackup(*engine_, place(), "monday");
  ASSERT_OK(made);
  EXPECT_EQ(made->batch_sequence(), 3u);
  EXPECT_EQ(made->log_size(), 30u);
  EXPECT_EQ(made->log_root(), absl::BytesToHexString(std::string(32, 3)));
  EXPECT_EQ(made->time(), "2026-05-28T20:26:43Z");
  for (uint64_t i = 4; i <= 6; ++i) Commit(i);  // the copy does not move with the store

  ASSERT_OK(VerifyBackup(Of("monday")));
  const auto restored = RestoreBackup(Of("monday"), temp_.Join("restored"));
  ASSERT_OK(restored);
  const auto engine = RocksDbEngine::Open(temp_.Join("restored"));
  ASSERT_OK(engine);
  const auto snapshot = (*engine)->NewSnapshot();
  EXPECT_EQ(*snapshot->Get(Family::kDocuments, IndexKey(3)), std::string(5000, 'd'));
  EXPECT_THAT(snapshot->Get(Family::kLeaves, IndexKey(4)), StatusIs(StatusCode::kNotFound));
  Meta meta;
  ASSERT_TRUE(meta.ParseFromString(*snapshot->Get(Family::kMeta, MetaKey())));
  EXPECT_OK(CheckRestored(*restored, meta));
  meta.set_log_size(31);
  EXPECT_THAT(CheckRestored(*restored, meta), StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED"));
}

TEST_F(BackupTest, TheSameNameGivesTheSameBackupAndAnUnfinishedOneIsMadeAnew) {
  Commit(1);
  fs::create_directories(Of("monday.part/store"));  // a crash came in between
  tests::WriteFile(Of("monday.part/store/CURRENT"), "torn");
  const auto first = CreateBackup(*engine_, place(), "monday");
  ASSERT_OK(first);
  EXPECT_FALSE(fs::exists(Of("monday.part")));
  Commit(2);
  const auto again = CreateBackup(*engine_, place(), "monday");
  ASSERT_OK(again);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  ASSERT_OK(VerifyBackup(Of("monday")));
  for (const char* name : {"", "..", "a/b", "a b", "\xe4\xb8\x80"}) {
    EXPECT_THAT(CreateBackup(*engine_, place(), name),
                StatusIs(StatusCode::kInvalidArgument, "BACKUP_NAME"));
  }
}

TEST_F(BackupTest, ABackupOfANewStoreIsOne) {
  const auto made = CreateBackup(*engine_, place(), "empty");
  ASSERT_OK(made);
  EXPECT_EQ(made->batch_sequence(), 0u);
  ASSERT_OK(RestoreBackup(Of("empty"), temp_.Join("restored")));
}

TEST_F(BackupTest, EveryDamageIsNamed) {
  Commit(1);
  ASSERT_OK(CreateBackup(*engine_, place(), "good"));
  const auto damaged = [&](const std::string& name) {
    fs::copy(Of("good"), Of(name), fs::copy_options::recursive);
    return Of(name);
  };
  EXPECT_THAT(VerifyBackup(temp_.Join("nowhere")),
              StatusIs(StatusCode::kDataLoss, "BACKUP_UNFINISHED"));
  fs::remove(damaged("unfinished") + "/MANIFEST.birthseal");
  EXPECT_THAT(VerifyBackup(Of("unfinished")), StatusIs(StatusCode::kDataLoss, "BACKUP_UNFINISHED"));
  tests::WriteFile(damaged("unread") + "/MANIFEST.birthseal", "format: one");
  EXPECT_THAT(VerifyBackup(Of("unread")), StatusIs(StatusCode::kDataLoss, "BACKUP_MANIFEST"));

  damaged("flipped");
  const std::string blob = FileOf("flipped", ".blob");
  std::string bytes = tests::ReadFile(blob);
  bytes[bytes.size() / 2] ^= 1;
  tests::WriteFile(blob, bytes);
  damaged("missing");
  fs::remove(FileOf("missing", ".sst"));
  damaged("short");
  fs::resize_file(FileOf("short", ".sst"), 100);
  tests::WriteFile(damaged("more") + "/store/999999.sst", "x");
  for (const char* name : {"flipped", "missing", "short", "more"}) {
    EXPECT_THAT(VerifyBackup(Of(name)), StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED")) << name;
    EXPECT_THAT(RestoreBackup(Of(name), temp_.Join("into")),
                StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED"));
    EXPECT_FALSE(fs::exists(temp_.Join("into"))) << name;
  }
  fs::create_symlink("/etc/passwd", damaged("link") + "/store/link");
  EXPECT_THAT(VerifyBackup(Of("link")), StatusIs(StatusCode::kDataLoss, "NOT_A_PLAIN_FILE"));
  EXPECT_OK(VerifyBackup(Of("good")));
}

TEST_F(BackupTest, AStoreThatIsThereIsNeverOverwritten) {
  Commit(1);
  ASSERT_OK(CreateBackup(*engine_, place(), "good"));
  EXPECT_THAT(RestoreBackup(Of("good"), live()),
              StatusIs(StatusCode::kFailedPrecondition, "STORE_NOT_EMPTY"));
  Reopen();  // and it still opens
}

TEST(MemoryBackupTest, AStoreInMemoryHasNoCopy) {
  TempDir temp;
  MemoryEngine engine;
  EXPECT_THAT(CreateBackup(engine, temp.Join("backups"), "x"),
              StatusIs(StatusCode::kUnimplemented, "STORE_NOT_ON_DISK"));
}

TEST_F(BackupTest, ReadingACopyChangesNothing) {
  Commit(1);
  ASSERT_OK(CreateBackup(*engine_, place(), "good"));
  RocksDbOptions reading;
  reading.read_only = true;
  {
    const auto copy = RocksDbEngine::Open(Of("good") + "/store", reading);
    ASSERT_OK(copy);
    EXPECT_OK((*copy)->NewSnapshot()->Get(Family::kLeaves, IndexKey(1)));
    EXPECT_FALSE((*copy)->AcquireFence().ok());
  }
  EXPECT_OK(VerifyBackup(Of("good")));
}

}  // namespace
}  // namespace birthseal::store
