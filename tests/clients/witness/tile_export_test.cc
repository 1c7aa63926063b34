// SPDX-License-Identifier: Apache-2.0
// The tile export over a SmallLog: what stands in the directory after growth, kills and lies.
#include "clients/witness/tile_export.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/tiles.h"
#include "clients/witness/tile_files.h"
#include "tests/clients/witness/witness_fixture.h"
#include "tests/support/temp_dir.h"

namespace birthseal::witness {
namespace {

namespace fs = std::filesystem;
using tests::SignedNote;
using tests::StatusIs;

class TileExportTest : public ::testing::Test {
 protected:
  TileExportTest() {
    options_.directory = dir_.Join("tiles");
    options_.log_name = "birthseal.example/log";
    options_.log_keys = {tests::ToyKey("log")};
  }
  void GrowTo(size_t size) {
    while (log_.updates.size() < size) log_.Intent(log_.updates.size() + 1);
  }
  ListEntries Lister() {
    return [this](certs::LogEpoch epoch, certs::LeafIndex first,
                  int count) -> absl::StatusOr<std::vector<std::string>> {
      EXPECT_EQ(epoch, certs::LogEpoch(log_.epoch));
      asked_.push_back(first.value());
      std::vector<std::string> leaves;
      for (size_t i = first.value(); i < log_.updates.size() && leaves.size() < size_t(count);
           ++i) {
        leaves.push_back(log_.updates[i].leaf);
      }
      return leaves;
    };
  }
  absl::StatusOr<TileExportReport> Export() {
    asked_.clear();
    return ExportTiles(options_, SignedNote(log_.Head()), Lister());
  }
  // Every published file.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(options_.directory)) {
      const std::string path = fs::relative(entry.path(), options_.directory).string();
      if (entry.is_regular_file() && path != ".lock") files[path] = tests::ReadFile(entry.path());
    }
    return files;
  }
  std::string Path(const std::string& path) const { return options_.directory + "/" + path; }

  tests::TempDir dir_;
  TileExportOptions options_;
  tests::SmallLog log_;
  std::vector<uint64_t> asked_;
};

TEST_F(TileExportTest, WritesWhatTheLayoutSays) {
  GrowTo(300);
  const auto report = Export();
  ASSERT_OK(report);
  EXPECT_EQ(report->written, 5u);
  std::vector<std::string> names;
  for (const auto& file : Files()) names.push_back(file.first);
  EXPECT_THAT(names, testing::UnorderedElementsAre(
                         "1/checkpoint", "1/tile/0/000", "1/tile/0/001.p/44", "1/tile/1/000.p/1",
                         "1/tile/entries/000", "1/tile/entries/001.p/44"));
  EXPECT_EQ(Files()["1/checkpoint"], SignedNote(log_.Head()));
  struct stat facts {};
  ASSERT_EQ(stat(Path("1/tile/0/000").c_str(), &facts), 0);
  EXPECT_TRUE(facts.st_mode & S_IROTH);
}

TEST_F(TileExportTest, AsksForNewLeavesAloneAndRewritesNothing) {
  GrowTo(300);
  ASSERT_OK(Export());
  const auto before = Files();
  const auto time = fs::last_write_time(Path("1/tile/0/000"));
  GrowTo(520);
  const auto report = Export();
  ASSERT_OK(report);
  EXPECT_EQ(report->old_size, certs::LogSize(300));
  EXPECT_EQ(asked_.front(), 300u);
  EXPECT_EQ(fs::last_write_time(Path("1/tile/0/000")), time);
  const auto after = Files();
  for (const auto& [path, content] : before) {
    if (path != "1/checkpoint") EXPECT_TRUE(after.at(path) == content) << path;
  }
  // At once, or step by step: the same tiles.
  options_.directory = dir_.Join("at once");
  ASSERT_OK(Export());
  for (const auto& [path, content] : Files()) EXPECT_TRUE(after.at(path) == content) << path;
}

TEST_F(TileExportTest, NothingNewAsksForNothing) {
  GrowTo(300);
  ASSERT_OK(Export());
  const auto before = Files();
  const auto report = Export();
  ASSERT_OK(report);
  EXPECT_EQ(report->written, 0u);
  EXPECT_THAT(asked_, testing::IsEmpty());
  EXPECT_TRUE(Files() == before);
}

TEST_F(TileExportTest, TheNextEpochStandsBesideTheOld) {
  GrowTo(5);
  ASSERT_OK(Export());
  log_ = log_.Recovered(5, 5);
  ASSERT_OK(Export());
  EXPECT_EQ(Files().count("1/checkpoint") + Files().count("2/checkpoint"), 2u);
}

TEST_F(TileExportTest, LeavesThatDoNotGiveTheRootArePublishedNowhere) {
  GrowTo(300);
  ASSERT_OK(Export());
  const auto before = Files();
  GrowTo(600);
  const std::string note = SignedNote(log_.Head());
  log_.updates[400].leaf = log_.updates[399].leaf;
  EXPECT_THAT(ExportTiles(options_, note, Lister()),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_FORKED"));
  EXPECT_TRUE(Files()["1/checkpoint"] == before.at("1/checkpoint"));
  EXPECT_FALSE(fs::exists(Path("1/tile/0/001")));
  // The honest log afterwards is taken.
  log_.updates[400].leaf = Canonical(tests::SmallLog::LeafOf(certs::LeafKind::kIntent, 401));
  EXPECT_OK(ExportTiles(options_, note, Lister()));
}

TEST_F(TileExportTest, AnotherHistoryAndASmallerLogAreRefused) {
  GrowTo(300);
  ASSERT_OK(Export());
  EXPECT_THAT(ExportTiles(options_, SignedNote(log_.HeadAt(299)), Lister()),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_ROLLED_BACK"));
  tests::SmallLog other;
  other.Intent(7);
  std::swap(log_, other);
  GrowTo(300);
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "LOG_FORKED"));
  GrowTo(400);
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "LOG_FORKED"));
}

