// SPDX-License-Identifier: Apache-2.0
// Backups on a disk that fails or changes in between, and manifests that say what is not so. The
// copy is that of an engine that writes two small files.
#include <google/protobuf/text_format.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "store/memory_engine.h"
#include "store/restore/backup.h"
#include "tests/support/status_matchers.h"
#include "tests/support/system_calls.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using storage::v1::BackupManifest;
using storage::v1::Meta;

class CopyingEngine : public store::MemoryEngine {
 public:
  absl::StatusOr<std::string> Checkpoint(const std::string& directory) const override {
    fs::create_directory(directory);
    WriteFile(directory + "/CURRENT", "the list\n");
    WriteFile(directory + "/000001.sst", "a table");
    if (link) fs::create_symlink("/dev/null", directory + "/link");
    return meta;
  }
  std::string meta = Meta().SerializeAsString();
  bool link = false;
};

class BackupFaultsTest : public testing::Test {
 protected:
  std::string place() const { return temp_.Join("backups"); }
  std::string Of(const std::string& name) const { return place() + "/" + name; }
  std::string store() const { return temp_.Join("store"); }
  void Make(const std::string& name) { ASSERT_OK(store::CreateBackup(engine_, place(), name)); }
  void ChangeManifest(const std::string& name, const std::function<void(BackupManifest&)>& change) {
    const std::string path = Of(name) + "/MANIFEST.birthseal";
    BackupManifest manifest;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadFile(path), &manifest));
    change(manifest);
    std::string text;
    google::protobuf::TextFormat::PrintToString(manifest, &text);
    WriteFile(path, text);
  }
  // Each call that syncs fails in turn, until none is left.
  void ExpectEverySyncComesOut(const std::function<absl::Status()>& act) {
    for (int good = 0; good < 100; ++good) {
      calls_.FailAfter(good, ENOSPC);
      const absl::Status status = act();
      if (!calls_.Stop()) {
        EXPECT_OK(status);
        EXPECT_GT(good, 0);
        return;
      }
      EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted, "DISK_FULL")) << good;
    }
    ADD_FAILURE() << "there is no end of it";
  }

  TempDir temp_;
  SyncCalls calls_;
  CopyingEngine engine_;
};

TEST_F(BackupFaultsTest, ABackupThatIsNotDurableIsNone) {
  ExpectEverySyncComesOut([&] {
    fs::remove_all(place());
    return store::CreateBackup(engine_, place(), "good").status();
  });
  EXPECT_OK(store::VerifyBackup(Of("good")));
}

TEST_F(BackupFaultsTest, ARestoreThatIsNotDurableIsNone) {
  Make("good");
  ExpectEverySyncComesOut([&] {
    fs::remove_all(store());
    return store::RestoreBackup(Of("good"), store()).status();
  });
  EXPECT_EQ(ReadFile(store() + "/000001.sst"), "a table");
}

TEST_F(BackupFaultsTest, WhatACrashLeftMustGoBeforeABackupIsMade) {
  fs::create_directories(Of("good.part"));
  WriteFile(Of("good.part") + "/left", "of an older one");
  calls_.FailAfter(0, EIO, "unlinkat");
  EXPECT_THAT(store::CreateBackup(engine_, place(), "good"),
              StatusIs(StatusCode::kUnavailable, "FILE_IO"));
  EXPECT_TRUE(calls_.Stop());
  Make("good");
  EXPECT_OK(store::VerifyBackup(Of("good")));
}

TEST_F(BackupFaultsTest, ABackupThatCannotBeNamedIsNone) {
  // The first is that of the manifest.
  for (const int good : {0, 1}) {
    calls_.FailAfter(good, EIO, "rename");
    EXPECT_THAT(store::CreateBackup(engine_, place(), "good"),
                StatusIs(StatusCode::kUnavailable, "FILE_IO"));
    EXPECT_TRUE(calls_.Stop());
    EXPECT_FALSE(fs::exists(Of("good")));
  }
}

