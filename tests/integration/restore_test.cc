// SPDX-License-Identifier: Apache-2.0
// A restore of yesterday's backup, end to end, with the real binaries: what was revoked stays
// revoked, whatever of journal, witnesses and store is left.
#include "certs/digest.h"
#include "tests/integration/restore_fixture.h"
#include "tests/support/places.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using v1::CERTIFICATE_STATUS_EXCHANGED;
using v1::CERTIFICATE_STATUS_REVOKED;
using v1::CERTIFICATE_STATUS_VALID;

TEST_F(RestoreTest, WithTheJournalEverythingComesBack) {
  WorkBeforeTheBackup();
  WorkAfterTheBackup();
  const auto file = office_->Download(issued_[3].number());
  ASSERT_OK(file);
  StopService();

  const Ran verified = Birthseald("backup --verify " + BackupOf("yesterday"));
  EXPECT_EQ(verified.code, 0) << verified.output;
  const Ran refused = Birthseald("restore --from " + BackupOf("yesterday") + Config());
  EXPECT_EQ(refused.code, 78) << "the store is still there: " << refused.output;
  LoseTheStore();
  const Ran restored = Birthseald("restore --from " + BackupOf("yesterday") + Config());
  ASSERT_EQ(restored.code, 0) << restored.output;
  EXPECT_THAT(restored.output, HasSubstr("backup yesterday: epoch 1"));
  EXPECT_THAT(restored.output, HasSubstr("journal (+"));
  const Ran checked = Birthseald("fsck --signatures" + Config());
  EXPECT_EQ(checked.code, 0) << checked.output;

  StartService();
  EXPECT_EQ(StatusOf(issued_[0]), CERTIFICATE_STATUS_REVOKED);
  EXPECT_EQ(StatusOf(issued_[1]), CERTIFICATE_STATUS_EXCHANGED);
  EXPECT_EQ(StatusOf(exchanged_), CERTIFICATE_STATUS_VALID);
  EXPECT_EQ(StatusOf(issued_[2]), CERTIFICATE_STATUS_VALID);
  const auto again = office_->Download(issued_[3].number());
  ASSERT_OK(again);
  EXPECT_EQ(certs::Sm3Of(*again), certs::Sm3Of(*file));
  EXPECT_EQ(Must(office_->Issue(4)).number(), issued_[3].number());  // asked again: the same
}

TEST_F(RestoreTest, WhatNobodyHasEndsTheEpochAndHoldsTheNumbers) {
  WorkBeforeTheBackup();
  WorkAfterTheBackup();
  StopService();
  LoseTheStore();
  fs::remove_all(site_.directory() + "/journal");
  ASSERT_EQ(Birthseald("restore --from " + BackupOf("yesterday") + Config()).code, 0);
  const Ran dry = Birthseald("restore --forward --dry-run" + Config());
  EXPECT_EQ(dry.code, 2) << dry.output;
  const Ran forward = Birthseald("restore --forward" + Config());
  EXPECT_EQ(forward.code, 2) << forward.output;
  EXPECT_THAT(forward.output, HasSubstr("LOST: leaves ["));
  EXPECT_THAT(forward.output, HasSubstr("new epoch (+1): epoch 2 size 1"));
  const Ran again = Birthseald("restore --forward" + Config());
  EXPECT_EQ(again.code, 0) << again.output;
  const Ran checked = Birthseald("fsck" + Config());
  EXPECT_EQ(checked.code, 0) << checked.output;

  StartService();
  EXPECT_EQ(StatusOf(issued_[2]), CERTIFICATE_STATUS_VALID);
  EXPECT_THAT(office_->Issue(5), StatusIs(absl::StatusCode::kFailedPrecondition, "STOCK_HELD"));
}

TEST_F(RestoreTest, ADrillRestoresFromTheSecondPlace) {
  WorkBeforeTheBackup();
  WorkAfterTheBackup();
  StopService();
  WriteFile(site_.directory() + "/password", "not a secret of anyone");
  const std::string environment = absl::StrCat(
      "BIRTHSEALD=", BIRTHSEAL_BINARY_DIR,
      "/server/birthseald RESTIC_REPOSITORY=", site_.directory(),
      "/second RESTIC_PASSWORD_FILE=", site_.directory(),
      "/password RESTIC_CACHE_DIR=", site_.directory(), "/cache TMPDIR=", site_.directory(), " ");
  const std::string scripts = environment + BIRTHSEAL_SOURCE_DIR + "/deploy/backup/";
  const Ran stored = RunShell(absl::StrCat(scripts, "backup ", site_.directory(), "/backups ",
                                           site_.directory(), "/journal"));
  ASSERT_EQ(stored.code, 0) << stored.output;
  const Ran verified = RunShell(scripts + "verify 100%");
  EXPECT_EQ(verified.code, 0) << verified.output;
  const Ran drill = RunShell(absl::StrCat(scripts, "drill ", site_.config_path()));
  EXPECT_EQ(drill.code, 0) << drill.output;
  EXPECT_THAT(drill.output, HasSubstr("journal (+"));
  EXPECT_THAT(drill.output, HasSubstr("clean: 0 findings"));
  StartService();  // the drill has touched nothing
  EXPECT_EQ(StatusOf(issued_[0]), CERTIFICATE_STATUS_REVOKED);
}

}  // namespace
}  // namespace birthseal::tests
