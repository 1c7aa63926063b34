// SPDX-License-Identifier: Apache-2.0
// A birthseald that starts on a disk with no room left: it says so and ends with 74, whatever step
// of opening meets it, and loses nothing. Needs a file system of its own, so root (tmpfs).
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/support/registry_office.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kDiskFull = 74;  // EX_IOERR

// A small disk of its own; unmounted in the end.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    fs::create_directories(path_);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=24m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  // Leaves just so much room.
  void FillBut(uint64_t kib) {
    Empty();
    std::ofstream out(Ballast(), std::ios::binary);
    const std::string block(4096, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
    out.close();
    fs::resize_file(Ballast(), fs::file_size(Ballast()) / 4096 * 4096 - kib * 1024);
    struct statvfs info {};
    ASSERT_EQ(statvfs(path_.c_str(), &info), 0);
    ASSERT_EQ(info.f_bavail * info.f_frsize, kib * 1024);
  }
  void Empty() { fs::remove(Ballast()); }

 private:
  std::string Ballast() const { return path_ + "/ballast"; }
  const std::string path_;
  bool mounted_ = false;
};

class FullDiskTest : public testing::Test {
 protected:
  static ServiceSite::Options WithJournal() {
    ServiceSite::Options options;
    options.journal = true;
    return options;
  }
  // The named place of the configuration moves to the small disk.
  void Use(const std::string& place) {
    disk_ = std::make_unique<SmallDisk>(site_.directory() + "/disk");
    if (!disk_->mounted()) {
      GTEST_SKIP() << "SKIPPED: a tmpfs cannot be mounted here; run as root to test a full disk";
    }
    WriteFile(site_.config_path(), absl::StrReplaceAll(ReadFile(site_.config_path()),
                                                       {{absl::StrCat("\"", place, "\""),
                                                         absl::StrCat("\"disk/", place, "\"")}}));
    place_ = site_.directory() + "/disk/" + place;
  }
  std::string Log() const { return ReadFile(site_.log_path()); }
  // One line, for the machine, that says where, how much is free and what to do.
  void ExpectSaid() {
    std::vector<std::string> said;
    const std::string log = Log();
    for (const absl::string_view line : absl::StrSplit(log, '\n')) {
      if (absl::StrContains(line, "\"event\":\"disk_full\"")) said.emplace_back(line);
    }
    ASSERT_EQ(said.size(), 1u) << Log();
    EXPECT_THAT(said[0], testing::HasSubstr(absl::StrCat("\"path\":\"", place_, "\"")));
    EXPECT_THAT(said[0], testing::HasSubstr("\"free_bytes\":\""));
    EXPECT_THAT(said[0], testing::HasSubstr("make room"));
  }
  // Starts it with so much room. True: it serves; else it must have ended as documented.
  bool ServesWith(uint64_t kib) {
    SCOPED_TRACE(absl::StrCat(kib, " KiB free"));
    disk_->FillBut(kib);
    fs::remove(site_.log_path());
    ServiceProcess service(site_);
    if (service.WaitUntilServing()) {
      service.Kill();
      return true;
    }
    EXPECT_TRUE(WIFEXITED(service.wait_status()))
        << "signal " << WTERMSIG(service.wait_status()) << "\n"
        << Log();
    EXPECT_EQ(WEXITSTATUS(service.wait_status()), kDiskFull) << Log();
    ExpectSaid();
    return false;
  }
  void IssueOne() {
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing()) << Log();
    site_.Register(service.port());
    number_ = RegistryOffice(site_, service.port()).Issue(1)->number();
    service.Stop();
  }
  void ExpectNothingLost() {
    disk_->Empty();
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing()) << Log();
    if (!number_.empty()) EXPECT_OK(RegistryOffice(site_, service.port()).Download(number_));
  }
  // From nothing to a quarter of a megabyte, by pages of the disk and then faster.
  void StartAtEveryLevel() {
    for (uint64_t kib = 0; kib <= 256 && !HasFailure(); kib += kib < 64 ? 4 : 32) ServesWith(kib);
  }

  ServiceSite site_{WithJournal()};
  std::unique_ptr<SmallDisk> disk_;
  std::string place_, number_;
};

TEST_F(FullDiskTest, ANewStoreOnAFullDiskIsSaidAndStartsWithRoom) {
  Use("store");
  if (IsSkipped()) return;
  EXPECT_FALSE(ServesWith(0));
  StartAtEveryLevel();
  ExpectNothingLost();
}

TEST_F(FullDiskTest, AStoreOnAFullDiskIsSaidAndLosesNothing) {
  Use("store");
  if (IsSkipped()) return;
  // Room for new work all the same: the disk is smaller than the watch would have it.
  WriteFile(site_.config_path(), absl::StrReplaceAll(ReadFile(site_.config_path()),
                                                     {{"store { ", "store { min_free_mib: 0 "}}));
  IssueOne();
  EXPECT_FALSE(ServesWith(0));
  StartAtEveryLevel();
  ExpectNothingLost();
}

// What is there can be read; new work is refused until there is room.
TEST_F(FullDiskTest, AFullDiskOfTheJournalEndsNoStartAndLosesNothing) {
  Use("journal");
  if (IsSkipped()) return;
  EXPECT_TRUE(ServesWith(0));
  StartAtEveryLevel();
  ExpectNothingLost();
}

TEST_F(FullDiskTest, AFullDiskOfTheHighWaterFileIsSaid) {
  Use("high-water");
  if (IsSkipped()) return;
  EXPECT_FALSE(ServesWith(0));
  EXPECT_FALSE(ServesWith(4));
  ExpectNothingLost();
}

TEST_F(FullDiskTest, AFullDiskOfThePortFileIsSaid) {
  Use("port");
  if (IsSkipped()) return;
  EXPECT_FALSE(ServesWith(0));
}

}  // namespace
}  // namespace birthseal::tests
