// SPDX-License-Identifier: Apache-2.0
// The trace of the running service, its journal, against the table: callers feed, approve, issue
// and exchange while birthseald is killed at steps of server/issuing/ISSUANCE.md and started again.
#include <thread>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "gtest/gtest.h"
#include "tests/crash/kill_load.h"
#include "tests/model/trace_check.h"
#include "tests/support/birth_messages.h"
#include "tests/support/service_harness.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

constexpr int kKillSteps[] = {3, 7, 10};  // reserved, sealed, committed

ServiceSite::Options SiteOptions() {
  ServiceSite::Options options;
  options.journal = true;
  options.allow_crash_points = true;
  return options;
}

class ServiceTraceTest : public testing::Test {
 protected:
  // Until the service dies, or `calls` are made.
  static void Work(Caller* caller, Connections* connections, int calls) {
    while (calls-- > 0 && caller->Step(connections).ok()) {
    }
  }

  // One life that ends at a step, under both callers.
  void LifeUntil(int step) {
    ServiceProcess service(site_, {absl::StrCat("BIRTHSEAL_CRASH_POINT=", step, ":3")});
    if (!service.WaitUntilServing()) return;  // the finisher may reach the step at once
    Connections connections(site_, service.port());
    std::thread other([&] { Work(&b_, &connections, 1'000); });
    Work(&a_, &connections, 1'000);
    other.join();
    EXPECT_TRUE(service.WaitUntilEnded(absl::Seconds(60))) << "step " << step;
    service.Kill();
  }

  // The newest acknowledged certificate of the first birth that is done.
  absl::Status Revoke(Connections* connections) {
    for (const BirthEntry& birth : a_.births()) {
      if (!birth.done) continue;
      v1::RevokeCertificateRequest request;
      request.set_request_id("revoke");
      request.set_number(birth.cases.back().certificate.number());
      const std::string decision = certs::Bytes(certs::Sm3Of("decision"));
      request.mutable_decision()->set_kind("DECISION");
      request.mutable_decision()->set_reference("decision-1");
      request.mutable_decision()->set_sm3(decision);
      const std::string digest = certs::Bytes(certs::Sm3Of(absl::StrCat(
          absl::string_view("birthseal/revoke/v1\0", 20), request.number(), decision)));
      *request.mutable_issuer() = Signed("issuer-m", site_.OperatorKey("issuer-m"), digest);
      *request.mutable_sealer() = Signed("sealer-m", site_.OperatorKey("sealer-m"), digest);
      return connections->managing.RevokeCertificate(request).status();
    }
    return absl::NotFoundError("no birth is done");
  }

  Faults faults_;
  ServiceSite site_{SiteOptions()};
  Caller a_{site_, kSiteA, &faults_, 0, 2, 1};
  Caller b_{site_, kSiteB, &faults_, 1, 2, 2};
};

TEST_F(ServiceTraceTest, EveryBatchOfTheJournalFollowsTheTable) {
  {
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service.port());
  }  // killed
  for (const int step : kKillSteps) LifeUntil(step);
  {
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing()) << ReadFile(site_.log_path());
    Connections connections(site_, service.port());
    Work(&a_, &connections, 60);
    EXPECT_OK(Revoke(&connections));
    service.Stop();
  }
  EXPECT_TRUE(faults_.none()) << faults_.all().front();

  TraceChecker checker;
  ASSERT_OK(CheckJournal(absl::StrCat(site_.directory(), "/journal"), &checker));
  EXPECT_EQ(checker.Faults(), "");
  for (const char* edge :
       {"case NONE file_fit", "case SUBMITTED approve", "case APPROVED reserve",
        "case RESERVED issue", "certificate NONE issue", "certificate VALID exchange",
        "certificate VALID revoke", "number IN_STOCK approve", "number ALLOCATED issue",
        "slot FREE approve", "intent NONE reserve", "intent OPEN issue", "log OPEN append"}) {
    EXPECT_GT(checker.edges().count(edge), 0u) << edge;
  }
  // Each life that commits is a writer of its own and fences the one before; one may die at its
  // start.
  EXPECT_GE(checker.edges().at("writer LEADER fence"), 2);
  std::fprintf(stderr, "service trace: %llu batches, %d certificates, %d writers\n",
               static_cast<unsigned long long>(checker.batches()),
               checker.edges().at("certificate NONE issue"),
               checker.edges().at("writer DOWN acquire"));
}

}  // namespace
}  // namespace birthseal::tests
