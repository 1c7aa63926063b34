// SPDX-License-Identifier: Apache-2.0
// `birthseal unique` at a real birthseald with witnesses: what it says is what the proof shows.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/uniqueness.h"
#include "gmock/gmock.h"
#include "tests/support/birth_messages.h"
#include "tests/support/places.h"
#include "tests/support/registry_office.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/witness_at_work.h"

namespace birthseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

class UniqueCommandTest : public testing::Test {
 protected:
  static ServiceSite::Options WithWitnesses() {
    ServiceSite::Options options;
    options.witnesses = true;
    return options;
  }
  void SetUp() override {
    service_ = std::make_unique<ServiceProcess>(site_);
    ASSERT_TRUE(service_->WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service_->port());
    office_ = std::make_unique<RegistryOffice>(site_, service_->port());
    for (const char* name : {"witness-police", "witness-health"}) {
      witnesses_.push_back(std::make_unique<WitnessAtWork>(site_, name, service_->port()));
    }
  }
  static uint64_t SizeOf(const std::string& note) {
    const auto checkpoint = certs::ParseCheckpoint(note);
    return checkpoint.ok() ? checkpoint->head.size : 0;
  }
  // Until a quorum covers all that is in the log.
  bool WaitUntilWitnessed() {
    const absl::Time give_up = absl::Now() + kPatience;
    for (; absl::Now() < give_up; absl::SleepFor(absl::Milliseconds(20))) {
      const auto now = office_->admin().GetCheckpoint({});
      if (now.ok() && SizeOf(now->checkpoint()) > 0 &&
          SizeOf(now->witnessed_checkpoint()) == SizeOf(now->checkpoint())) {
        return true;
      }
    }
    return false;
  }
  Ran Unique(int n, const std::string& more) const {
    const v1::Delivery birth = BirthOf(n, kSiteA.code, kSiteA.name);
    return RunShell(absl::StrCat(
        BIRTHSEAL_BINARY_DIR, "/clients/birthseal/birthseal --server 127.0.0.1:", service_->port(),
        " --tls ", site_.directory(), "/tls --role police unique --log-name birthseal.test/log",
        " --mother-id ", birth.mother_id_number(), " --birth-date ",
        birth.birth_time().substr(0, 10), " ", more));
  }
  std::string Trust() const { return absl::StrCat("--trust ", site_.directory(), "/trust "); }
  // A fetched proof, with its cosignatures cut down to `names`.
  std::string ProofCosignedBy(const std::string& fetched, const std::vector<std::string>& names) {
    auto proof = certs::ParseUniquenessProof(ReadFile(fetched));
    EXPECT_OK(proof);
    std::vector<std::string> lines = absl::StrSplit(proof->checkpoint, '\n'), kept;
    for (const std::string& line : lines) {
      bool keep = !absl::StrContains(line, "witness-");
      for (const std::string& name : names) keep = keep || absl::StrContains(line, name);
      if (keep) kept.push_back(line);
    }
    proof->checkpoint = absl::StrJoin(kept, "\n");
    const std::string path = fetched + "." + std::to_string(names.size());
    WriteFile(path, certs::Canonical(*proof));
    return path;
  }

  ServiceSite site_{WithWitnesses()};
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<RegistryOffice> office_;
  std::vector<std::unique_ptr<WitnessAtWork>> witnesses_;
};

TEST_F(UniqueCommandTest, FewerWitnessesThanTheQuorumProveNothing) {
  ASSERT_OK(office_->Issue(1));
  ASSERT_TRUE(WaitUntilWitnessed());
  const std::string fetched = site_.directory() + "/1.unique";
  Ran ran = Unique(1, Trust() + "--out " + fetched);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("exactly one certificate in force"));

  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"witness-police"}, std::vector<std::string>{}}) {
    const std::string proof = "--proof " + ProofCosignedBy(fetched, names);
    const std::string count = absl::StrCat(names.size(), " of 2 witnesses");
    ran = Unique(1, Trust() + proof);
    EXPECT_EQ(ran.code, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("not proven: " + count));
    EXPECT_THAT(ran.output, HasSubstr("[NOT_PROVEN]"));
    EXPECT_EQ(absl::StrContains(ran.output, "log alone"), names.empty()) << ran.output;
    EXPECT_THAT(ran.output, Not(HasSubstr("exactly one")));
    EXPECT_THAT(ran.output, Not(HasSubstr("有且仅有一份")));
    ran = Unique(1, Trust() + proof + " --json");
    EXPECT_EQ(ran.code, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("\"result\":\"NOT_PROVEN\""));
    EXPECT_THAT(ran.output, HasSubstr(absl::StrCat("\"witnesses\":\"", names.size(), "\"")));
    EXPECT_THAT(ran.output, Not(HasSubstr("status_index")));
  }
}

