// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/high_water.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "certs/errors.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/system_calls.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using server::HighWater;

constexpr size_t kHalf = 4096;

certs::TreeHead Head(uint64_t size) {
  return {certs::OriginOf(kTestLogName, certs::LogEpoch(1)), size,
          certs::Sm3Of(std::to_string(size)), certs::Sm3Of("map"), FixtureNow()};
}

class HighWaterTest : public testing::Test {
 protected:
  void Raise(std::initializer_list<uint64_t> sizes) {
    auto mark = HighWater::Create(path_);
    ASSERT_OK(mark);
    for (const uint64_t size : sizes) ASSERT_OK((*mark)->Raise(Head(size)));
  }
  // As a write that a power loss tore.
  void Tear(size_t half) {
    std::string bytes = ReadFile(path_);
    bytes[half * kHalf + 60] ^= 1;
    WriteFile(path_, bytes);
  }
  // A half as the service writes it, its sum included.
  static std::string Half(uint64_t sequence, const std::string& body,
                          const std::string& magic = std::string("BSMARK\0\1", 8)) {
    std::string bytes = magic;
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(sequence >> shift));
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(body.size() >> shift));
    }
    bytes += body;
    bytes += certs::Bytes(certs::Sm3Of(bytes));
    bytes.resize(kHalf, '\0');
    return bytes;
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
  Raise({5, 6});  // sequence 1 empty, 2 and 3: halves 0 and 1
  Tear(1);
  const auto mark = HighWater::Open(path_);
  ASSERT_OK(mark);
  EXPECT_EQ((*mark)->head().size, 5u);
  // The next write takes the torn half, never the good one.
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
  WriteFile(path_, std::string(2 * kHalf, '\0'));
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
}

TEST_F(HighWaterTest, AMissingFileIsSaid) {
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kNotFound, "HIGH_WATER_MISSING"));
}

TEST_F(HighWaterTest, EveryTruncationIsSaid) {
  Raise({5, 6});
  const std::string whole = ReadFile(path_);
  ASSERT_EQ(whole.size(), 2 * kHalf);
  for (size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 509) {
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

// Whose sum fits, and which say what this service does not write.
TEST_F(HighWaterTest, AHalfOfAnotherFormatOrWithoutACheckpointIsNone) {
  const std::string body = certs::CheckpointBody(Head(5));
  WriteFile(path_, std::string(kHalf, '\0') + Half(1, body));
  ASSERT_OK(HighWater::Open(path_));  // as it should be
  const std::pair<const char*, std::string> rows[] = {
      {"format", Half(1, body, std::string("BSMARK\0\2", 8))},
      {"no checkpoint", Half(1, "no body of one")},
  };
  for (const auto& [name, half] : rows) {
    WriteFile(path_, std::string(kHalf, '\0') + half);
    EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"))
        << name;
  }
}

TEST_F(HighWaterTest, ALengthBeyondTheHalfIsDamage) {
  Raise({5, 6});
  const std::string good = ReadFile(path_);
  std::string bytes = good;
  for (const size_t half : {size_t{0}, size_t{1}}) bytes[half * kHalf + 17] = '\x7f';
  WriteFile(path_, bytes);
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
}

TEST_F(HighWaterTest, WhatCannotBeOpenedIsNeitherMissingNorDamaged) {
  std::filesystem::create_directory(path_);
  EXPECT_THAT(HighWater::Open(path_), StatusIs(absl::StatusCode::kUnavailable, "HIGH_WATER_IO"));
  // Nor does a new file take its place.
  EXPECT_THAT(HighWater::Create(path_), StatusIs(absl::StatusCode::kUnavailable, "HIGH_WATER_IO"));
}

TEST_F(HighWaterTest, ANewFileThatIsNotDurableIsNone) {
  SyncCalls calls;
  Raise({4});
  // The file, then its folder.
  for (const int good : {0, 1}) {
    calls.FailAfter(good, EDQUOT, "open");
    EXPECT_THAT(HighWater::Create(path_),
                StatusIs(absl::StatusCode::kResourceExhausted, "DISK_FULL"));
    EXPECT_TRUE(calls.Stop());
    calls.FailAfter(good, EIO);
    EXPECT_THAT(HighWater::Create(path_),
                StatusIs(absl::StatusCode::kUnavailable, "HIGH_WATER_IO"));
    EXPECT_TRUE(calls.Stop());
  }
  EXPECT_OK(HighWater::Create(path_));
}

// Nobody knows what the file holds then: nothing is signed for any more.
TEST_F(HighWaterTest, AfterAFailedRaiseEveryOtherFails) {
  for (const char* call : {"pwrite", ""}) {
    SyncCalls calls;
    auto mark = HighWater::Create(path_, Head(4));
    ASSERT_OK(mark);
    calls.FailAfter(0, ENOSPC, call);
    EXPECT_THAT((*mark)->Raise(Head(5)),
                StatusIs(absl::StatusCode::kResourceExhausted, "DISK_FULL"));
    EXPECT_TRUE(calls.Stop());
    EXPECT_EQ((*mark)->head().size, 4u);
    EXPECT_THAT((*mark)->Raise(Head(5)), StatusIs(absl::StatusCode::kUnavailable, "HIGH_WATER_IO"));
    EXPECT_EQ((*mark)->head().size, 4u);
  }
}

}  // namespace
}  // namespace birthseal::tests