TEST_F(TileExportTest, ANoteThatTheLogDidNotSignIsRefused) {
  GrowTo(3);
  EXPECT_THAT(ExportTiles(options_, SignedNote(log_.Head(), "thief"), Lister()),
              StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY"));
  log_.name = "another.example/log";
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kInvalidArgument, "CHECKPOINT_OF_ANOTHER_LOG"));
  options_.log_keys.clear();
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kInvalidArgument, "LOG_KEY"));
}

// The log key signed it, and yet it is not that of these tiles.
TEST_F(TileExportTest, ACheckpointThatIsNotOfItsTilesIsNoticed) {
  GrowTo(300);
  ASSERT_OK(Export());
  const certs::TreeHead head = log_.Head();
  GrowTo(301);
  certs::TreeHead other = head;
  other.origin = certs::OriginOf(log_.name, certs::LogEpoch(2));
  certs::TreeHead fork = head;
  fork.root = certs::Sm3Of("another");
  for (const certs::TreeHead& wrong : {other, fork}) {
    tests::WriteFile(Path("1/checkpoint"), SignedNote(wrong));
    EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "TILES_DAMAGED"));
  }
  other.origin = certs::OriginOf("another.example/log", certs::LogEpoch(1));
  tests::WriteFile(Path("1/checkpoint"), SignedNote(other));
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kInvalidArgument, "CHECKPOINT_OF_ANOTHER_LOG"));
  tests::WriteFile(Path("1/checkpoint"), SignedNote(head));
  EXPECT_OK(Export());
}

TEST_F(TileExportTest, MoreLeavesThanWereAskedForAreNotTaken) {
  GrowTo(9);
  const auto all = [this](certs::LogEpoch, certs::LeafIndex, int) {
    std::vector<std::string> leaves;
    for (const auto& update : log_.updates) leaves.push_back(update.leaf);
    return absl::StatusOr<std::vector<std::string>>(std::move(leaves));
  };
  EXPECT_THAT(ExportTiles(options_, SignedNote(log_.HeadAt(3)), all),
              StatusIs(absl::StatusCode::kUnavailable, "LOG_SHORT"));
}

TEST_F(TileExportTest, ALogThatAnswersNothingIsAnError) {
  GrowTo(3);
  const auto silent = [](certs::LogEpoch, certs::LeafIndex,
                         int) -> absl::StatusOr<std::vector<std::string>> {
    return std::vector<std::string>{};
  };
  EXPECT_THAT(ExportTiles(options_, SignedNote(log_.Head()), silent),
              StatusIs(absl::StatusCode::kUnavailable, "LOG_SHORT"));
}

TEST_F(TileExportTest, ADamagedDirectoryIsNoticed) {
  GrowTo(300);
  ASSERT_OK(Export());
  GrowTo(301);
  const auto whole = Files();
  for (const char* path : {"1/tile/0/001.p/44", "1/tile/1/000.p/1", "1/tile/entries/001.p/44"}) {
    std::string content = whole.at(path);
    content[9] ^= 1;
    tests::WriteFile(Path(path), content);
    EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "TILES_DAMAGED")) << path;
    fs::remove(Path(path));
    EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "TILES_DAMAGED")) << path;
    tests::WriteFile(Path(path), whole.at(path));
  }
  EXPECT_OK(Export());
}

// Killed while it published: some tiles have their names, the checkpoint is the old one.
TEST_F(TileExportTest, GoesOnAfterAKillAtEveryFile) {
  GrowTo(600);
  ASSERT_OK(Export());
  const auto whole = Files();
  std::vector<std::string> paths;
  for (const auto& file : whole) {
    if (!absl::EndsWith(file.first, "checkpoint")) paths.push_back(file.first);
  }
  for (size_t named = 0; named <= paths.size(); ++named) {
    options_.directory = dir_.Join(absl::StrCat("killed", named));
    for (size_t i = 0; i < paths.size(); ++i) {
      const std::string path = Path((i < named ? "" : ".new/") + paths[i]);
      fs::create_directories(fs::path(path).parent_path());
      tests::WriteFile(path, whole.at(paths[i]));
    }
    ASSERT_OK(Export()) << named;
    EXPECT_TRUE(Files() == whole) << named;
  }
}

TEST_F(TileExportTest, ANameTakenByOtherBytesIsNeverOverwritten) {
  GrowTo(300);
  fs::create_directories(Path("1/tile/0"));
  tests::WriteFile(Path("1/tile/0/000"), "someone else's");
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kDataLoss, "TILES_DAMAGED"));
  EXPECT_EQ(tests::ReadFile(Path("1/tile/0/000")), "someone else's");
  EXPECT_FALSE(fs::exists(Path("1/checkpoint")));
}

TEST_F(TileExportTest, OneExportAtATime) {
  GrowTo(3);
  const auto files = TileFiles::Open(options_.directory);
  ASSERT_OK(files);
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kFailedPrecondition, "TILES_IN_USE"));
}

TEST_F(TileExportTest, ADirectoryThatCannotBeIsAClearError) {
  GrowTo(3);
  tests::WriteFile(dir_.Join("file"), "");
  options_.directory = dir_.Join("file/tiles");
  EXPECT_THAT(Export(), StatusIs(absl::StatusCode::kUnavailable, "TILES_FILE"));
}

}  // namespace
}  // namespace birthseal::witness
