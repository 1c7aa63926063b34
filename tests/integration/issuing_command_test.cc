// SPDX-License-Identifier: Apache-2.0
// `birthseal approve`, `seal`, `download`, `preview` and `monitor` at a real birthseald, where
// something is not as it should be: the command ends with 1 and says what.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/birth_messages.h"
#include "tests/support/places.h"
#include "tests/support/registry_office.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class IssuingCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    service_ = std::make_unique<ServiceProcess>(site_);
    ASSERT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service_->port());
    office_ = std::make_unique<RegistryOffice>(site_, service_->port());
    WriteFile(At("text"), "a text");
  }
  std::string At(const std::string& name) const { return site_.directory() + "/" + name; }
  Ran Birthseal(const std::string& role, const std::string& arguments) const {
    return RunShell(absl::StrCat(
        BIRTHSEAL_BINARY_DIR, "/clients/birthseal/birthseal --server 127.0.0.1:", service_->port(),
        " --tls ", At("tls"), " --role ", role, " ", arguments));
  }
  // Birth `n`, reported and filed; the id of its case.
  std::string Filed(int n) {
    const auto newborn = office_->Report(n);
    EXPECT_OK(newborn);
    v1::SubmitApplicationRequest request;
    request.set_request_id(absl::StrCat("first-", n));
    *request.mutable_application() =
        ApplicationFor(BirthOf(n, kSiteA.code, kSiteA.name), *newborn, kSiteA.code);
    client::Client issuer(site_.ClientFor("issuer-a", service_->port()));
    const auto filed = issuer.SubmitApplication(request);
    EXPECT_OK(filed);
    return filed.ok() ? absl::BytesToHexString(filed->case_id()) : "";
  }
  Ran Approve(const std::string& cases, const std::string& key = "operators/issuer-a.key") const {
    return Birthseal("issuer-a",
                     absl::StrCat("approve ", cases, " --operator issuer-a --key ", At(key)));
  }
  Ran Seal(const std::string& cases, const std::string& key = "operators/sealer-a.key") const {
    return Birthseal("issuer-a",
                     absl::StrCat("seal ", cases, " --operator sealer-a --key ", At(key)));
  }
  static void ExpectRefused(const Ran& ran, const std::string& reason) {
    EXPECT_EQ(ran.code, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("[" + reason + "]"));
  }

  ServiceSite site_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
};

TEST_F(IssuingCommandTest, WithoutAKeyNothingIsSentAndWithOneTheOthersAreDone) {
  const std::string first = Filed(1), second = Filed(2);
  ExpectRefused(Approve(first, "text"), "OPERATOR_KEY");
  ExpectRefused(Approve(first, "none"), "FILE");
  // Nobody has approved it, so there is nothing to seal.
  Ran ran = Seal(first);
  ExpectRefused(ran, "SOME_REFUSED");
  EXPECT_THAT(ran.output, HasSubstr("[CASE_STATE]"));
  ASSERT_EQ(Approve(first).code, 0);
  // Of two, the one that can be sealed is.
  ran = Seal(first + " " + second, "text");
  ExpectRefused(ran, "OPERATOR_KEY");
  ran = Seal(first + " " + second);
  ExpectRefused(ran, "SOME_REFUSED");
  EXPECT_THAT(ran.output, HasSubstr("case " + first + "  issued"));
  EXPECT_THAT(ran.output, HasSubstr("case " + second + " refused"));
}

// The key is another operator's: the service refuses the item, and the command says so at its end.
TEST_F(IssuingCommandTest, AnItemThatTheServiceRefusesFailsTheCommand) {
  const std::string id = Filed(1);
  const Ran ran = Approve(id, "operators/sealer-a.key");
  ExpectRefused(ran, "SOME_REFUSED");
  EXPECT_THAT(ran.output, HasSubstr("case " + id + " refused"));
}

TEST_F(IssuingCommandTest, ACaseThatCannotBeApprovedIsLeftOut) {
  v1::SubmitApplicationRequest request;
  request.set_request_id("without-evidence");
  *request.mutable_application() =
      ApplicationFor(BirthOf(1, kSiteA.code, kSiteA.name), *office_->Report(1), kSiteA.code);
  request.mutable_application()->clear_evidence();
  client::Client issuer(site_.ClientFor("issuer-a", service_->port()));
  const auto filed = issuer.SubmitApplication(request);
  ASSERT_OK(filed);
  const Ran ran = Approve(absl::BytesToHexString(filed->case_id()));
  ExpectRefused(ran, "SOME_REFUSED");
  EXPECT_THAT(ran.output, HasSubstr("[CASE_STATE]"));
}

TEST_F(IssuingCommandTest, WhatCannotBeWrittenIsNotFetched) {
  const auto issued = office_->Issue(1);
  ASSERT_OK(issued);
  const std::string cause = absl::StrCat(issued->number(), " --cause test --out ");
  for (const char* command : {"download ", "preview "}) {
    const Ran ran = Birthseal("platform", command + cause + At("no/such/folder"));
    ExpectRefused(ran, "FILE");
    EXPECT_EQ(Birthseal("platform", command + cause + At("fetched")).code, 0);
  }
}

// A monitor that was given the key of another log follows nothing.
TEST_F(IssuingCommandTest, AMonitorFollowsOnlyTheLogThatItsKeySigns) {
  WriteFile(At("rules.textproto"), "");
  const auto monitor = [this](const std::string& key) {
    return Birthseal(
        "auditor",
        absl::StrCat("monitor --once --log-name birthseal.test/log --state ", At("m-" + key),
                     " --rules ", At("rules.textproto"), " --log-key ", At("trust/" + key)));
  };
  const Ran good = monitor("log.pem");
  EXPECT_EQ(good.code, 0) << good.output;
  EXPECT_THAT(good.output, HasSubstr("followed to epoch 1"));
  const Ran other = monitor("witness-police.pem");
  ExpectRefused(other, "CHECKPOINT_NOT_BY_LOG_KEY");
  EXPECT_THAT(other.output, Not(HasSubstr("followed to")));
}

}  // namespace
}  // namespace birthseal::tests
