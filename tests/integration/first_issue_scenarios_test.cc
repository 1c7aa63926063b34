// SPDX-License-Identifier: Apache-2.0
// First issue in a facility: scenarios 1 to 11, 27 and 32 of tests/SCENARIOS.md.
#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "certs/identifiers.h"
#include "tests/integration/scenario_fixture.h"

namespace birthseal::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using FirstIssueScenarios = ScenarioTest;

TEST_F(FirstIssueScenarios, Scenario1LiveBirthBecomesOneValidCertificateWithAllFields) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  const auto certificate = Certify(hospital(), application);
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->status(), v1::CERTIFICATE_STATUS_VALID);
  EXPECT_EQ(StatusOfLicence(certificate->licence_id()), v1::CERTIFICATE_STATUS_VALID);
  EXPECT_TRUE(certificate->has_issued_time());

  const v1::FaceContent content = ContentOf(certificate->number());
  EXPECT_EQ(content.newborn_name(), application.newborn_name());
  EXPECT_EQ(content.sex(), birth.sex());
  EXPECT_EQ(content.birth_time(), birth.birth_time());
  EXPECT_EQ(content.gestation_weeks(), birth.gestation_weeks());
  EXPECT_EQ(content.gestation_days(), birth.gestation_days());
  EXPECT_EQ(content.birth_weight_g(), birth.birth_weight_g());
  EXPECT_EQ(content.birth_length_mm(), birth.birth_length_mm());
  EXPECT_EQ(content.birth_place().SerializeAsString(), birth.birth_place().SerializeAsString());
  EXPECT_EQ(content.delivery_institution_name(), hospital().name);
  EXPECT_EQ(content.issuing_institution_name(), hospital().name);
  for (const bool mother : {true, false}) {
    const v1::Parent& shown = mother ? content.mother() : content.father();
    v1::Parent given = mother ? application.mother() : application.father();
    EXPECT_GT(shown.age(), 0);  // from the identity number
    given.set_age(shown.age());
    EXPECT_EQ(shown.SerializeAsString(), given.SerializeAsString());
  }

  const v1::VerifyDocumentResponse verified = VerifyFile(Download(*certificate));
  EXPECT_EQ(verified.verdict(), v1::VERDICT_VALID);
  EXPECT_EQ(verified.share_result(), 0);
  EXPECT_EQ(verified.receipt_strength(), "LOGGED");
  EXPECT_EQ(verified.number(), certificate->number());
}

