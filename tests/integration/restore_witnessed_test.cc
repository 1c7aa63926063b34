// SPDX-License-Identifier: Apache-2.0
// A restore without a journal while witnesses (见证方) know more: what they saw stays.
#include <filesystem>
#include <map>

#include "absl/time/clock.h"
#include "certs/proof/checkpoint.h"
#include "tests/integration/restore_fixture.h"
#include "tests/support/witness_at_work.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using testing::HasSubstr;
using v1::CERTIFICATE_STATUS_EXCHANGED;
using v1::CERTIFICATE_STATUS_REVOKED;
using v1::CERTIFICATE_STATUS_VALID;

constexpr char kLog[] = "birthseal.test/log";
constexpr absl::Duration kPatience = absl::Seconds(60);

class WitnessedRestoreTest : public RestoreTest {
 protected:
  static ServiceSite::Options WithWitnesses() {
    ServiceSite::Options options;
    options.witnesses = true;
    return options;
  }
  WitnessedRestoreTest() : RestoreTest(WithWitnesses()) {}

  void StartWitness(const std::string& name) {
    witnesses_[name] = std::make_unique<WitnessAtWork>(site_, name, service_->port());
  }
  void StartWitnesses() {
    for (const char* name : kWitnesses) StartWitness(name);
  }
  void StopAll() {
    witnesses_.clear();
    StopService();
  }
  // Until a quorum covers all that is in the log, and the log is in this epoch.
  bool WaitUntilWitnessed(uint64_t epoch) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      const auto now = office_->admin().GetCheckpoint({});
      const auto newest = certs::ParseCheckpoint(now.ok() ? now->checkpoint() : "");
      const auto seen = certs::ParseCheckpoint(now.ok() ? now->witnessed_checkpoint() : "");
      if (newest.ok() && seen.ok() && newest->head.size == seen->head.size &&
          newest->head.origin == certs::OriginOf(kLog, certs::LogEpoch(epoch)) &&
          seen->head.origin == newest->head.origin) {
        return true;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
  // Certificates 1 to 3 and the report of birth 5 are in the backup.
  void WorkBeforeTheBackup() {
    StartService();
    site_.Register(service_->port());
    StartWitnesses();
    for (int i = 1; i <= 3; ++i) issued_.push_back(Must(office_->Issue(i)));
    ASSERT_OK(office_->Report(5));
    v1::CreateBackupRequest request;
    request.set_name("yesterday");
    ASSERT_OK(office_->admin().CreateBackup(request));
    fs::copy(site_.directory() + "/high-water", site_.directory() + "/old-high-water");
  }
  Ran PutBackupBack() {
    LoseTheStore();
    return Birthseald("restore --from " + BackupOf("yesterday") + Config());
  }
  Ran ForwardFromMirrors() {
    std::string mirrors;
    for (const char* name : kWitnesses) {
      absl::StrAppend(&mirrors, " --mirror ", WitnessAtWork::FolderOf(site_, name));
    }
    return Birthseald(absl::StrCat("restore --forward", mirrors, Config()));
  }
  void ExpectClean() {
    const Ran checked = Birthseald("fsck --signatures" + Config());
    EXPECT_EQ(checked.code, 0) << checked.output;
  }
  v1::Verdict VerdictOf(const std::string& file) {
    v1::VerifyDocumentRequest request;
    request.set_file(file);
    request.set_use_cause("test");
    client::Client police(site_.ClientFor("police", service_->port()));
    const auto verified = police.VerifyDocument(request);
    EXPECT_OK(verified);
    return verified.ok() ? verified->verdict() : v1::VERDICT_UNSPECIFIED;
  }

  std::map<std::string, std::unique_ptr<WitnessAtWork>> witnesses_;
};

TEST_F(WitnessedRestoreTest, WhatWitnessesSawComesBackFromTheirMirrors) {
  WorkBeforeTheBackup();
  WorkAfterTheBackup();
  issued_.push_back(Must(office_->Issue(5)));
  ASSERT_TRUE(WaitUntilWitnessed(1));
  StopAll();
  const Ran restored = PutBackupBack();
  ASSERT_EQ(restored.code, 0) << restored.output;
  const Ran forward = ForwardFromMirrors();
  ASSERT_EQ(forward.code, 0) << forward.output;
  EXPECT_THAT(forward.output, HasSubstr("mirror"));
  EXPECT_THAT(forward.output, HasSubstr("3 certificates whose documents are lost"));
  EXPECT_THAT(forward.output, HasSubstr("2 voided"));
  ExpectClean();

  StartService();
  StartWitnesses();
  ASSERT_TRUE(WaitUntilWitnessed(1));
  EXPECT_EQ(StatusOf(issued_[0]), CERTIFICATE_STATUS_REVOKED);
  EXPECT_EQ(StatusOf(issued_[1]), CERTIFICATE_STATUS_EXCHANGED);
  EXPECT_EQ(StatusOf(issued_[2]), CERTIFICATE_STATUS_VALID);
  // Neither the birth that the backup knows nor the one that is reported anew gets a second one.
  for (const int birth : {5, 4}) {
    const auto second = office_->Issue(birth);
    EXPECT_THAT(second, StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS")) << birth;
  }
  EXPECT_THAT(office_->Issue(6), StatusIs(StatusCode::kFailedPrecondition, "STOCK_HELD"));
  // The same log goes on.
  Must(office_->Revoke(issued_[2].number()));
  EXPECT_TRUE(WaitUntilWitnessed(1));
  for (const auto& [name, witness] : witnesses_) EXPECT_EQ(witness->trouble(), "") << name;
  StopAll();
  ExpectClean();
}

TEST_F(WitnessedRestoreTest, AnUnwitnessedTailEndsTheEpochAndWitnessesFollow) {
  WorkBeforeTheBackup();
  const auto revoked = office_->Download(issued_[0].number());
  const auto valid = office_->Download(issued_[2].number());
  ASSERT_OK(revoked);
  ASSERT_OK(valid);
  Must(office_->Revoke(issued_[0].number()));
  ASSERT_TRUE(WaitUntilWitnessed(1));
  witnesses_.clear();
  Must(office_->Issue(4));
  StopAll();
  ASSERT_EQ(PutBackupBack().code, 0);
  const Ran forward = ForwardFromMirrors();
  EXPECT_EQ(forward.code, 2) << forward.output;
  EXPECT_THAT(forward.output, HasSubstr("LOST: leaves ["));
  EXPECT_THAT(forward.output, HasSubstr("new epoch (+1): epoch 2 size 1"));
  ExpectClean();

  StartService();
  StartWitnesses();
  ASSERT_TRUE(WaitUntilWitnessed(2));
  EXPECT_EQ(StatusOf(issued_[0]), CERTIFICATE_STATUS_REVOKED);
  EXPECT_EQ(VerdictOf(*revoked), v1::VERDICT_REVOKED);
  EXPECT_EQ(VerdictOf(*valid), v1::VERDICT_VALID);
  EXPECT_THAT(office_->Issue(6), StatusIs(StatusCode::kFailedPrecondition, "STOCK_HELD"));
  Must(office_->Revoke(issued_[1].number()));
  EXPECT_TRUE(WaitUntilWitnessed(2));
  for (const auto& [name, witness] : witnesses_) EXPECT_EQ(witness->trouble(), "") << name;
  StopAll();
  ExpectClean();
}

TEST_F(WitnessedRestoreTest, WithAllWitnessesDownNothingIsClaimedAndTheFirstOneStopsIt) {
  WorkBeforeTheBackup();
  Must(office_->Revoke(issued_[0].number()));
  ASSERT_TRUE(WaitUntilWitnessed(1));
  StopAll();
  ASSERT_EQ(PutBackupBack().code, 0);
  // The mark went back as well: nobody but the witnesses can tell.
  fs::copy(site_.directory() + "/old-high-water", site_.directory() + "/high-water",
           fs::copy_options::overwrite_existing);
  StartService();
  const auto status = office_->Status(issued_[0]);
  ASSERT_OK(status);
  EXPECT_EQ(status->status(), CERTIFICATE_STATUS_VALID);  // and says that this is not proven:
  EXPECT_TRUE(status->has_freshness_not_proven_since());
  EXPECT_THAT(office_->TryToIssue(), StatusIs(StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));

  StartWitness("witness-audit");
  const absl::Time give_up = absl::Now() + kPatience;
  while (witnesses_["witness-audit"]->trouble() != "STORE_BEHIND" && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_THAT(office_->Status(issued_[0]),
              StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(office_->TryToIssue(), StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  StopAll();

  const Ran forward = ForwardFromMirrors();
  EXPECT_EQ(forward.code, 0) << forward.output;
  StartService();
  StartWitnesses();
  ASSERT_TRUE(WaitUntilWitnessed(1));
  EXPECT_EQ(StatusOf(issued_[0]), CERTIFICATE_STATUS_REVOKED);
}

}  // namespace
}  // namespace birthseal::tests
