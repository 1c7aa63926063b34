// SPDX-License-Identifier: Apache-2.0
// Scenarios 1, 2, 4, 5, 6, 9, 11, 27 and 32 of tests/SCENARIOS.md, through the use cases.
#include <algorithm>

#include "certs/identifiers.h"
#include "server/issuing/get_case.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/withdraw_case.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using server::Role;
using testing::Contains;
using testing::Not;

std::vector<std::string> CodesOf(const std::vector<certs::Defect>& defects) {
  std::vector<std::string> codes;
  for (const certs::Defect& defect : defects) codes.push_back(defect.code);
  return codes;
}

class FirstIssueTest : public UseCaseTest {
 protected:
  server::SubmitApplicationResult FileBirth(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    EXPECT_EQ(filed->state, certs::CaseState::kSubmitted);
    return *filed;
  }
};

TEST_F(FirstIssueTest, LiveBirthBecomesOneValidCertificateThatVerifiesAsLogged) {  // scenario 1
  const server::CertificateView certificate = IssueBirth(1);
  EXPECT_EQ(certificate.state, certs::CertificateState::kValid);
  EXPECT_EQ(certificate.number, "Z520000001");
  EXPECT_EQ(certificate.issue_date, absl::CivilDay(2026, 6, 1));
  const std::string file = Download(certificate.number);
  EXPECT_EQ(certs::Sm3Of(file), certificate.file_sm3);
  const signer::Report report = verifier_->Verify(file, clock_.Now());
  EXPECT_EQ(report.verdict, signer::Verdict::kGenuineStatusNotChecked);
  EXPECT_EQ(report.receipt, signer::ReceiptStrength::kLogged);
  ASSERT_TRUE(report.certificate.has_value());
  EXPECT_EQ(certs::FaceLines(report.certificate->face).size(), 23u);
}

