// SPDX-License-Identifier: Apache-2.0
// A wall clock that jumps under the running service: it is told once, nothing is issued, feeds go
// on; after an operator's word (SIGUSR1) it issues again, and the next jump is told again.
#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/places.h"
#include "tests/support/registry_office.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kLooks = 3;  // seconds that the service is given to tell it once too often

class ClockTest : public testing::Test {
 protected:
  ClockTest() {
    Shift(0);
    service_ = std::make_unique<ServiceProcess>(
        site_, std::vector<std::string>{
                   absl::StrCat("LD_PRELOAD=", BIRTHSEAL_BINARY_DIR, "/tests/libshifted_clock.so"),
                   absl::StrCat("SHIFTED_CLOCK=", shift_path())});
    EXPECT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service_->port());
    office_ = std::make_unique<RegistryOffice>(site_, service_->port());
  }
  std::string shift_path() const { return absl::StrCat(site_.directory(), "/shift"); }
  // The service's wall clock against ours.
  void Shift(int64_t seconds) {
    std::fstream file(shift_path(), std::ios::in | std::ios::out | std::ios::binary);
    if (!file) file.open(shift_path(), std::ios::out | std::ios::binary);
    file.write(reinterpret_cast<const char*>(&seconds), sizeof(seconds));
  }
  int Told(const std::string& event) const {
    int times = 0;
    for (const absl::string_view line : absl::StrSplit(ReadFile(site_.log_path()), '\n')) {
      times += absl::StrContains(line, absl::StrCat("\"", event, "\""));
    }
    return times;
  }
  bool WaitUntilTold(const std::string& event, int times) const {
    const absl::Time give_up = absl::Now() + kPatience;
    while (Told(event) < times && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(20));
    return Told(event) >= times;
  }
  // Feeds go on meanwhile: with each batch the ledger looks at its clock, and may be given a
  // reading that was estimated from one a moment ago.
  bool ReportUntilTold(int times) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (Told("clock_suspect") < times && absl::Now() < give_up) {
      EXPECT_OK(office_->Report(++reported_));
      absl::SleepFor(absl::Milliseconds(200));
    }
    return Told("clock_suspect") >= times;
  }

  int reported_ = 100;
  ServiceSite site_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
};

TEST_F(ClockTest, AJumpIsToldOnceAndIssuingStandsUntilAnOperatorSaysSo) {
  ASSERT_OK(office_->Issue(1));
  EXPECT_EQ(Told("clock_suspect"), 0);
  int jumps = 0;
  for (const int64_t shift : {1800, 3600}) {
    ++jumps;
    Shift(shift);
    ASSERT_TRUE(ReportUntilTold(jumps)) << ReadFile(site_.log_path());
    absl::SleepFor(absl::Seconds(kLooks));
    EXPECT_EQ(Told("clock_suspect"), jumps);
    ASSERT_TRUE(service_->Running());
    kill(service_->pid(), SIGUSR1);
    ASSERT_TRUE(WaitUntilTold("clock_confirmed", jumps));
    EXPECT_OK(office_->Issue(20 + jumps));
  }
}

TEST_F(ClockTest, InDoubtItStillEndsAsItIsTold) {
  Shift(1800);
  ASSERT_TRUE(ReportUntilTold(1));
  service_->Stop();
  EXPECT_TRUE(WIFEXITED(service_->wait_status()) && WEXITSTATUS(service_->wait_status()) == 0);
}

}  // namespace
}  // namespace birthseal::tests
