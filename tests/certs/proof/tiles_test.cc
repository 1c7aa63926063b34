// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/tiles.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "gmock/gmock.h"
#include "tests/support/faults.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Leaf(uint64_t i) { return absl::StrCat("leaf ", i); }

std::string Concat(const std::vector<Digest>& hashes) {
  std::string all;
  for (const Digest& hash : hashes) absl::StrAppend(&all, View(hash));
  return all;
}

class TilesTest : public testing::Test {
 protected:
  // Appends leaves up to `size`, then gives the unfinished tiles. A name never gets other bytes.
  void GrowTo(uint64_t size) {
    made_.clear();
    const auto sink = [this](const std::string& path, const std::string& content) {
      made_.push_back(path);
      const auto [place, fresh] = files_.emplace(path, content);
      EXPECT_TRUE(fresh || place->second == content) << path;
      return absl::OkStatus();
    };
    while (builder_.size() < size) {
      hashes_.push_back(LeafHash(Leaf(builder_.size())));
      ASSERT_OK(builder_.Append(Leaf(builder_.size()), sink));
    }
    ASSERT_OK(builder_.Partials(sink));
  }
  TileBuilder::Reader Reader() const {
    return [this](const std::string& path) -> absl::StatusOr<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError(path);
      return found->second;
    };
  }
  Digest RootOfRange(size_t first, size_t count) const {
    const auto from = hashes_.begin() + static_cast<ptrdiff_t>(first);
    return RootOf({from, from + static_cast<ptrdiff_t>(count)});
  }

  TileBuilder builder_{3};
  std::map<std::string, std::string> files_;
  std::vector<std::string> made_;
  std::vector<Digest> hashes_;
};

TEST_F(TilesTest, NumbersAreGroupsOfThreeDigits) {
  EXPECT_EQ(TileNumber(0), "000");
  EXPECT_EQ(TileNumber(67), "067");
  EXPECT_EQ(TileNumber(999), "999");
  EXPECT_EQ(TileNumber(1000), "x001/000");
  EXPECT_EQ(TileNumber(1234067), "x001/x234/067");
  EXPECT_EQ(TileNumber(1000000), "x001/x000/000");
  EXPECT_EQ(TilePath(7, 2, 1234067, kTileWidth), "7/tile/2/x001/x234/067");
  EXPECT_EQ(TilePath(7, kEntriesLevel, 5, 255), "7/tile/entries/005.p/255");
}

TEST_F(TilesTest, AnEmptyLogHasNoTiles) {
  GrowTo(0);
  EXPECT_THAT(made_, IsEmpty());
  EXPECT_EQ(builder_.Root(), EmptyRoot());
}

TEST_F(TilesTest, APartialTileGetsANewNameAsItGrows) {
  GrowTo(1);
  EXPECT_THAT(made_, ElementsAre("3/tile/entries/000.p/1", "3/tile/0/000.p/1"));
  GrowTo(255);
  EXPECT_THAT(made_, ElementsAre("3/tile/entries/000.p/255", "3/tile/0/000.p/255"));
}

TEST_F(TilesTest, LeafTwoHundredAndFiftySixFillsATileAndBeginsTheNextLevel) {
  GrowTo(256);
  EXPECT_THAT(made_, ElementsAre("3/tile/entries/000", "3/tile/0/000", "3/tile/1/000.p/1"));
  EXPECT_EQ(files_["3/tile/0/000"], Concat(hashes_));
  EXPECT_EQ(files_["3/tile/1/000.p/1"], Bytes(RootOfRange(0, 256)));
  GrowTo(257);
  EXPECT_THAT(made_, ElementsAre("3/tile/entries/001.p/1", "3/tile/0/001.p/1", "3/tile/1/000.p/1"));
  EXPECT_EQ(builder_.Root(), RootOf(hashes_));
}

