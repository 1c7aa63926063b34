// A restore of yesterday's backup, end to end, with the real binaries: what was revoked stays
// revoked, whatever of journal, witnesses and store is left.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "tests/support/registry_office.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using v1::CERTIFICATE_STATUS_EXCHANGED;
using v1::CERTIFICATE_STATUS_REVOKED;
using v1::CERTIFICATE_STATUS_VALID;

struct Ran {
  int code = -1;
  std::string output;
};
// A command of the shell; standard error too.
Ran RunShell(const std::string& line) {
  const std::string command = line + " 2>&1";
  Ran ran;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> block{};
  while (const size_t got = fread(block.data(), 1, block.size(), pipe)) {
    ran.output.append(block.data(), got);
  }
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}
Ran Birthseald(const std::string& arguments) {
  return RunShell(absl::StrCat(BIRTHSEAL_BINARY_DIR, "/server/birthseald ", arguments));
}

// A day of work around a backup: certificate 1 is revoked, 2 exchanged, 4 issued after it.
class RestoreTest : public testing::Test {
 protected:
  static ServiceSite::Options WithJournal() {
    ServiceSite::Options options;
    options.journal = true;
    return options;
  }
  std::string Config() const { return absl::StrCat(" --config ", site_.config_path()); }
  std::string BackupOf(const std::string& name) const {
    return site_.directory() + "/backups/" + name;
  }

  void StartService() {
    service_ = std::make_unique<ServiceProcess>(site_);
    ASSERT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    office_ = std::make_unique<RegistryOffice>(site_, service_->port());
  }
  void StopService() {
    office_.reset();
    service_->Stop();
  }
  v1::Certificate Must(absl::StatusOr<v1::Certificate> certificate) {
    EXPECT_OK(certificate);
    return certificate.ok() ? *certificate : v1::Certificate();
  }
  v1::CertificateStatus StatusOf(const v1::Certificate& certificate) {
    const auto status = office_->Status(certificate);
    EXPECT_OK(status);
    return status.ok() && status->known() ? status->status() : v1::CERTIFICATE_STATUS_UNSPECIFIED;
  }

  void WorkBeforeTheBackup() {
    StartService();
    site_.Register(service_->port());
    for (int i = 1; i <= 3; ++i) issued_.push_back(Must(office_->Issue(i)));
    v1::CreateBackupRequest request;
    request.set_name("yesterday");
    ASSERT_OK(office_->admin().CreateBackup(request));
  }
  void WorkAfterTheBackup() {
    Must(office_->Revoke(issued_[0].number()));
    exchanged_ = Must(office_->Exchange(2, issued_[1].number()));
    issued_.push_back(Must(office_->Issue(4)));
  }
  // The disk with the store is gone.
  void LoseTheStore() { fs::remove_all(site_.directory() + "/store"); }

  ServiceSite site_{WithJournal()};
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
  std::vector<v1::Certificate> issued_;  // of births 1 to 4
  v1::Certificate exchanged_;            // the second of birth 2
};

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
