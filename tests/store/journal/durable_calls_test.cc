// SPDX-License-Identifier: Apache-2.0
// What reaches the kernel: each operation that promises durability syncs the right file or folder
// before it answers, and each error number becomes the answer that says what to do.
#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "gmock/gmock.h"
#include "store/journal/file_system.h"
#include "store/journal/journal.h"
#include "store/restore/backup_files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/system_calls.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

class DurableCallsTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return temp_.Join(name); }
  // What answers when the kernel does.
  absl::Status SyncOfAFile(int error) {
    auto file = files_->OpenToAppend(Path("file"));
    EXPECT_OK(file);
    calls_.FailNext(error);
    return (*file)->Sync();
  }
  absl::Status SyncOfTheFolder(int error) {
    calls_.FailNext(error);
    return files_->SyncDirectory(temp_.path());
  }

  const TempDir temp_;
  store::FileSystem* const files_ = store::FileSystem::Posix();
  SyncCalls calls_;
};

TEST_F(DurableCallsTest, ASyncedFileIsSyncedOnceAndByItself) {
  auto file = files_->Create(Path("file"));
  ASSERT_OK(file);
  ASSERT_OK((*file)->Append("bytes"));
  EXPECT_THAT(calls_.Take(), IsEmpty());
  ASSERT_OK((*file)->Sync());
  EXPECT_THAT(calls_.Take(), ElementsAre(SyncCall{"fdatasync", Path("file")}));
}

TEST_F(DurableCallsTest, ASyncedFolderIsTheFolderItself) {
  ASSERT_OK(files_->MakeDirectory(Path("folder")));
  ASSERT_OK(files_->SyncDirectory(Path("folder")));
  EXPECT_THAT(calls_.Take(), ElementsAre(SyncCall{"fsync", Path("folder")}));
  EXPECT_THAT(files_->SyncDirectory(Path("none")), StatusIs(StatusCode::kNotFound, "DISK_IO"));
}