TEST_F(FirstIssueScenarios, Scenario2WhoApprovedMayNotSeal) {
  const v1::Delivery birth = NewBirth(hospital());
  const auto filed = File(hospital(), ApplicationFor(birth, Deliver(hospital(), birth), kHospital));
  ASSERT_OK(filed);
  const auto approved = Approve(hospital(), *filed);
  ASSERT_OK(approved);
  EXPECT_THAT(
      Order(hospital(), OrderOf(*approved, "issuer-1", town().server.OperatorKey("issuer-1"))),
      StatusIs(absl::StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  // Nor may the sealer's name stand over the issuer's signature, nor a sealer approve.
  EXPECT_THAT(
      Order(hospital(), OrderOf(*approved, "sealer-1", town().server.OperatorKey("issuer-1"))),
      StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_OK(Issue(hospital(), *approved));
}

TEST_F(FirstIssueScenarios, Scenario3LateSignatureIsAcceptedAndFlagged) {
  v1::Delivery birth = BirthDaysAgo(hospital(), 5);
  birth.set_signed_time(BirthDaysAgo(hospital(), 3).signed_time());
  const auto filed = File(hospital(), ApplicationFor(birth, Deliver(hospital(), birth), kHospital));
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state(), v1::CASE_STATE_SUBMITTED);
  EXPECT_EQ(SeverityOf(*filed, "SIGNED_LATE"), v1::CaseDefect::NOTE);
}

TEST_F(FirstIssueScenarios, Scenario4ThreeDefectsAreToldInOneAnswer) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.clear_newborn_name();
  application.clear_evidence();
  AddEvidence("FATHER_ID", &application);
  application.mutable_mother()->set_nationality("XXQ");
  v1::SubmitApplicationRequest request;
  request.set_request_id("00000000-0000-4000-8000-000000000004");
  *request.mutable_application() = application;
  const auto returned = hospital().client->SubmitApplication(request);
  ASSERT_OK(returned);
  EXPECT_EQ(returned->state(), v1::CASE_STATE_RETURNED);
  EXPECT_THAT(CodesOf(*returned),
              AllOf(Contains("NEWBORN_NAME_MISSING"), Contains("MOTHER_ID_MISSING"),
                    Contains("NATIONALITY_UNKNOWN")));
  for (const v1::CaseDefect& defect : returned->defects()) {
    EXPECT_NE(defect.text_zh(), "") << defect.code();
    EXPECT_NE(defect.text_en(), "") << defect.code();
  }
  EXPECT_THAT(returned->content_digest(), IsEmpty());
  v1::GetCaseRequest look;
  look.set_case_id(returned->case_id());
  look.set_use_cause("核对");
  const auto shown = hospital().client->GetCase(look);
  ASSERT_OK(shown);
  EXPECT_THAT(shown->content_digest(), IsEmpty());  // there is nothing to sign
  // Mended, the same case goes on.
  request.set_request_id("00000000-0000-4000-8000-000000000005");
  request.set_case_id(returned->case_id());
  *request.mutable_application() = ApplicationFor(birth, application.newborn_id(), kHospital);
  const auto mended = hospital().client->SubmitApplication(request);
  ASSERT_OK(mended);
  EXPECT_EQ(mended->case_id(), returned->case_id());
  const auto approved = Approve(hospital(), *mended);
  ASSERT_OK(approved);
  EXPECT_OK(Issue(hospital(), *approved));
}

TEST_F(FirstIssueScenarios, Scenario5MotherOnlyCertificateHasTheAbsentMarkerForTheFather) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.clear_father();
  application.set_newborn_name("林知夏");
  const auto unstated = File(hospital(), application);
  ASSERT_OK(unstated);
  EXPECT_THAT(CodesOf(*unstated), Contains("MOTHER_STATEMENT_MISSING"));
  AddEvidence("MOTHER_STATEMENT", &application);
  const auto certificate = Certify(hospital(), application);
  ASSERT_OK(certificate);
  const v1::FaceContent content = ContentOf(certificate->number());
  EXPECT_FALSE(content.has_father());
  EXPECT_EQ(content.absent_marker(), "/");
  EXPECT_EQ(VerifyFile(Download(*certificate)).verdict(), v1::VERDICT_VALID);
}

TEST_F(FirstIssueScenarios, Scenario6HalfAFatherIsReturned) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.mutable_father()->clear_id_number();
  application.mutable_father()->clear_id_type();
  const auto filed = File(hospital(), application);
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state(), v1::CASE_STATE_RETURNED);
  EXPECT_THAT(CodesOf(*filed), Contains("FATHER_INCOMPLETE"));
  EXPECT_THAT(Approve(hospital(), *filed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(FirstIssueScenarios, Scenario7DelegateNeedsTheMothersDelegation) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.mutable_collector()->set_name("云近山");
  application.mutable_collector()->set_relation("DELEGATE");
  application.mutable_collector()->set_id_number(application.father().id_number());
  const auto returned = File(hospital(), application);
  ASSERT_OK(returned);
  EXPECT_EQ(returned->state(), v1::CASE_STATE_RETURNED);
  EXPECT_THAT(CodesOf(*returned), Contains("DELEGATION_MISSING"));
  AddEvidence("DELEGATION", &application);
  AddEvidence("COLLECTOR_ID", &application);
  EXPECT_OK(Certify(hospital(), application));
}

TEST_F(FirstIssueScenarios, TheFatherAppliesForTheChildOfAMotherWhoDied) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  v1::Collector* collector = application.mutable_collector();
  collector->set_relation("FATHER");
  collector->set_name(application.father().name());
  collector->set_id_type(application.father().id_type());
  collector->set_id_number(application.father().id_number());
  const auto returned = File(hospital(), application);
  ASSERT_OK(returned);
  EXPECT_THAT(CodesOf(*returned), testing::ElementsAre("DELEGATION_MISSING"));
  AddEvidence("MOTHER_DEATH", &application);
  EXPECT_OK(Certify(hospital(), application));
}

TEST_F(FirstIssueScenarios, AGuardianProvesTheGuardianshipWhenTheMotherIsMissing) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.mutable_collector()->set_relation("GUARDIAN");
  application.mutable_collector()->set_name("林外婆");
  AddEvidence("COLLECTOR_ID", &application);
  AddEvidence("MOTHER_MISSING", &application);
  const auto returned = File(hospital(), application);
  ASSERT_OK(returned);
  EXPECT_THAT(CodesOf(*returned), testing::ElementsAre("GUARDIANSHIP_MISSING"));
  AddEvidence("GUARDIANSHIP", &application);
  EXPECT_OK(Certify(hospital(), application));
}

