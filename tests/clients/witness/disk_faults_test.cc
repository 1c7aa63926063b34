// SPDX-License-Identifier: Apache-2.0
// Every call to the kernel about the files of a witness and of a tile export fails once: it always
// comes out, what was there before stays whole, and the next try succeeds.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/witness/file_state.h"
#include "clients/witness/tile_export.h"
#include "clients/witness/tile_files.h"
#include "clients/witness/witness.h"
#include "tests/clients/witness/witness_fixture.h"
#include "tests/support/failing_calls.h"
#include "tests/support/temp_dir.h"

namespace birthseal::witness {
namespace {

namespace fs = std::filesystem;
using tests::SignedNote;
using tests::StatusIs;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class DiskFaultsTest : public ::testing::Test {
 protected:
  using Step = std::function<absl::Status(const std::string& folder)>;

  // `before` prepares a fresh folder; `act` is then done with one of its calls failing, and again
  // without. Gives the calls that failed, in order, without the folder.
  std::vector<std::string> ExpectEveryFaultComesOut(const char* reason, const Step& before,
                                                    const Step& act) {
    std::vector<std::string> calls;
    for (int good = 0; good < 1000; ++good) {
      const std::string folder = dir_.Join(absl::StrCat("fault", ++folders_));
      fs::create_directory(folder);
      EXPECT_OK(before(folder));
      faults_.FailAfter(good);
      const absl::Status status = act(folder);
      const std::string struck = faults_.Stop();
      if (struck.empty()) {
        EXPECT_GT(good, 0);
        EXPECT_OK(status);
        return calls;
      }
      calls.push_back(absl::StrReplaceAll(struck, {{folder, ""}}));
      EXPECT_THAT(status, StatusIs(kUnavailable, reason)) << struck;
      EXPECT_OK(act(folder)) << "after " << struck;
    }
    ADD_FAILURE() << "the act never ends";
    return calls;
  }
  static absl::Status Nothing(const std::string&) { return absl::OkStatus(); }
  // A state with a mirror of three leaves, in a folder of its own.
  static absl::Status Kept(const std::string& folder) {
    auto state = FileState::Open(folder);
    if (!state.ok()) return state.status();
    absl::Status kept = (*state)->Save("one");
    kept.Update((*state)->Mirror(certs::LogEpoch(1), certs::LeafIndex(0),
                                 {{"a", {"x"}}, {"b", {}}, {"c", {}}}));
    return kept;
  }
  // Something done to that state, opened before the calls are watched.
  using Done = std::function<absl::Status(FileState*)>;
  std::vector<std::string> ExpectEveryFaultOfComesOut(const Done& done) {
    std::unique_ptr<FileState> state;
    return ExpectEveryFaultComesOut(
        "WITNESS_FILE",
        [&](const std::string& folder) -> absl::Status {
          state.reset();
          absl::Status kept = Kept(folder);
          auto opened = FileState::Open(folder);
          if (opened.ok()) state = *std::move(opened);
          kept.Update(opened.status());
          return kept;
        },
        [&](const std::string&) { return done(state.get()); });
  }

  const tests::TempDir dir_;
  tests::Faults faults_;
  const tests::FailingCalls calls_{dir_.path(), &faults_};
  int folders_ = 0;
};

TEST_F(DiskFaultsTest, OpeningAStateMakesItsFoldersAndTheirNamesDurable) {
  const std::vector<std::string> calls = ExpectEveryFaultComesOut(
      "WITNESS_FILE", Nothing,
      [](const std::string& folder) { return FileState::Open(folder + "/a/b").status(); });
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "fsync /a"), 1);    // for b
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "fsync /a/b"), 2);  // for mirror and evidence
}

TEST_F(DiskFaultsTest, WhatReplacesAStateIsDurableBeforeItHasItsName) {
  const std::vector<std::string> calls =
      ExpectEveryFaultOfComesOut([](FileState* state) { return state->Save("two"); });
  EXPECT_THAT(calls, testing::ElementsAre("open /state.new", "pwrite /state.new",
                                          "fsync /state.new", "rename /state", "open ", "fsync "));
}

TEST_F(DiskFaultsTest, AStateIsReplacedWholeOrStays) {
  ExpectEveryFaultComesOut("WITNESS_FILE", Kept, [](const std::string& folder) -> absl::Status {
    auto state = FileState::Open(folder);
    if (!state.ok()) return state.status();
    const absl::Status saved = (*state)->Save("another");
    const std::string bytes = tests::ReadFile(folder + "/state");
    const std::string body = bytes.substr(0, bytes.size() - 32);
    EXPECT_TRUE(body == "another" || (!saved.ok() && body == "one")) << body;
    return saved;
  });
}

// A witness that took what it cannot read for nothing would cosign anew, and perhaps otherwise.
TEST_F(DiskFaultsTest, AStateThatCannotBeReadIsNotTakenForNone) {
  ExpectEveryFaultOfComesOut([](FileState* state) -> absl::Status {
    const auto loaded = state->Load();
    if (loaded.ok()) EXPECT_EQ(*loaded, "one");
    return loaded.status();
  });
}

