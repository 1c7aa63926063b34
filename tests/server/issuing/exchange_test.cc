// SPDX-License-Identifier: Apache-2.0
// Scenarios 20, 21 and 25: exchange, replacement, and what becomes of the old certificate.
#include <algorithm>

#include "server/issuing/revoke_certificate.h"
#include "server/reading/get_status.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using server::Role;
using testing::Contains;

std::vector<std::string> CodesOf(const std::vector<certs::Defect>& defects) {
  std::vector<std::string> codes;
  for (const certs::Defect& defect : defects) codes.push_back(defect.code);
  return codes;
}

class ExchangeTest : public UseCaseTest {
 protected:
  // The case of `old` for an exchange on this ground, with everything returned.
  certs::Application ExchangeOf(const server::CertificateView& old, certs::ExchangeGround ground) {
    certs::Application application = ApplicationFor(1, old.newborn_id);
    application.kind = certs::CaseKind::kExchange;
    application.ground = ground;
    application.predecessor_number = old.number;
    for (const certs::EvidenceKind kind :
         {certs::EvidenceKind::kIssuingRecord, certs::EvidenceKind::kOriginalFront,
          certs::EvidenceKind::kOriginalSecond}) {
      application.evidence.push_back({kind, "DOC-9", certs::Sm3Of("document"), ""});
    }
    return application;
  }
  server::VerifyDocumentResult VerifyFile(const std::string& file) {
    const auto result =
        server::VerifyDocument(*house_, As(kManaging, Role::kPolice), {file, "出生登记"});
    EXPECT_OK(result);
    return *result;
  }
};

// Rule X2.
TEST_F(ExchangeTest, ParentsWishIsNoGround) {  // scenario 20
  const server::CertificateView old = IssueBirth(1);
  certs::Application application = ExchangeOf(old, certs::ExchangeGround::kParentsWish);
  application.newborn_name = "云知秋";
  const auto filed = File(application);
  ASSERT_OK(filed);
  EXPECT_NE(filed->state, certs::CaseState::kSubmitted);
  const auto explained =
      std::find_if(filed->defects.begin(), filed->defects.end(), [](const certs::Defect& defect) {
        return defect.text_zh.find("曾用名") != std::string::npos;
      });
  EXPECT_NE(explained, filed->defects.end());
}