TEST_F(TilesTest, TheThirdLevelBeginsAtSixtyFiveThousandFiveHundredAndThirtySix) {
  GrowTo(65535);
  EXPECT_EQ(files_.count("3/tile/1/000.p/255"), 1u);
  EXPECT_EQ(files_.count("3/tile/1/000"), 0u);
  const Digest before = builder_.Root();
  EXPECT_EQ(before, RootOf(hashes_));
  GrowTo(65536);
  EXPECT_THAT(
      made_, ElementsAre("3/tile/entries/255", "3/tile/0/255", "3/tile/1/000", "3/tile/2/000.p/1"));
  EXPECT_EQ(files_["3/tile/2/000.p/1"], Bytes(builder_.Root()));
  EXPECT_EQ(builder_.Root(), RootOf(hashes_));
  EXPECT_EQ(absl::string_view(files_["3/tile/1/000"]).substr(32 * 255),
            View(RootOfRange(65280, 256)));
  GrowTo(65537);
  EXPECT_THAT(made_, ElementsAre("3/tile/entries/256.p/1", "3/tile/0/256.p/1", "3/tile/2/000.p/1"));
}

TEST_F(TilesTest, GoesOnFromTilesAsIfItHadNeverStopped) {
  for (const uint64_t size : {0, 1, 255, 256, 257, 600, 65536, 65793}) {
    GrowTo(size);
    const absl::StatusOr<TileBuilder> again = TileBuilder::Resume(3, size, Reader());
    ASSERT_OK(again);
    EXPECT_EQ(again->Root(), RootOf(hashes_)) << size;
    builder_ = *again;  // and goes on with it
  }
}

TEST_F(TilesTest, DamagedTilesAreRefused) {
  GrowTo(300);
  const std::map<std::string, std::string> whole = files_;
  for (const char* path : {"3/tile/0/001.p/44", "3/tile/1/000.p/1", "3/tile/entries/001.p/44"}) {
    files_ = whole;
    files_[path].pop_back();
    EXPECT_THAT(TileBuilder::Resume(3, 300, Reader()),
                StatusIs(absl::StatusCode::kDataLoss, "TILE_FORM"))
        << path;
    files_.erase(path);
    EXPECT_TRUE(absl::IsNotFound(TileBuilder::Resume(3, 300, Reader()).status())) << path;
  }
  files_ = whole;
  files_["3/tile/entries/001.p/44"][5] ^= 1;
  EXPECT_THAT(TileBuilder::Resume(3, 300, Reader()),
              StatusIs(absl::StatusCode::kDataLoss, "TILE_FORM"));
}

TEST_F(TilesTest, EntriesReadBackAndNothingElse) {
  GrowTo(3);
  const std::string tile = files_["3/tile/entries/000.p/3"];
  const auto leaves = ParseEntries(tile, 3);
  ASSERT_OK(leaves);
  EXPECT_THAT(*leaves, ElementsAre(Leaf(0), Leaf(1), Leaf(2)));
  EXPECT_FALSE(ParseEntries(tile, 2).ok());
  EXPECT_FALSE(ParseEntries(tile, 4).ok());
  EXPECT_FALSE(ParseEntries(tile + "x", 3).ok());
  EXPECT_FALSE(ParseEntries(tile.substr(0, tile.size() - 1), 3).ok());
}

TEST_F(TilesTest, ALeafThatFitsNoLengthIsRefused) {
  const auto sink = [](const std::string&, const std::string&) { return absl::OkStatus(); };
  EXPECT_OK(builder_.Append(std::string(65535, 'x'), sink));
  EXPECT_THAT(builder_.Append(std::string(65536, 'x'), sink),
              StatusIs(absl::StatusCode::kInvalidArgument, "TILE_ENTRY_SIZE"));
}

// Leaf 65536 fills a tile of each of three levels; of the next one there are four unfinished ones.
TEST_F(TilesTest, AnErrorOfTheSinkEndsWhatMadeTheTile) {
  GrowTo(65535);
  tests::Faults faults;
  size_t tiles = 0;
  const auto sink = [&](const std::string& path, const std::string&) {
    ++tiles;
    return faults.Next(path);
  };
  tests::ExpectEveryFaultComesOut(&faults, [&] {
    TileBuilder builder = builder_;
    return builder.Append(Leaf(65535), sink);
  });
  EXPECT_EQ(tiles, 1u + 2u + 3u + 3u);
  GrowTo(65536 + 256 + 1);
  tests::ExpectEveryFaultComesOut(&faults, [&] { return builder_.Partials(sink); });
}

}  // namespace
}  // namespace birthseal::certs
