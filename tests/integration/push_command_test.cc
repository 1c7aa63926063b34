// SPDX-License-Identifier: Apache-2.0
// `birthseal push` and `approve` at a real birthseald, fed through standard input and pipes.
#include <google/protobuf/util/json_util.h>

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

class PushCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    service_ = std::make_unique<ServiceProcess>(site_);
    ASSERT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service_->port());
    for (const int n : {1, 2}) WriteFile(RecordOf(n), JsonOf(n));
  }
  std::string RecordOf(int n) const {
    return absl::StrCat(site_.directory(), "/record-", n, ".json");
  }
  static std::string JsonOf(int n) {
    v1::PushDeliveriesRequest request;
    *request.mutable_delivery() = BirthOf(n, kSiteA.code, kSiteA.name);
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json).ok());
    return json;
  }
  std::string Birthseal(const std::string& role, const std::string& arguments) const {
    return absl::StrCat(BIRTHSEAL_BINARY_DIR,
                        "/clients/birthseal/birthseal --server 127.0.0.1:", service_->port(),
                        " --tls ", site_.directory(), "/tls --role ", role, " ", arguments);
  }
  Ran Push(const std::string& source) const {
    return RunShell(Birthseal("hospital-a", absl::StrCat("push ", source)));
  }
  // The newborn id that a push printed.
  static std::string NewbornOf(const Ran& ran) {
    const size_t at = ran.output.find("newborn ");
    return at == std::string::npos ? "" : ran.output.substr(at + 8, 32);
  }
  // Birth `n`, reported and filed; the id of its case.
  std::string Filed(int n) {
    const Ran pushed = Push(RecordOf(n));
    EXPECT_EQ(pushed.code, 0) << pushed.output;
    v1::SubmitApplicationRequest request;
    request.set_request_id(absl::StrCat("first-", n));
    *request.mutable_application() =
        ApplicationFor(BirthOf(n, kSiteA.code, kSiteA.name),
                       absl::HexStringToBytes(NewbornOf(pushed)), kSiteA.code);
    client::Client issuer(site_.ClientFor("issuer-a", service_->port()));
    const auto filed = issuer.SubmitApplication(request);
    EXPECT_OK(filed);
    return filed.ok() ? absl::BytesToHexString(filed->case_id()) : "";
  }

  ServiceSite site_;
  std::unique_ptr<ServiceProcess> service_;
};

TEST_F(PushCommandTest, TwoRecordsThroughStandardInputAreTwoNewborns) {
  const Ran first = Push("- < " + RecordOf(1)), second = Push("- < " + RecordOf(2));
  EXPECT_EQ(first.code, 0) << first.output;
  EXPECT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(first.output, HasSubstr("ACCEPTED"));
  EXPECT_THAT(second.output, HasSubstr("ACCEPTED"));
  EXPECT_NE(NewbornOf(first), NewbornOf(second));
  const Ran again = Push("- < " + RecordOf(1));
  EXPECT_THAT(again.output, HasSubstr("DUPLICATE"));
  EXPECT_EQ(NewbornOf(again), NewbornOf(first));
  // The same bytes from a file are the same message.
  EXPECT_THAT(Push(RecordOf(2)).output, HasSubstr("DUPLICATE"));
}

TEST_F(PushCommandTest, TwoRecordsThroughAPipeAreTwoNewborns) {
  std::vector<Ran> ran;
  for (const int n : {1, 2}) {
    ran.push_back(RunShell(
        absl::StrCat("cat ", RecordOf(n), " | ", Birthseal("hospital-a", "push /dev/stdin"))));
    EXPECT_EQ(ran.back().code, 0) << ran.back().output;
    EXPECT_THAT(ran.back().output, HasSubstr("ACCEPTED"));
  }
  EXPECT_NE(NewbornOf(ran[0]), NewbornOf(ran[1]));
}

TEST_F(PushCommandTest, AnEmptyRecordIsRefusedAndNothingIsKept) {
  const Ran nothing = Push("- < /dev/null");
  EXPECT_EQ(nothing.code, 2) << nothing.output;
  EXPECT_THAT(nothing.output, HasSubstr("[USAGE]"));
  // As a program would that hashes nothing: the identity is that of every empty message.
  v1::PushDeliveriesRequest request;
  *request.mutable_delivery() = BirthOf(1, kSiteA.code, kSiteA.name);
  request.set_content_digest(certs::Bytes(certs::Sm3Of("")));
  request.set_source_message_id("HIS|1");
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(request, &json).ok());
  WriteFile(RecordOf(3), json);
  const Ran refused = Push(RecordOf(3));
  EXPECT_THAT(refused.output, HasSubstr("REJECTED"));
  EXPECT_THAT(refused.output, HasSubstr("content_digest"));
  EXPECT_THAT(Push(RecordOf(1)).output, HasSubstr("ACCEPTED"));
}

TEST_F(PushCommandTest, AKeyFromStandardInputSignsEveryCase) {
  const std::string first = Filed(1), second = Filed(2);
  const Ran ran = RunShell(absl::StrCat(Birthseal(
      "issuer-a", absl::StrCat("approve ", first, " ", second, " --operator issuer-a --key - < ",
                               site_.directory(), "/operators/issuer-a.key"))));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("case " + first + "  approved"));
  EXPECT_THAT(ran.output, HasSubstr("case " + second + "  approved"));
}

}  // namespace
}  // namespace birthseal::tests