// Rule I11.
TEST_F(ExchangeTest, AdviceOfThePoliceGivesANewCertificateAndVoidsTheOld) {  // scenario 21
  const server::CertificateView old = IssueBirth(1);
  certs::Application application = ExchangeOf(old, certs::ExchangeGround::kNameUnregistrable);
  application.newborn_name = "云知秋";
  application.evidence.push_back(
      {certs::EvidenceKind::kChangeAdvice, "ADVICE-1", certs::Sm3Of("advice"), ""});
  // Another institution is refused.
  certs::Application elsewhere = application;
  elsewhere.institution_code = kOtherHospital;
  const auto refused = File(elsewhere);
  ASSERT_OK(refused);
  EXPECT_THAT(CodesOf(refused->defects), Contains("NOT_ORIGINAL_ISSUER"));

  const auto filed = File(application);
  ASSERT_OK(filed);
  ASSERT_EQ(filed->state, certs::CaseState::kSubmitted);
  const server::IssueOutcome issued = Issue(Approve(*filed, hospital()), hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(issued.certificate.supersedes, old.number);
  EXPECT_NE(issued.certificate.number, old.number);
  const auto before = server::GetStatus(*house_, old.licence_id, certs::StatusIndex());
  ASSERT_OK(before);
  EXPECT_EQ(before->state, certs::CertificateState::kExchanged);
  const auto summary = server::GetSummary(*house_);
  ASSERT_OK(summary);
  EXPECT_EQ(summary->numbers_wasted, 0u);
  EXPECT_EQ(summary->certificates_voided, 1u);
}

// Rules V4, V6.
TEST_F(ExchangeTest, ReplacedCertificateIsNeverValidAgain) {  // scenario 25
  const server::CertificateView old = IssueBirth(1);
  const std::string old_file = Download(old.number);
  EXPECT_EQ(VerifyFile(old_file).report.verdict, signer::Verdict::kValid);

  certs::Application application = ApplicationFor(1, old.newborn_id);
  application.kind = certs::CaseKind::kReplacement;
  application.institution_code = kManaging;
  application.predecessor_number = old.number;
  for (const certs::EvidenceKind kind :
       {certs::EvidenceKind::kIssuingRecord, certs::EvidenceKind::kLossStatement}) {
    application.evidence.push_back({kind, "DOC-9", certs::Sm3Of("document"), ""});
  }
  application.evidence.push_back(
      {certs::EvidenceKind::kPoliceCheckReply, "REPLY-1", certs::Sm3Of("reply"), "REGISTERED"});
  server::SubmitApplicationInput input{"replace-1", application, "", {}};
  const auto filed =
      server::SubmitApplication(*house_, As(kManaging, Role::kManagingInstitution), input);
  ASSERT_OK(filed);
  ASSERT_EQ(filed->state, certs::CaseState::kSubmitted)
      << testing::PrintToString(CodesOf(filed->defects));
  const server::IssueOutcome issued = Issue(Approve(*filed, kManaging), kManaging);
  ASSERT_OK(issued.status);

  // By file: intact, and no longer valid.
  const server::VerifyDocumentResult by_file = VerifyFile(old_file);
  EXPECT_EQ(by_file.share_result, 3);
  EXPECT_EQ(by_file.report.verdict, signer::Verdict::kSuperseded);
  EXPECT_EQ(by_file.report.at(signer::Layer::kSignature).result, signer::LayerResult::kOk);
  // By number, by identifier, by status index.
  const auto by_number = server::VerifyNumber(
      *house_, As(kManaging, Role::kRelyingParty),
      {old.number, "云知夏", "2026-05-28", BirthOf(1).mother_id_number, "参保"});
  ASSERT_OK(by_number);
  EXPECT_EQ(by_number->share_result, 3);
  EXPECT_EQ(by_number->response_code, 21);
  for (const auto& status : {server::GetStatus(*house_, old.licence_id, certs::StatusIndex()),
                             server::GetStatus(*house_, "", old.status_index)}) {
    ASSERT_OK(status);
    EXPECT_EQ(status->state, certs::CertificateState::kReplaced);
  }
  EXPECT_EQ(VerifyFile(Download(issued.certificate.number)).share_result, 0);
}

// Rule V2.
TEST_F(ExchangeTest, RevocationTakesTwoPeopleAndADecision) {
  const server::CertificateView old = IssueBirth(1);
  server::RevokeCertificateInput input;
  input.request_id = "revoke-1";
  input.number = old.number;
  input.decision = {certs::EvidenceKind::kDecision, "DECISION-1", certs::Sm3Of("decision"), ""};
  const certs::Digest digest = server::RevocationDigest(old.number, input.decision.digest);
  input.issuer = {"issuer-" + std::string(kManaging),
                  signer::SignWith(staff_.at(kManaging).issuer, certs::View(digest))};
  input.sealer = input.issuer;
  const server::Caller caller = As(kManaging, Role::kManagingInstitution);
  EXPECT_THAT(server::RevokeCertificate(*house_, caller, input),
              StatusIs(absl::StatusCode::kPermissionDenied));
  input.sealer = {"sealer-" + std::string(kManaging),
                  signer::SignWith(staff_.at(kManaging).sealer, certs::View(digest))};
  EXPECT_THAT(server::RevokeCertificate(*house_, Issuing(hospital()), input),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_MANAGING"));
  const auto revoked = server::RevokeCertificate(*house_, caller, input);
  ASSERT_OK(revoked);
  EXPECT_EQ(revoked->state, certs::CertificateState::kRevoked);
  EXPECT_EQ(VerifyFile(Download(old.number)).report.verdict, signer::Verdict::kRevoked);
}

}  // namespace
}  // namespace birthseal::tests
