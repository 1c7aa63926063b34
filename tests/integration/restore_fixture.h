// SPDX-License-Identifier: Apache-2.0
// A day of work around a backup at a real birthseald, and the commands that bring it back.
// One owner thread; failures fail the test that uses it.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/places.h"
#include "tests/support/registry_office.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

struct Ran {
  int code = -1;
  std::string output;
};
// A command of the shell; standard error too.
inline Ran RunShell(const std::string& line) {
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
inline Ran Birthseald(const std::string& arguments) {
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
  explicit RestoreTest(ServiceSite::Options options = WithJournal()) : site_(std::move(options)) {}
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
  void LoseTheStore() { std::filesystem::remove_all(site_.directory() + "/store"); }

  ServiceSite site_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
  std::vector<v1::Certificate> issued_;  // of births 1 to 4
  v1::Certificate exchanged_;            // the second of birth 2
};

}  // namespace birthseal::tests