TEST_F(FirstIssueTest, WhoApprovedMayNotSeal) {  // scenario 2
  const server::ApproveOutcome approved = Approve(FileBirth(1), hospital());
  ASSERT_OK(approved.status);
  server::IssueItem item = OrderFor(approved, hospital());
  item.operator_id = "issuer-" + hospital();
  item.signature =
      signer::SignWith(staff_.at(hospital()).issuer, certs::View(approved.face_digest));
  const auto outcomes = server::IssueCertificates(*house_, Issuing(hospital()), {item});
  ASSERT_OK(outcomes);
  EXPECT_THAT(outcomes->front().status,
              StatusIs(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
}

TEST_F(FirstIssueTest, SealerMayNotApprove) {
  const server::SubmitApplicationResult filed = FileBirth(1);
  server::ApproveItem item;
  item.case_id = filed.case_id;
  item.content_digest = filed.content_digest;
  item.operator_id = "sealer-" + hospital();
  item.signature =
      signer::SignWith(staff_.at(hospital()).sealer, certs::View(filed.content_digest));
  const auto outcomes = server::ApproveCases(*house_, Issuing(hospital()), {item});
  ASSERT_OK(outcomes);
  EXPECT_THAT(outcomes->front().status,
              StatusIs(absl::StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
}

// Rule E1.
TEST_F(FirstIssueTest, ThreeDefectsAreAnsweredAtOnce) {  // scenario 4
  certs::Application application = ApplicationFor(1, PushBirth(BirthOf(1)));
  application.newborn_name.clear();
  application.evidence.clear();
  application.collector.relation = "DELEGATE";
  const auto filed = File(application);
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state, certs::CaseState::kReturned);
  EXPECT_GE(filed->defects.size(), 3u);
  EXPECT_EQ(filed->content_digest, certs::Digest{});
}

TEST_F(FirstIssueTest, MotherOnlyCertificatePrintsTheAbsentMarkerForTheFather) {  // scenario 5
  certs::Application application = ApplicationFor(1, PushBirth(BirthOf(1)));
  application.father.reset();
  application.newborn_name = "林知夏";
  application.evidence = {
      {certs::EvidenceKind::kMotherId, "DOC-1", certs::Sm3Of("document"), ""},
      {certs::EvidenceKind::kMotherStatement, "DOC-2", certs::Sm3Of("statement"), ""}};
  const auto filed = File(application);
  ASSERT_OK(filed);
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  const signer::Report report =
      verifier_->Verify(Download(issued.certificate.number), clock_.Now());
  ASSERT_TRUE(report.certificate.has_value());
  EXPECT_FALSE(report.certificate->face.content.father.has_value());
  int marked = 0;
  for (const certs::FaceLine& line : certs::FaceLines(report.certificate->face)) {
    marked += line.text == "/" ? 1 : 0;
  }
  EXPECT_EQ(marked, 6);
}

TEST_F(FirstIssueTest, HalfAFatherIsReturned) {  // scenario 6
  certs::Application application = ApplicationFor(1, PushBirth(BirthOf(1)));
  application.father.reset();
  application.father_incomplete = true;
  const auto filed = File(application);
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state, certs::CaseState::kReturned);
  EXPECT_THAT(CodesOf(filed->defects), Contains("FATHER_INCOMPLETE"));
}

TEST_F(FirstIssueTest, SecondFirstIssueIsRefusedAtAnyInstitution) {  // scenario 9
  const server::CertificateView certificate = IssueBirth(1);
  certs::Application again = ApplicationFor(1, certificate.newborn_id);
  EXPECT_THAT(File(again), StatusIs(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
  again.institution_code = kOtherHospital;
  EXPECT_THAT(File(again), StatusIs(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
}

TEST_F(FirstIssueTest, TwinsGetTwoCertificatesAndAThirdOrderGoesToAPerson) {  // scenario 11
  certs::Delivery first = BirthOf(1), second = BirthOf(1);
  first.plurality = second.plurality = 2;
  second.birth_order = 2;
  second.baby_record_no = "B-1b";
  second.birth_time += 9;
  const certs::NewbornId one = PushBirth(first), two = PushBirth(second);
  EXPECT_NE(one, two);
  std::vector<std::string> numbers;
  for (const certs::NewbornId& newborn : {one, two}) {
    const auto filed = File(ApplicationFor(1, newborn));
    ASSERT_OK(filed);
    ASSERT_EQ(filed->state, certs::CaseState::kSubmitted);
    const server::IssueOutcome issued = Issue(Approve(*filed, hospital()), hospital());
    ASSERT_OK(issued.status);
    numbers.push_back(issued.certificate.number);
  }
  EXPECT_NE(numbers[0], numbers[1]);
  certs::Delivery third = second;
  third.birth_order = 3;
  third.baby_record_no = "B-1c";
  const auto answer = Push(MessageOf(third));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
}

TEST_F(FirstIssueTest, LicenceIdentifierCarriesIssuerNumberAndCheckCharacter) {  // scenario 27
  const server::CertificateView certificate = IssueBirth(1);
  const auto licence = certs::LicenceId::Parse(certificate.licence_id);
  ASSERT_OK(licence);
  EXPECT_EQ(licence->serial(), certificate.number);
  std::string wrong = certificate.licence_id;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_THAT(certs::LicenceId::Parse(wrong), Not(IsOk()));
}

// Rule S2.
TEST_F(FirstIssueTest, NumbersComeFromReceivedStockAndAWastedOneIsGone) {  // scenario 32
  const server::SubmitApplicationResult filed = FileBirth(1);
  const server::ApproveOutcome approved = Approve(filed, hospital());
  ASSERT_OK(approved.status);
  EXPECT_THAT(server::ReportMisprint(
                  *house_, Issuing(hospital()),
                  {"misprint-0", filed.case_id, "X520000123", "issuer-" + hospital(), "打印错误"}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NUMBER_NOT_ALLOTTED"));
  const auto next =
      server::ReportMisprint(*house_, Issuing(hospital()),
                             {"misprint-1", filed.case_id, approved.certificate_number,
                              "issuer-" + hospital(), "打印错误"});
  ASSERT_OK(next);
  EXPECT_NE(*next, approved.certificate_number);
  // The sealer signs the face with the new number; the old order no longer fits.
  EXPECT_THAT(Issue(approved, hospital()).status, Not(IsOk()));
  const server::ApproveOutcome again = Approve(filed, hospital());
  ASSERT_OK(again.status);
  EXPECT_EQ(again.certificate_number, *next);
  EXPECT_OK(Issue(again, hospital()).status);
  // Overlapping stock is refused: a number is received once.
  EXPECT_THAT(server::ReceiveStock(*house_, As(kManaging, Role::kAdministrator),
                                   {"stock-again", kOtherHospital, "Z520000001", "Z520000002"}),
              StatusIs(absl::StatusCode::kAlreadyExists, "STOCK_OVERLAP"));
}

TEST_F(FirstIssueTest, AskingAgainGivesTheSameCertificate) {
  const server::ApproveOutcome approved = Approve(FileBirth(1), hospital());
  const server::IssueOutcome first = Issue(approved, hospital());
  ASSERT_OK(first.status);
  const server::IssueOutcome second = Issue(approved, hospital());
  ASSERT_OK(second.status);
  EXPECT_EQ(first.certificate.file_sm3, second.certificate.file_sm3);
  EXPECT_EQ(first.certificate.number, second.certificate.number);
}

TEST_F(FirstIssueTest, OneCallCarriesManyCasesAndOneBadItemHurtsNoOther) {
  std::vector<server::IssueItem> items;
  for (int n = 1; n <= 12; ++n)
    items.push_back(OrderFor(Approve(FileBirth(n), hospital()), hospital()));
  items[5].signature[10] ^= 1;
  const auto outcomes = server::IssueCertificates(*house_, Issuing(hospital()), items);
  ASSERT_OK(outcomes);
  for (size_t i = 0; i < items.size(); ++i) {
    if (i == 5) {
      EXPECT_THAT((*outcomes)[i].status, StatusIs(absl::StatusCode::kUnauthenticated));
    } else {
      EXPECT_OK((*outcomes)[i].status);
    }
  }
}

// Rule E13.
TEST_F(FirstIssueTest, RequestIdGivesTheFirstCaseAndRefusesOtherContent) {
  server::SubmitApplicationInput input;
  input.request_id = "one";
  input.application = ApplicationFor(1, PushBirth(BirthOf(1)));
  const auto first = server::SubmitApplication(*house_, Issuing(hospital()), input);
  const auto again = server::SubmitApplication(*house_, Issuing(hospital()), input);
  ASSERT_OK(first);
  ASSERT_OK(again);
  EXPECT_EQ(first->case_id, again->case_id);
  EXPECT_EQ(first->content_digest, again->content_digest);
  input.application.newborn_name = "云知秋";
  EXPECT_THAT(server::SubmitApplication(*house_, Issuing(hospital()), input),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

// What the issuer is to sign is the content of the case as it was filed, not what the same request
// would make of a record that was corrected since.
TEST_F(FirstIssueTest, ARepeatGetsTheDigestOfTheFirstCaseAlthoughTheRecordHasMovedOn) {
  certs::Delivery birth = BirthOf(1);
  server::SubmitApplicationInput input;
  input.request_id = "one";
  input.application = ApplicationFor(1, PushBirth(birth));
  const auto first = server::SubmitApplication(*house_, Issuing(hospital()), input);
  ASSERT_OK(first);
  birth.birth_weight_g = 3520;
  PushBirth(birth);
  const auto again = server::SubmitApplication(*house_, Issuing(hospital()), input);
  ASSERT_OK(again);
  EXPECT_EQ(again->case_id, first->case_id);
  EXPECT_EQ(again->content_digest, first->content_digest);
  EXPECT_EQ(certs::Bytes(again->content_digest),
            registry_.CaseHead(first->case_id)->content_digest());
  // A new request is judged by the record as it stands.
  input.request_id = "two";
  const auto anew = server::SubmitApplication(*house_, Issuing(hospital()), input);
  ASSERT_OK(anew);
  EXPECT_NE(anew->content_digest, first->content_digest);
}

TEST_F(FirstIssueTest, CaseShowsContentAndDigestsToItsInstitutionOnly) {
  const server::SubmitApplicationResult filed = FileBirth(1);
  const server::ApproveOutcome approved = Approve(filed, hospital());
  const server::GetCaseInput input{filed.case_id, "核对"};
  const auto shown = server::GetCase(*house_, Issuing(hospital()), input);
  ASSERT_OK(shown);
  EXPECT_EQ(shown->state, certs::CaseState::kApproved);
  EXPECT_EQ(certs::ContentDigest(shown->content), filed.content_digest);
  EXPECT_EQ(shown->face_digest, approved.face_digest);
  EXPECT_THAT(server::GetCase(*house_, Issuing(kOtherHospital), input),
              StatusIs(absl::StatusCode::kNotFound, "CASE_UNKNOWN"));
  EXPECT_THAT(server::GetCase(*house_, Issuing(hospital()), {filed.case_id, ""}),
              StatusIs(absl::StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED"));
}

TEST_F(FirstIssueTest, WithdrawnCaseFreesTheSlot) {
  const server::SubmitApplicationResult filed = FileBirth(1);
  ASSERT_OK(Approve(filed, hospital()).status);
  ASSERT_OK(server::WithdrawCase(*house_, Issuing(hospital()), {filed.case_id, "家长申请"}));
  const auto newborn = registry_.CaseHead(filed.case_id);
  ASSERT_OK(newborn);
  const auto id = IdIn<certs::NewbornId>(newborn->newborn_id());
  const auto again = File(ApplicationFor(1, id));
  ASSERT_OK(again);
  EXPECT_OK(Issue(Approve(*again, hospital()), hospital()).status);
}

}  // namespace
}  // namespace birthseal::tests
