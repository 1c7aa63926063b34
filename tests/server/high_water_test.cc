#include "server/high_water.h"

#include <unistd.h>

#include <filesystem>

#include "certs/errors.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using server::HighWater;

constexpr size_t kSlot = 4096;

certs::TreeHead Head(uint64_t size) {
  return {certs::OriginOf(kTestLogName, 1), size, certs::Sm3Of(std::to_string(size)),
          certs::Sm3Of("map"), FixtureNow()};
}

class HighWaterTest : public testing::Test {
 protected:
  void Raise(std::initializer_list<uint64_t> sizes) {
    auto mark = HighWater::Create(path_);
    ASSERT_OK(mark);
    for (const uint64_t size : sizes) ASSERT_OK((*mark)->Raise(Head(size)));
  }
  // As a write that a power loss tore.
  void Tear(size_t slot) {
    std::string bytes = ReadFile(path_);
    bytes[slot * kSlot + 60] ^= 1;
    WriteFile(path_, bytes);
  }
  const TempDir dir_;
  const std::string path_ = dir_.Join("mark");
};

TEST_F(HighWaterTest, ANewFileHasNoHead) {
  Raise({});
  const auto mark = HighWater::Open(path_);
  ASSERT_OK(mark);
  EXPECT_EQ((*mark)->head().size, 0u);
}

TEST_F(HighWaterTest, WhatWasRaisedIsThereForTheNextProcess) {
  Raise({5, 6, 9});
  const auto mark = HighWater::Open(path_);
  ASSERT_OK(mark);
  EXPECT_EQ((*mark)->head().origin, Head(9).origin);
  EXPECT_EQ((*mark)->head().size, 9u);
  EXPECT_EQ((*mark)->head().root, Head(9).root);
  EXPECT_EQ((*mark)->head().map_root, Head(9).map_root);
  EXPECT_EQ((*mark)->head().time, Head(9).time);
  ASSERT_OK((*mark)->Raise(Head(12)));
  EXPECT_EQ((*HighWater::Open(path_))->head().size, 12u);
}

TEST_F(HighWaterTest, ATornWriteLeavesTheHeadBefore) {
  Raise({5, 6});  // sequence 1 empty, 2 and 3: slots 0 and 1
  Tear(1);
  const auto mark = HighWater::Open(path_);
  ASSERT_OK(mark);
  EXPECT_EQ((*mark)->head().size, 5u);
  // The next write takes the torn slot, never the good one.
  ASSERT_OK((*mark)->Raise(Head(7)));
  Tear(1);
  EXPECT_EQ((*HighWater::Open(path_))->head().size, 5u);
}

TEST_F(HighWaterTest, ADamagedFileIsNeverTakenForANewOne) {
  Raise({5, 6});
  Tear(0);
  Tear(1);
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
  for (const char* bytes : {"", "x"}) {
    WriteFile(path_, bytes);
    EXPECT_THAT(HighWater::Open(path_),
                StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
  }
  WriteFile(path_, std::string(2 * kSlot, '\0'));
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
}

TEST_F(HighWaterTest, AMissingFileIsSaid) {
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kNotFound, "HIGH_WATER_MISSING"));
}

TEST_F(HighWaterTest, EveryTruncationIsSaid) {
  Raise({5, 6});
  const std::string whole = ReadFile(path_);
  ASSERT_EQ(whole.size(), 2 * kSlot);
  for (size_t size = 0; size < whole.size(); size += 509) {
    WriteFile(path_, whole.substr(0, size));
    EXPECT_FALSE(HighWater::Open(path_).ok()) << size;
  }
}

TEST_F(HighWaterTest, AFileThatCannotBeWrittenIsSaid) {
  EXPECT_THAT(HighWater::Create(dir_.Join("no/such/mark")),
              StatusIs(absl::StatusCode::kUnavailable, "HIGH_WATER_IO"));
}

TEST_F(HighWaterTest, AFullDiskIsToldApartFromABrokenOne) {
  ASSERT_EQ(symlink("/dev/full", (dir_.Join("full") + ".new").c_str()), 0);
  const auto made = HighWater::Create(dir_.Join("full"));
  EXPECT_THAT(made, StatusIs(absl::StatusCode::kResourceExhausted, "DISK_FULL"));
  EXPECT_EQ(certs::FieldOf(made.status()), "keys.high_water_file");
}

}  // namespace
}  // namespace birthseal::tests