TEST_F(DiskFaultsTest, TheMirrorIsWrittenAndReadOrSaysSo) {
  ExpectEveryFaultOfComesOut([](FileState* state) {
    return state->Mirror(certs::LogEpoch(1), certs::LeafIndex(2), {{"d", {}}});
  });
  ExpectEveryFaultOfComesOut([](FileState* state) {
    return state->Mirror(certs::LogEpoch(2), certs::LeafIndex(0), {{"d", {}}});
  });
  ExpectEveryFaultOfComesOut(
      [](FileState* state) { return state->MirrorSize(certs::LogEpoch(1)).status(); });
  ExpectEveryFaultOfComesOut([](FileState* state) -> absl::Status {
    const auto read = state->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 9);
    if (read.ok()) EXPECT_EQ(read->size(), 3u);
    return read.status();
  });
}

TEST_F(DiskFaultsTest, EvidenceIsKeptWholeOrItIsSaid) {
  const Evidence evidence{"LOG_FORKED", "two histories",    absl::UnixEpoch(),   "known",
                          "offered",    certs::LogEpoch(1), certs::LeafIndex(2), {{"leaf", {}}}};
  ExpectEveryFaultOfComesOut([&](FileState* state) { return state->Keep(evidence); });
}

TEST_F(DiskFaultsTest, ALookAtAState) {
  ExpectEveryFaultComesOut("WITNESS_FILE", Kept, [](const std::string& folder) -> absl::Status {
    auto state = FileState::OpenReadOnly(folder);
    if (!state.ok()) return state.status();
    absl::Status seen = (*state)->Load().status();
    seen.Update((*state)->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 3).status());
    return seen;
  });
}

// Tiles.

class TileFaultsTest : public DiskFaultsTest {
 protected:
  TileFaultsTest() {
    while (log_.updates.size() < 600) log_.Intent(log_.updates.size() + 1);
    for (const size_t size : {300, 600}) notes_[size] = SignedNote(log_.HeadAt(size));
  }
  absl::Status Export(const std::string& directory, size_t size) const {
    const TileExportOptions options{directory, log_.name, {tests::ToyKey("log")}};
    const auto list = [&](certs::LogEpoch, certs::LeafIndex first, int count) {
      std::vector<std::string> leaves;
      for (size_t i = first.value(); i < size && leaves.size() < static_cast<size_t>(count); ++i) {
        leaves.push_back(log_.updates[i].leaf);
      }
      return absl::StatusOr<std::vector<std::string>>(std::move(leaves));
    };
    return ExportTiles(options, notes_.at(size), list).status();
  }
  // Every published file.
  static std::map<std::string, std::string> Files(const std::string& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      const std::string path = fs::relative(entry.path(), directory).string();
      if (!entry.is_regular_file() || path == ".lock" || path.rfind(".new", 0) == 0) continue;
      files[path] = tests::ReadFile(entry.path());
    }
    return files;
  }
  tests::SmallLog log_;
  std::map<size_t, std::string> notes_;  // signed at the sizes used here
};

TEST_F(TileFaultsTest, AnExportIsWholeOrSaysSoAndTheNextOneGoesOn) {
  ASSERT_OK(Export(dir_.Join("small"), 300));
  ASSERT_OK(Export(dir_.Join("large"), 300));
  ASSERT_OK(Export(dir_.Join("large"), 600));
  const auto small = Files(dir_.Join("small")), large = Files(dir_.Join("large"));
  const auto before = [&](const std::string& folder) {
    const absl::Status made = Export(folder, 300);
    fs::create_directories(folder + "/.new/left");  // by one that was killed
    tests::WriteFile(folder + "/.new/left/over", "half");
    return made;
  };
  ExpectEveryFaultComesOut("TILES_FILE", before, [&](const std::string& folder) {
    const absl::Status made = Export(folder, 600);
    const auto files = Files(folder);
    const std::string checkpoint = files.at("1/checkpoint");
    if (made.ok()) EXPECT_TRUE(files == large);
    EXPECT_TRUE(checkpoint == small.at("1/checkpoint") || checkpoint == large.at("1/checkpoint"));
    for (const auto& [path, content] : files) {
      const bool known = large.count(path) > 0 ? large.at(path) == content : small.count(path) > 0;
      EXPECT_TRUE(path == "1/checkpoint" || known) << path;
    }
    for (const auto& [path, content] : checkpoint == small.at("1/checkpoint") ? small : large) {
      EXPECT_EQ(files.count(path), 1u) << path;
    }
    return made;
  });
}

TEST_F(TileFaultsTest, AnEmptyFileIsStagedOrItIsSaid) {
  ExpectEveryFaultComesOut("TILES_FILE", Nothing, [](const std::string& folder) -> absl::Status {
    auto files = TileFiles::Open(folder + "/tiles");
    return files.ok() ? files->Stage("1/empty", "") : files.status();
  });
}

TEST_F(TileFaultsTest, WhatIsThereAndCannotBeReadIsNotTakenForNone) {
  fs::create_directories(dir_.Join("tiles/1/tile/0/000"));  // a folder where a tile belongs
  EXPECT_THAT(Export(dir_.Join("tiles"), 300), StatusIs(kUnavailable, "TILES_FILE"));
  EXPECT_FALSE(fs::exists(dir_.Join("tiles/1/checkpoint")));
}

}  // namespace
}  // namespace birthseal::witness