TEST_F(FirstIssueScenarios, Scenario8MotherOfAnotherNameNeedsProofThatSheIsTheOneAdmitted) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.mutable_mother()->set_name("林晚照");
  application.mutable_collector()->set_name("林晚照");
  const auto returned = File(hospital(), application);
  ASSERT_OK(returned);
  EXPECT_EQ(returned->state(), v1::CASE_STATE_RETURNED);
  EXPECT_THAT(CodesOf(*returned), Contains("ID_MISMATCH"));
  AddEvidence("SAME_PERSON_CERTIFICATE", &application);
  EXPECT_OK(Certify(hospital(), application));
}

TEST_F(FirstIssueScenarios, Scenario9SecondFirstIssueIsRefusedAnywhereWithThePointerToReissue) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::Certificate certificate = CertifyBirth(hospital(), birth);
  for (Site* site : {&hospital(), &other(), &county()}) {
    const auto refused = File(*site, ApplicationFor(birth, certificate.newborn_id(), site->code));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
    EXPECT_NE(certs::TextZhOf(refused.status()).find("换发或补发"), std::string::npos);
  }
}

// Two institutions hold a delivery record each of one birth: born on the way, treated in both.
TEST_F(FirstIssueScenarios, Scenario10OfTwoInstitutionsWithARecordOfOneBirthExactlyOneIssues) {
  for (int round = 0; round < 5; ++round) {
    const v1::Delivery here = NewBirth(hospital());
    v1::Delivery there = here;
    there.set_facility_code(other().code);
    there.set_facility_name(other().name);
    there.set_baby_record_no(absl::StrCat("Q-", here.baby_record_no()));
    there.set_mother_inpatient_no(absl::StrCat("Q-", here.mother_inpatient_no()));
    const std::string newborn = Deliver(hospital(), here);
    ASSERT_EQ(Deliver(other(), there), newborn);

    absl::StatusOr<v1::Certificate> outcomes[2];
    Site* sites[2] = {&hospital(), &other()};
    std::vector<std::thread> threads;
    std::atomic<int> ready{0};
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        const auto filed = File(*sites[i], ApplicationFor(here, newborn, sites[i]->code));
        ++ready;
        while (ready < 2) std::this_thread::yield();  // both are filed before either is approved
        if (!filed.ok()) {
          outcomes[i] = filed.status();
          return;
        }
        EXPECT_EQ(filed->state(), v1::CASE_STATE_SUBMITTED) << filed->ShortDebugString();
        const auto approved = Approve(*sites[i], *filed);
        if (approved.ok()) {
          outcomes[i] = Issue(*sites[i], *approved);
        } else {
          outcomes[i] = approved.status();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(outcomes[0].ok() + outcomes[1].ok(), 1)
        << outcomes[0].status() << " " << outcomes[1].status();
    const bool first_won = outcomes[0].ok();
    EXPECT_THAT(certs::ReasonOf(outcomes[first_won ? 1 : 0].status()),
                testing::AnyOf("SLOT_TAKEN", "CERTIFICATE_EXISTS"));
    const v1::Certificate& certificate = *outcomes[first_won ? 0 : 1];
    EXPECT_EQ(ContentOf(certificate.number()).issuing_institution_code(),
              sites[first_won ? 0 : 1]->code);
    EXPECT_EQ(StatusOfLicence(certificate.licence_id()), v1::CERTIFICATE_STATUS_VALID);
  }
}

TEST_F(FirstIssueScenarios, Scenario11TwinsGetTwoCertificatesAndAThirdIsRefused) {
  v1::Delivery twins[2] = {NewBirth(hospital()), {}};
  twins[0].set_plurality(2);
  twins[1] = twins[0];
  twins[1].set_birth_order(2);
  twins[1].set_baby_record_no(absl::StrCat(twins[0].baby_record_no(), "b"));
  std::vector<std::string> numbers, newborns;
  for (const v1::Delivery& twin : twins) {
    const v1::Certificate certificate = CertifyBirth(hospital(), twin);
    numbers.push_back(certificate.number());
    newborns.push_back(certificate.newborn_id());
    EXPECT_EQ(StatusOfLicence(certificate.licence_id()), v1::CERTIFICATE_STATUS_VALID);
  }
  EXPECT_NE(numbers[0], numbers[1]);
  EXPECT_NE(newborns[0], newborns[1]);

  v1::Delivery third = twins[0];
  third.set_birth_order(3);
  third.set_baby_record_no(absl::StrCat(twins[0].baby_record_no(), "c"));
  const v1::PushDeliveriesResponse verdict = Push(hospital(), third);
  EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_REVIEW);
  const auto filed = File(hospital(), ApplicationFor(third, verdict.newborn_id(), kHospital));
  ASSERT_OK(filed);
  EXPECT_THAT(CodesOf(*filed), Contains("BIRTH_ORDER_EXCEEDS_PLURALITY"));
  EXPECT_THAT(Approve(hospital(), *filed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(FirstIssueScenarios, Scenario27LicenceIdentifierIsRejectedWithAnySingleWrongCharacter) {
  for (const char* vector :
       {"1.2.156.3005.2.11100000000013338W011.11110000000021135M.20230329701.003.Y",
        "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
        "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0"}) {
    EXPECT_OK(certs::LicenceId::Parse(vector));
  }
  const v1::Certificate certificate = CertifyBirth(hospital(), NewBirth(hospital()));
  const std::string& right = certificate.licence_id();
  const auto licence = certs::LicenceId::Parse(right);
  ASSERT_OK(licence);
  EXPECT_EQ(licence->serial(), certificate.number());
  for (size_t i = std::string("1.2.156.3005.2.").size(); i < right.size(); ++i) {
    if (right[i] == '.') continue;
    for (const char c : absl::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
      if (c == right[i]) continue;
      std::string wrong = right;
      wrong[i] = c;
      EXPECT_THAT(certs::LicenceId::Parse(wrong), Not(IsOk())) << wrong;
    }
    std::string wrong = right;
    wrong[i] = right[i] == '7' ? '8' : '7';
    EXPECT_EQ(StatusOfLicence(wrong), v1::CERTIFICATE_STATUS_UNSPECIFIED) << wrong;
  }
}

TEST_F(FirstIssueScenarios, Scenario32OnlyReceivedNumbersAreAllottedAndAWastedOneNeverAgain) {
  const v1::Delivery birth = NewBirth(hospital());
  const auto filed = File(hospital(), ApplicationFor(birth, Deliver(hospital(), birth), kHospital));
  ASSERT_OK(filed);
  const auto approved = Approve(hospital(), *filed);
  ASSERT_OK(approved);
  EXPECT_LE("Z520000001", approved->certificate_number());
  EXPECT_LE(approved->certificate_number(), "Z520001000");

  v1::ReportMisprintRequest misprint;
  misprint.set_case_id(filed->case_id());
  misprint.set_operator_id("issuer-1");
  misprint.set_reason("打印错误");
  misprint.set_request_id("00000000-0000-4000-8000-000000000032");
  misprint.set_number("X520000123");  // never received
  EXPECT_THAT(hospital().client->ReportMisprint(misprint),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NUMBER_NOT_ALLOTTED"));
  misprint.set_request_id("00000000-0000-4000-8000-000000000033");
  misprint.set_number(approved->certificate_number());
  const auto next = hospital().client->ReportMisprint(misprint);
  ASSERT_OK(next);
  EXPECT_NE(next->certificate_number(), approved->certificate_number());
  // The seal order over the spoilt number no longer fits; that of the new one does.
  EXPECT_THAT(Issue(hospital(), *approved), Not(IsOk()));
  const auto again = Approve(hospital(), *filed);
  ASSERT_OK(again);
  EXPECT_EQ(again->certificate_number(), next->certificate_number());
  EXPECT_OK(Issue(hospital(), *again));
  // Neither the wasted number nor any other comes into stock a second time.
  v1::ReceiveStockRequest stock;
  stock.set_request_id("00000000-0000-4000-8000-000000000034");
  stock.set_institution_code(kOtherHospital);
  stock.set_first_number(approved->certificate_number());
  stock.set_last_number(approved->certificate_number());
  EXPECT_THAT(town().administrator->ReceiveStock(stock),
              StatusIs(absl::StatusCode::kAlreadyExists, "STOCK_OVERLAP"));
  const v1::Certificate other_birth = CertifyBirth(hospital(), NewBirth(hospital()));
  EXPECT_NE(other_birth.number(), approved->certificate_number());
}

}  // namespace
}  // namespace birthseal::tests
