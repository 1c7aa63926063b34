// SPDX-License-Identifier: Apache-2.0
#include "store/journal/file_system.h"

#include <algorithm>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::store {
namespace {

using absl::StatusCode;
using tests::StatusIs;

class FileSystemTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return temp_.Join(name); }

  tests::TempDir temp_;
  FileSystem* files_ = FileSystem::Posix();
};

TEST_F(FileSystemTest, AppendedBytesAreReadBack) {
  auto file = files_->Create(Path("a"));
  ASSERT_OK(file);
  ASSERT_OK((*file)->Append("one "));
  ASSERT_OK((*file)->Append("two"));
  ASSERT_OK((*file)->Sync());
  EXPECT_EQ(*files_->Read(Path("a")), "one two");
  auto again = files_->OpenToAppend(Path("a"));
  ASSERT_OK(again);
  ASSERT_OK((*again)->Truncate(4));
  ASSERT_OK((*again)->Append("three"));
  EXPECT_EQ(*files_->Read(Path("a")), "one three");
}

TEST_F(FileSystemTest, CreateRefusesAFileThatIsThereAndOpenOneThatIsNot) {
  ASSERT_OK(files_->Create(Path("a")));
  EXPECT_FALSE(files_->Create(Path("a")).ok());
  EXPECT_THAT(files_->OpenToAppend(Path("b")).status(), StatusIs(StatusCode::kNotFound, "DISK_IO"));
  EXPECT_THAT(files_->Read(Path("b")).status(), StatusIs(StatusCode::kNotFound, "DISK_IO"));
}

TEST_F(FileSystemTest, DirectoryListsRenamesAndRemoves) {
  ASSERT_OK(files_->MakeDirectory(Path("d")));
  ASSERT_OK(files_->MakeDirectory(Path("d")));
  ASSERT_OK(files_->Create(Path("d/a")));
  ASSERT_OK(files_->Rename(Path("d/a"), Path("d/b")));
  ASSERT_OK(files_->SyncDirectory(Path("d")));
  std::vector<std::string> names = *files_->List(Path("d"));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{".", "..", "b"}));
  ASSERT_OK(files_->Remove(Path("d/b")));
  EXPECT_FALSE(files_->Remove(Path("d/b")).ok());
}

TEST_F(FileSystemTest, LockIsHeldByOneUntilItGoes) {
  auto held = files_->Lock(Path("LOCK"));
  ASSERT_OK(held);
  EXPECT_THAT(files_->Lock(Path("LOCK")).status(), StatusIs(StatusCode::kAborted, "FILE_IN_USE"));
  held->reset();
  EXPECT_OK(files_->Lock(Path("LOCK")));
}

// What cannot be, by the path alone.
TEST_F(FileSystemTest, EachOperationThatCannotBeDoneSaysWhetherSomethingIsMissing) {
  tests::WriteFile(Path("file"), "x");
  const std::string none = Path("none"), below_none = none + "/a",
                    below_a_file = Path("file") + "/a";
  auto device = files_->OpenToAppend("/dev/full");
  ASSERT_OK(device);
  const struct {
    const char* name;
    absl::Status status;
    StatusCode code;
  } rows[] = {
      {"make a folder in none", files_->MakeDirectory(below_none), StatusCode::kNotFound},
      {"make a folder in a file", files_->MakeDirectory(below_a_file), StatusCode::kUnavailable},
      {"sync no folder", files_->SyncDirectory(none), StatusCode::kNotFound},
      {"list no folder", files_->List(none).status(), StatusCode::kNotFound},
      {"read a folder", files_->Read(temp_.path()).status(), StatusCode::kUnavailable},
      {"create in no folder", files_->Create(below_none).status(), StatusCode::kNotFound},
      {"create what is there", files_->Create(Path("file")).status(), StatusCode::kUnavailable},
      {"rename nothing", files_->Rename(none, Path("b")), StatusCode::kNotFound},
      {"remove nothing", files_->Remove(none), StatusCode::kNotFound},
      {"lock in no folder", files_->Lock(below_none).status(), StatusCode::kNotFound},
      {"cut a device", (*device)->Truncate(0), StatusCode::kUnavailable},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(row.status, StatusIs(row.code, "DISK_IO")) << row.name;
  }
}

}  // namespace
}  // namespace birthseal::store