TEST_F(BackupFaultsTest, ACopyWithoutCountersOrWithALinkIsNoBackup) {
  engine_.meta = "\xff";
  EXPECT_THAT(store::CreateBackup(engine_, place(), "good"),
              StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED"));
  engine_.meta.clear();
  engine_.link = true;
  EXPECT_THAT(store::CreateBackup(engine_, place(), "good"),
              StatusIs(StatusCode::kDataLoss, "NOT_A_PLAIN_FILE"));
  EXPECT_FALSE(fs::exists(Of("good")));
}

TEST_F(BackupFaultsTest, AManifestThatSaysWhatIsNotSoIsRefused) {
  const struct {
    const char* name;
    const char* reason;
    std::function<void(BackupManifest&)> change;
  } rows[] = {
      {"format", "BACKUP_MANIFEST", [](auto& m) { m.set_format(2); }},
      {"size", "BACKUP_DAMAGED", [](auto& m) { m.mutable_files(0)->set_size(1); }},
      {"sum", "BACKUP_DAMAGED", [](auto& m) { m.mutable_files(0)->set_sm3("00"); }},
      {"twice", "BACKUP_DAMAGED", [](auto& m) { *m.add_files() = m.files(0); }},
      {"absent", "BACKUP_DAMAGED", [](auto& m) { m.add_files()->set_path("store/none"); }},
      {"many", "BACKUP_DAMAGED", [](auto& m) { m.mutable_files()->RemoveLast(); }},
  };
  for (const auto& row : rows) {
    Make(row.name);
    ChangeManifest(row.name, row.change);
    EXPECT_THAT(store::VerifyBackup(Of(row.name)), StatusIs(StatusCode::kDataLoss, row.reason))
        << row.name;
  }
}

// All of it is read, or none.
TEST_F(BackupFaultsTest, AManifestThatEndsInNonsenseIsRefused) {
  Make("good");
  const std::string path = Of("good") + "/MANIFEST.birthseal";
  WriteFile(path, ReadFile(path) + "nonsense");
  EXPECT_THAT(store::VerifyBackup(Of("good")), StatusIs(StatusCode::kDataLoss, "BACKUP_MANIFEST"));
}

TEST_F(BackupFaultsTest, AFileBesideTheCopyHasNoPlaceInABackup) {
  Make("good");
  fs::copy_file(Of("good") + "/store/CURRENT", Of("good") + "/CURRENT");
  ChangeManifest("good", [](BackupManifest& m) {
    BackupManifest::File file;
    for (const auto& known : m.files()) {
      if (known.path() == "store/CURRENT") file = known;
    }
    file.set_path("CURRENT");
    *m.add_files() = file;
  });
  EXPECT_THAT(store::VerifyBackup(Of("good")), StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED"));
}

TEST_F(BackupFaultsTest, AManifestThatCannotBeReadIsNotTakenForNone) {
  Make("good");
  fs::remove(Of("good") + "/MANIFEST.birthseal");
  fs::create_directory(Of("good") + "/MANIFEST.birthseal");
  EXPECT_THAT(store::VerifyBackup(Of("good")), StatusIs(StatusCode::kUnavailable, "FILE_IO"));
}

// The first sync of a restore is that of the new folder: all files are verified by then.
TEST_F(BackupFaultsTest, AFileThatChangesWhileItIsCopiedIsNoticed) {
  Make("good");
  calls_.BeforeNext([&] { WriteFile(Of("good") + "/store/000001.sst", "a taboo"); });
  EXPECT_THAT(store::RestoreBackup(Of("good"), store()),
              StatusIs(StatusCode::kDataLoss, "BACKUP_DAMAGED"));
  EXPECT_FALSE(fs::exists(store() + "/CURRENT"));
}

}  // namespace
}  // namespace birthseal::tests