TEST_F(UniqueCommandTest, WhereNobodyWitnessesTheProofSaysSo) {
  ASSERT_OK(office_->Issue(1));
  ASSERT_TRUE(WaitUntilWitnessed());
  const std::string fetched = site_.directory() + "/1.unique";
  ASSERT_EQ(Unique(1, Trust() + "--out " + fetched).code, 0);
  // Who trusts the log alone names no witnesses.
  const std::string alone = site_.directory() + "/log-alone";
  ASSERT_EQ(RunShell(absl::StrCat("mkdir ", alone, " && cp ", site_.directory(), "/trust/log.pem ",
                                  site_.directory(), "/trust/vrf.pem ", alone))
                .code,
            0);
  const Ran ran = Unique(1, absl::StrCat("--trust ", alone, " --proof ", fetched));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("names no witnesses"));
  // What cannot be read is not the same as what is not there.
  ASSERT_EQ(RunShell(absl::StrCat("mkdir ", alone, "/witnesses.textproto")).code, 0);
  const Ran unread = Unique(1, absl::StrCat("--trust ", alone, " --proof ", fetched));
  EXPECT_EQ(unread.code, 1) << unread.output;
  EXPECT_THAT(unread.output, Not(HasSubstr("exactly one")));
}

TEST_F(UniqueCommandTest, AReceiptThatCannotBeWrittenIsNotFetched) {
  const auto issued = office_->Issue(1);
  ASSERT_OK(issued);
  ASSERT_TRUE(WaitUntilWitnessed());
  const auto receipt = [&](const std::string& out, const std::string& more) {
    return RunShell(absl::StrCat(
        BIRTHSEAL_BINARY_DIR, "/clients/birthseal/birthseal --server 127.0.0.1:", service_->port(),
        " --tls ", site_.directory(), "/tls --role police receipt ", issued->licence_id(),
        " --out ", site_.directory(), "/", out, " ", more));
  };
  for (const char* more : {"", "--json"}) {
    EXPECT_EQ(receipt("fetched", more).code, 0);
    const Ran ran = receipt("no/such/folder", more);
    EXPECT_EQ(ran.code, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("[FILE]"));
  }
}

TEST_F(UniqueCommandTest, ACertificateThatNoQuorumHasSeenYetIsNotCalledNeverIssued) {
  ASSERT_OK(office_->Issue(1));
  ASSERT_TRUE(WaitUntilWitnessed());
  witnesses_.clear();  // what is issued from now on nobody cosigns
  ASSERT_OK(office_->Issue(2));

  Ran ran = Unique(2, Trust());
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("截至上述时间，未见按所填信息签发的记录"));
  EXPECT_THAT(ran.output, HasSubstr("not yet witnessed"));
  EXPECT_THAT(ran.output, Not(HasSubstr("从未签发")));
  EXPECT_THAT(ran.output, Not(HasSubstr("never issued")));
  ran = Unique(2, Trust() + "--json");
  EXPECT_THAT(ran.output, HasSubstr("\"result\":\"NOT_SEEN\""));
  EXPECT_THAT(ran.output, HasSubstr("\"not_yet_witnessed\":\"true\""));

  // Seen by a quorum, it is there; another mother's is not, and nothing newer is left out.
  for (const char* name : {"witness-police", "witness-health"}) {
    witnesses_.push_back(std::make_unique<WitnessAtWork>(site_, name, service_->port()));
  }
  ASSERT_TRUE(WaitUntilWitnessed());
  EXPECT_THAT(Unique(2, Trust()).output, HasSubstr("exactly one certificate in force"));
  ran = Unique(3, Trust() + "--json");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("\"result\":\"NOT_SEEN\""));
  EXPECT_THAT(ran.output, HasSubstr("\"not_yet_witnessed\":\"false\""));
}

}  // namespace
}  // namespace birthseal::tests
