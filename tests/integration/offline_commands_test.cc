// SPDX-License-Identifier: Apache-2.0
// What birthseald says to whoever runs it by hand, or starts it, on what cannot be read, opened or
// trusted: it ends with the status of sysexits.h that fits, and changes nothing.
#include <sysexits.h>

#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/integration/restore_fixture.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kDamaged = 1;

class OfflineCommandsTest : public RestoreTest {
 protected:
  // One report and a backup of it.
  void SetUp() override {
    StartService();
    ASSERT_FALSE(HasFatalFailure());
    site_.Register(service_->port());
    EXPECT_OK(office_->Report(1));
    v1::CreateBackupRequest request;
    request.set_name("yesterday");
    EXPECT_OK(office_->admin().CreateBackup(request));
    StopService();
    good_ = ReadFile(site_.config_path());
  }
  // The configuration with something else in it.
  std::string With(const std::string& from, const std::string& to) {
    const std::string text = absl::StrReplaceAll(good_, {{from, to}});
    EXPECT_NE(text, good_) << from;
    WriteFile(site_.directory() + "/other.textproto", text);
    return absl::StrCat(" --config ", site_.directory(), "/other.textproto");
  }
  void Expect(int code, const std::string& arguments) {
    const Ran ran = Birthseald(arguments);
    EXPECT_EQ(ran.code, code) << arguments << ": " << ran.output;
  }
  std::string good_;
};

TEST_F(OfflineCommandsTest, EachEndsWithTheStatusThatFits) {
  const std::string from = "restore --from " + BackupOf("yesterday");
  const std::vector<std::string> commands = {"", "fsck", "fsck --repair-indexes",
                                             "restore --forward --dry-run", from};
  for (const std::string& command : commands) {
    Expect(EX_CONFIG, command + " --config /no/such");
    Expect(EX_CONFIG, command + With("listen: \"127.0.0.1:0\"", "listen: \"\""));
  }
  Expect(EX_CONFIG, "check-config --config /no/such");
  Expect(0, "check-config" + Config());

  // A file where the database should be.
  WriteFile(site_.directory() + "/no-store", "");
  const std::string no_store = With("directory: \"store\"", "directory: \"no-store\"");
  for (const std::string& command : {commands[0], commands[1], commands[2], commands[3]}) {
    const Ran ran = Birthseald(command + no_store);
    EXPECT_EQ(ran.code, EX_TEMPFAIL) << command << ran.output;
    EXPECT_THAT(ran.output, testing::HasSubstr("store.directory")) << command;
  }
  // Nothing to restore into.
  const Ran ran = Birthseald(from + With("directory: \"store\"", "in_memory: true"));
  EXPECT_EQ(ran.code, EX_CONFIG) << ran.output;
  EXPECT_THAT(ran.output, testing::HasSubstr("store.in_memory"));
  Expect(kDamaged, "backup --verify " + site_.directory());
  Expect(EX_USAGE, "restore" + Config());
  Expect(EX_USAGE, from + " --forward" + Config());
  Expect(EX_USAGE, "fsck");
}

TEST_F(OfflineCommandsTest, WhatIsNotTrustedIsNotCheckedAgainst) {
  WriteFile(site_.directory() + "/none.pem",
            "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n");
  Expect(0, "fsck --signatures" + Config());
  Expect(EX_CONFIG, "fsck --signatures" + With("trust/signers.pem", "none.pem"));
  Expect(EX_CONFIG, With("trust/signers.pem", "none.pem"));
}

TEST_F(OfflineCommandsTest, ADamagedMarkIsNotTakenForNone) {
  const std::string mark = site_.directory() + "/high-water";
  WriteFile(mark, std::string(fs::file_size(mark), 'x'));
  Expect(kDamaged, "restore --forward --dry-run" + Config());
  Expect(EX_CONFIG, Config());
}

TEST_F(OfflineCommandsTest, IndexesAreNotRebuiltFromRecordsThatDoNotOpen) {
  WriteFile(site_.directory() + "/other.hex", std::string(32, '7'));
  const std::string other_key = With("keys/kek.hex", "other.hex");
  Expect(kDamaged, "fsck" + other_key);
  Expect(kDamaged, "fsck --repair-indexes" + other_key);
  Expect(0, "fsck --repair-indexes" + Config());
}

TEST_F(OfflineCommandsTest, ABackupWhoseManifestNamesAnotherStateIsNotRestored) {
  const std::string path = BackupOf("yesterday") + "/MANIFEST.birthseal";
  const std::string manifest = ReadFile(path);
  LoseTheStore();
  WriteFile(path, absl::StrReplaceAll(manifest, {{"log_epoch: 1", "log_epoch: 2"}}));
  Expect(kDamaged, "restore --from " + BackupOf("yesterday") + Config());
  WriteFile(path, manifest);
  LoseTheStore();
  Expect(0, "restore --from " + BackupOf("yesterday") + Config());
}

}  // namespace
}  // namespace birthseal::tests
