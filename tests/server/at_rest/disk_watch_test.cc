// SPDX-License-Identifier: Apache-2.0
// With little space left the service takes no new work, and goes on with all the rest.
#include "server/at_rest/disk_watch.h"

#include "server/host/config.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

constexpr uint64_t kMib = 1 << 20;

class DiskWatchTest : public UseCaseTest {
 protected:
  DiskWatchTest() {
    config_.directory = "store";
    config_.journal_directory = "journal";
    config_.min_free_bytes = 100 * kMib;
  }
  // As the wiring does.
  bool Look() {
    const server::DiskWatch::Found found = watch().Look();
    ledger_->RefuseNewWork(found.state);
    return found.changed;
  }
  server::DiskWatch& watch() {
    if (watch_ == nullptr) {
      watch_ = std::make_unique<server::DiskWatch>(
          config_, [this](const std::string& directory) -> absl::StatusOr<uint64_t> {
            const auto free = free_.find(directory);
            if (free == free_.end()) return absl::UnavailableError("not asked");
            return free->second;
          });
    }
    return *watch_;
  }

  server::StoreConfig config_;
  std::map<std::string, uint64_t> free_ = {{"store", 200 * kMib}, {"journal", 200 * kMib}};
  std::unique_ptr<server::DiskWatch> watch_;
};

TEST_F(DiskWatchTest, WhatIsReservedIsFinishedAndReadWhileNewWorkIsRefused) {
  const auto filed = File(ApplicationFor(1, PushBirth(BirthOf(1))));
  ASSERT_OK(filed);
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  const auto other = File(ApplicationFor(2, PushBirth(BirthOf(2))));
  ASSERT_OK(other);
  SetStepHook([](server::IssueStep step) {
    return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                : absl::OkStatus();
  });
  EXPECT_FALSE(Issue(approved, hospital()).status.ok());
  SetStepHook(nullptr);
  ASSERT_EQ(registry_.OpenReservations(9)->size(), 1u);

  free_["journal"] = 99 * kMib;
  Look();
  const auto nearly_full = StatusIs(StatusCode::kResourceExhausted, "DISK_NEARLY_FULL");
  EXPECT_THAT(watch().state(), nearly_full);
  EXPECT_THAT(Push(MessageOf(BirthOf(3))).status(), nearly_full);
  EXPECT_THAT(File(ApplicationFor(2, certs::NewbornId())).status(), testing::Not(IsOk()));
  EXPECT_THAT(Approve(*other, hospital()).status, nearly_full);

  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
  const std::string file = Download(approved.certificate_number);

  free_["journal"] = 200 * kMib;
  Look();
  EXPECT_OK(watch().state());
  EXPECT_OK(Push(MessageOf(BirthOf(3))).status());
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(certs::Sm3Of(file), issued.certificate.file_sm3);
  EXPECT_OK(Approve(*other, hospital()).status);
}

TEST_F(DiskWatchTest, ALittleSpaceIsNotEnoughToGoOn) {
  free_["store"] = 100 * kMib - 1;
  EXPECT_TRUE(Look());
  EXPECT_FALSE(watch().state().ok());
  free_["store"] = 125 * kMib - 1;
  EXPECT_FALSE(Look());
  EXPECT_FALSE(watch().state().ok());
  free_["store"] = 125 * kMib;
  EXPECT_TRUE(Look());
  EXPECT_OK(watch().state());
  free_["store"] = 100 * kMib;
  EXPECT_FALSE(Look());
  EXPECT_OK(watch().state());
}

TEST_F(DiskWatchTest, ADirectoryThatCannotBeAskedChangesNothing) {
  free_.erase("store");
  Look();
  EXPECT_OK(watch().state());
  free_["store"] = 1;
  Look();
  free_.erase("store");
  Look();
  EXPECT_FALSE(watch().state().ok());
}

TEST_F(DiskWatchTest, ZeroSwitchesItOff) {
  config_.min_free_bytes = 0;
  free_["store"] = 0;
  Look();
  EXPECT_OK(watch().state());
  EXPECT_OK(Push(MessageOf(BirthOf(1))).status());
}

TEST(AskFileSystemTest, ADirectoryThatIsNotThereHasNotNoRoomButNoAnswer) {
  EXPECT_OK(server::AskFileSystem("/"));
  EXPECT_THAT(server::AskFileSystem("/no/such/directory"),
              StatusIs(StatusCode::kUnavailable, "DISK_NOT_ASKED"));
}

TEST_F(DiskWatchTest, TheFileSystemIsAskedWhenNobodyElseIs) {
  config_.directory = config_.journal_directory = "/";
  config_.min_free_bytes = uint64_t{1} << 60;  // no disk has that
  server::DiskWatch real(config_, nullptr);
  EXPECT_TRUE(real.Look().changed);
  EXPECT_FALSE(real.state().ok());
}

}  // namespace
}  // namespace birthseal::tests
