// SPDX-License-Identifier: Apache-2.0
// A store that went back: every method that answers about certificates, or does something by what
// is stored of them, refuses, and nothing is changed.
#include <functional>
#include <vector>

#include "server/issuing/cancel_reservation.h"
#include "server/issuing/confirm_stock.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/revoke_certificate.h"
#include "server/reading/download_document.h"
#include "server/reading/get_preview.h"
#include "server/reading/get_status.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

struct Method {
  const char* name;
  std::function<absl::Status()> ask;
};

class BehindTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    issued_ = IssueBirth(1);
    file_ = Download(issued_.number);
    const auto filed = File(ApplicationFor(2, PushBirth(BirthOf(2))));
    ASSERT_OK(filed);
    approved_ = Approve(*filed, hospital());
    const auto waiting = File(ApplicationFor(3, PushBirth(BirthOf(3))));
    ASSERT_OK(waiting);
    waiting_ = *waiting;
  }
  server::ProveUniquenessInput Facts() const {
    server::ProveUniquenessInput input;
    input.mother_id_type = certs::IdType::kCitizenId;
    input.mother_id_number = BirthOf(1).mother_id_number;
    input.birth_date = absl::CivilDay(2026, 5, 28);
    input.use_cause = "核查";
    return input;
  }
  std::vector<Method> Answers();
  std::vector<Method> Acts();
  absl::Status Revoke();
  absl::Status Cancel();
  absl::Status Confirm();
  absl::Status Misprint();
  std::string State() const { return registry_.Meta()->SerializeAsString(); }

  server::CertificateView issued_;
  server::ApproveOutcome approved_;
  server::SubmitApplicationResult waiting_;
  std::string file_;
};

std::vector<Method> BehindTest::Answers() {
  const server::Caller police = As(kManaging, Role::kPolice);
  const server::Caller platform = As(kManaging, Role::kPlatform);
  const server::CertificateRequest request{issued_.number, "核查"};
  return {
      {"GetStatus by index",
       [=] { return server::GetStatus(*house_, "", issued_.status_index).status(); }},
      {"GetStatus by licence",
       [=] {
         return server::GetStatus(*house_, issued_.licence_id, certs::StatusIndex()).status();
       }},
      {"VerifyNumber",
       [=] {
         return server::VerifyNumber(
                    *house_, police,
                    {issued_.number, "云知夏", "", BirthOf(1).mother_id_number, "核查"})
             .status();
       }},
      {"VerifyDocument",
       [=] {
         return server::VerifyDocument(*house_, police, {file_, "核查"}).status();
       }},
      {"ProveUniqueness",
       [=] { return server::ProveUniqueness(*house_, police, Facts()).status(); }},
      {"GetCertificate",
       [=] { return server::GetCertificate(*house_, platform, request).status(); }},
      {"DownloadDocument",
       [=] { return server::DownloadDocument(*house_, platform, request).status(); }},
      {"GetPreview", [=] { return server::GetPreview(*house_, platform, request, 72).status(); }},
  };
}

absl::Status BehindTest::Revoke() {
  server::RevokeCertificateInput input;
  input.request_id = "revoke-1";
  input.number = issued_.number;
  input.decision = {certs::EvidenceKind::kDecision, "DECISION-1", certs::Sm3Of("decision"), ""};
  const certs::Digest digest = server::RevocationDigest(input.number, input.decision.digest);
  input.issuer = IssuerOf(kManaging, digest);
  input.sealer = SealerOf(kManaging, digest);
  return server::RevokeCertificate(*house_, As(kManaging, Role::kManagingInstitution), input)
      .status();
}

absl::Status BehindTest::Cancel() {
  server::CancelReservationInput input;
  input.case_id = approved_.case_id;
  input.reason = "印章停用";
  const certs::Digest digest = certs::CancellationDigest(certs::View(input.case_id), input.reason);
  input.issuer = IssuerOf(hospital(), digest);
  input.sealer = SealerOf(hospital(), digest);
  return server::CancelReservation(*house_, Issuing(hospital()), input);
}

absl::Status BehindTest::Confirm() {
  server::ConfirmStockInput input;
  input.statement = {"confirm-1", hospital(), "Z520000001", "Z520000500"};
  const certs::Digest digest = certs::StockDigest(input.statement);
  input.issuer = IssuerOf(hospital(), digest);
  input.sealer = SealerOf(hospital(), digest);
  return server::ConfirmStock(*house_, Issuing(hospital()), input);
}

absl::Status BehindTest::Misprint() {
  return server::ReportMisprint(*house_, Issuing(hospital()),
                                {"misprint-1", approved_.case_id, approved_.certificate_number,
                                 "issuer-" + hospital(), "打印错位"})
      .status();
}

std::vector<Method> BehindTest::Acts() {
  return {
      {"ApproveCases",
       [this] {
         server::ApproveItem item;
         item.case_id = waiting_.case_id;
         item.content_digest = waiting_.content_digest;
         item.operator_id = "issuer-" + hospital();
         item.signature = IssuerOf(hospital(), waiting_.content_digest).signature;
         return server::ApproveCases(*house_, Issuing(hospital()), {item}).status();
       }},
      {"IssueCertificates",
       [this] {
         return server::IssueCertificates(*house_, Issuing(hospital()),
                                          {OrderFor(approved_, hospital())})
             .status();
       }},
      {"RevokeCertificate", [this] { return Revoke(); }},
      {"CancelReservation", [this] { return Cancel(); }},
      {"ConfirmStock", [this] { return Confirm(); }},
      {"ReportMisprint", [this] { return Misprint(); }},
  };
}

TEST_F(BehindTest, AnsweredBeforeAndRefusedSinceWithoutATrace) {
  for (const Method& method : Answers()) EXPECT_OK(method.ask()) << method.name;
  freshness_->Behind(
      certs::Error(StatusCode::kFailedPrecondition, "STORE_BEHIND", "the store is behind"));
  const std::string before = State();
  std::vector<Method> all = Answers();
  for (Method& act : Acts()) all.push_back(std::move(act));
  for (const Method& method : all) {
    EXPECT_THAT(method.ask(), StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"))
        << method.name;
    EXPECT_TRUE(State() == before) << method.name;
  }
}

TEST_F(BehindTest, TheFinisherFinishesNothing) {
  SetStepHook([](server::IssueStep step) {
    return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                : absl::OkStatus();
  });
  EXPECT_FALSE(Issue(approved_, hospital()).status.ok());
  SetStepHook(nullptr);
  freshness_->Behind(
      certs::Error(StatusCode::kFailedPrecondition, "STORE_BEHIND", "the store is behind"));
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().finished, 0u);
  EXPECT_EQ(registry_.OpenReservations(8)->size(), 1u);
}

}  // namespace
}  // namespace birthseal::tests