TEST_F(DurableCallsTest, AFailedSyncSaysWhetherRoomIsWanted) {
  ASSERT_OK(files_->Create(Path("file")));
  for (const int error : {ENOSPC, EDQUOT}) {
    EXPECT_THAT(SyncOfAFile(error), StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
    EXPECT_THAT(SyncOfTheFolder(error), StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
  }
  EXPECT_THAT(SyncOfAFile(EIO), StatusIs(StatusCode::kUnavailable, "DISK_IO"));
  EXPECT_THAT(SyncOfTheFolder(EIO), StatusIs(StatusCode::kUnavailable, "DISK_IO"));
}

// A device that is always full: needs no root.
TEST_F(DurableCallsTest, AWriteWithoutRoomSaysThatTheDiskIsFull) {
  auto full = files_->OpenToAppend("/dev/full");
  ASSERT_OK(full);
  EXPECT_THAT((*full)->Append("x"), StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
}

// The promise that the ledger builds on: a batch is in the journal when Append has answered.
TEST_F(DurableCallsTest, EveryBatchOfTheJournalIsSyncedBeforeTheAnswer) {
  auto journal = store::Journal::Open(Path("journal"));
  ASSERT_OK(journal);
  store::WriteBatch batch;
  batch.Put(store::Family::kAudit, "key", "value");
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    ASSERT_OK((*journal)->Append(sequence, store::FenceEpoch(1), batch));
    const std::vector<SyncCall> calls = calls_.Take();
    ASSERT_FALSE(calls.empty());
    EXPECT_EQ(calls.back().name, "fdatasync");
    EXPECT_EQ(std::filesystem::path(calls.back().path).parent_path(), Path("journal"));
    const bool new_segment = sequence == 1;
    EXPECT_EQ(std::count(calls.begin(), calls.end(), SyncCall{"fsync", Path("journal")}),
              new_segment ? 1 : 0);
  }
  calls_.FailNext(ENOSPC);
  EXPECT_FALSE((*journal)->Append(4, store::FenceEpoch(1), batch).ok());
}

TEST_F(DurableCallsTest, FilesOfABackupAreSyncedAndSoAreTheirFolders) {
  ASSERT_OK(store::MakeDirectories(Path("a/b")));
  EXPECT_THAT(calls_.Take(),
              ElementsAre(SyncCall{"fsync", temp_.path()}, SyncCall{"fsync", Path("a")}));
  ASSERT_OK(store::WriteDurably(Path("a/b/file"), "bytes"));
  EXPECT_THAT(calls_.Take(),
              ElementsAre(SyncCall{"fsync", Path("a/b/file.new")}, SyncCall{"fsync", Path("a/b")}));
  ASSERT_OK(store::CopyDurably(Path("a/b/file"), Path("a/copy")));
  EXPECT_THAT(calls_.Take(), ElementsAre(SyncCall{"fsync", Path("a/copy")}));
  calls_.FailNext(ENOSPC);
  EXPECT_THAT(store::WriteDurably(Path("a/full"), "bytes"),
              StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
}

// A file whose size cannot be asked for is not an empty one.
TEST_F(DurableCallsTest, AFileOfUnknownSizeIsNotRead) {
  WriteFile(Path("file"), "bytes");
  EXPECT_EQ(*files_->Read(Path("file")), "bytes");
  calls_.FailAfter(0, EIO, "fstat");
  EXPECT_THAT(files_->Read(Path("file")), StatusIs(StatusCode::kUnavailable, "DISK_IO"));
  EXPECT_TRUE(calls_.Stop());
}

TEST_F(DurableCallsTest, AFolderWhoseParentIsNotDurableIsNotMade) {
  calls_.FailNext(EIO);
  EXPECT_THAT(store::MakeDirectories(Path("a/b")), StatusIs(StatusCode::kUnavailable, "FILE_IO"));
  EXPECT_FALSE(std::filesystem::exists(Path("a/b")));
}

TEST_F(DurableCallsTest, ACopyThatIsNotDurableIsNone) {
  WriteFile(Path("file"), "bytes");
  calls_.FailNext(ENOSPC);
  EXPECT_THAT(store::CopyDurably(Path("file"), Path("copy")),
              StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
  calls_.FailNext(EDQUOT);
  EXPECT_THAT(store::SyncFile(Path("file")), StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
}

// Without the promise of durability: what each helper says of paths that cannot be.
TEST_F(DurableCallsTest, EachHelperOfABackupSaysWhetherSomethingIsMissing) {
  WriteFile(Path("file"), "four");
  std::filesystem::create_directory(Path("folder"));
  std::filesystem::create_symlink("/dev/full", Path("full.new"));
  const std::string none = Path("none"), below_none = none + "/a",
                    below_a_file = Path("file") + "/a";
  const struct {
    const char* name;
    absl::Status status;
    StatusCode code;
    const char* reason;
  } rows[] = {
      {"list nothing", store::FilesBelow(none).status(), StatusCode::kNotFound, "FILE_IO"},
      {"empty below a file", store::IsEmptyDirectory(below_a_file).status(),
       StatusCode::kUnavailable, "FILE_IO"},
      {"digest of nothing", store::DigestOfFile(none).status(), StatusCode::kNotFound, "FILE_IO"},
      {"digest of a folder", store::DigestOfFile(Path("folder")).status(), StatusCode::kUnavailable,
       "FILE_IO"},
      {"read nothing", store::ReadSmallFile(none, 9).status(), StatusCode::kNotFound, "FILE_IO"},
      {"read too much", store::ReadSmallFile(Path("file"), 3).status(), StatusCode::kDataLoss,
       "FILE_TOO_LARGE"},
      {"read what fits", store::ReadSmallFile(Path("file"), 4).status(), StatusCode::kOk, ""},
      {"folder below a file", store::MakeDirectories(below_a_file), StatusCode::kUnavailable,
       "FILE_IO"},
      {"write to no folder", store::WriteDurably(below_none, "x"), StatusCode::kNotFound,
       "FILE_IO"},
      {"write without room", store::WriteDurably(Path("full"), "x"), StatusCode::kResourceExhausted,
       "DISK_FULL"},
      {"write over a folder", store::WriteDurably(Path("folder"), "x"), StatusCode::kUnavailable,
       "FILE_IO"},
      {"copy to no folder", store::CopyDurably(Path("file"), below_none).status(),
       StatusCode::kNotFound, "FILE_IO"},
      {"copy nothing", store::CopyDurably(none, Path("copy")).status(), StatusCode::kNotFound,
       "FILE_IO"},
      {"copy over a file", store::CopyDurably(Path("folder"), Path("file")).status(),
       StatusCode::kUnavailable, "FILE_IO"},
      {"sync nothing", store::SyncFile(none), StatusCode::kNotFound, "FILE_IO"},
      {"remove what has no name", store::RemoveTree(Path(std::string(300, 'n'))),
       StatusCode::kUnavailable, "FILE_IO"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(row.status.code(), row.code) << row.name << ": " << row.status;
    EXPECT_EQ(certs::ReasonOf(row.status), row.reason) << row.name;
  }
}

}  // namespace
}  // namespace birthseal::tests
