// SPDX-License-Identifier: Apache-2.0
// Which disk is named when a start finds no room.
#include "server/at_rest/full_disk.h"

#include <cerrno>
#include <map>

#include "certs/errors.h"
#include "gtest/gtest.h"
#include "server/host/config.h"

namespace birthseal::server {
namespace {

class FindFullDiskTest : public testing::Test {
 protected:
  FullDisk Find(const std::string& field) {
    const absl::Status error =
        certs::Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no room", field);
    return FindFullDisk(WrittenPlaces(config_), error,
                        [this](const std::string& path) -> absl::StatusOr<uint64_t> {
                          const auto free = free_.find(path);
                          if (free == free_.end()) return absl::UnavailableError("not there");
                          return free->second;
                        });
  }
  void SetUp() override {
    config_.store.directory = "/a/store";
    config_.store.journal_directory = "/b/journal";
    config_.keys.high_water_file = "/c/high-water";
  }

  Config config_;
  std::map<std::string, uint64_t> free_ = {{"/a", 4096}, {"/b/journal", 0}, {"/c", 8192}};
};

TEST_F(FindFullDiskTest, ThePlaceThatTheErrorNamesIsTheOne) {
  EXPECT_EQ(Find("store.directory").place.path, "/a/store");
  EXPECT_EQ(Find("store.directory").free_bytes, 4096u);
  EXPECT_EQ(Find("keys.high_water_file").place.path, "/c/high-water");
}

TEST_F(FindFullDiskTest, OfSeveralThatMayBeMeantTheOneWithTheLeastRoomIsNamed) {
  for (const char* field : {"store", ""}) {
    EXPECT_EQ(Find(field).place.field, "store.journal_directory") << field;
    EXPECT_EQ(Find(field).free_bytes, 0u);
  }
}

TEST(SaysFullTest, NoRoomAndNoRoomForThisUserAndNothingElse) {
  EXPECT_TRUE(SaysFull(ENOSPC));
  EXPECT_TRUE(SaysFull(EDQUOT));
  EXPECT_FALSE(SaysFull(EACCES));
  EXPECT_FALSE(SaysFull(0));
}

TEST_F(FindFullDiskTest, RoomThatNobodyKnowsIsNotCalledNone) {
  free_.clear();
  EXPECT_EQ(Find("store.directory").free_bytes, std::nullopt);
}

}  // namespace
}  // namespace birthseal::server
