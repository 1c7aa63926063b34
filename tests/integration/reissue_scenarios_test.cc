// SPDX-License-Identifier: Apache-2.0
// Exchange, replacement and what becomes of the old certificate: scenarios 20 to 25 of
// tests/SCENARIOS.md.
#include <algorithm>

#include "tests/integration/scenario_fixture.h"

namespace birthseal::tests {
namespace {

using testing::Contains;
using testing::Not;

class ReissueScenarios : public ScenarioTest {
 protected:
  // A certificate and the exchange of it, everything returned, on this ground.
  struct Exchange {
    v1::Delivery birth;
    v1::Certificate old;
    v1::Application application;
  };
  static Exchange ExchangeOn(v1::ExchangeGround ground) {
    Exchange exchange;
    exchange.birth = NewBirth(hospital());
    exchange.old = CertifyBirth(hospital(), exchange.birth);
    exchange.application =
        ExchangeFor(exchange.birth, exchange.old.newborn_id(), kHospital, exchange.old.number());
    exchange.application.set_ground(ground);
    return exchange;
  }
  static uint64_t NumbersWasted() {
    const auto summary = town().administrator->GetSummary(v1::GetSummaryRequest());
    EXPECT_OK(summary);
    return summary.ok() ? summary->numbers_wasted() : 0;
  }
  static v1::VerifyNumberResponse VerifyNumber(const Exchange& exchange,
                                               const std::string& number) {
    v1::VerifyNumberRequest request;
    request.set_number(number);
    request.set_newborn_name(exchange.application.newborn_name());
    request.set_parent_id_number(exchange.birth.mother_id_number());
    request.set_use_cause("参保登记");
    const auto response = town().relying_party->VerifyNumber(request);
    EXPECT_OK(response);
    return response.ok() ? *response : v1::VerifyNumberResponse();
  }
  static std::string LayerResult(const v1::VerifyDocumentResponse& report,
                                 const std::string& layer) {
    for (const v1::LayerReport& found : report.layers()) {
      if (found.layer() == layer) return found.result();
    }
    return "ABSENT";
  }
};

TEST_F(ReissueScenarios, Scenario20AWishForAnotherNameIsExplainedNotGranted) {
  Exchange exchange = ExchangeOn(v1::EXCHANGE_GROUND_PARENTS_WISH);
  exchange.application.set_newborn_name("云知秋");
  const auto filed = File(hospital(), exchange.application);
  ASSERT_OK(filed);
  EXPECT_NE(filed->state(), v1::CASE_STATE_SUBMITTED);
  const auto wish = std::find_if(
      filed->defects().begin(), filed->defects().end(),
      [](const v1::CaseDefect& defect) { return defect.code() == "PARENTS_WISH_NOT_A_GROUND"; });
  ASSERT_NE(wish, filed->defects().end());
  EXPECT_NE(wish->text_zh().find("曾用名"), std::string::npos);
  EXPECT_THAT(Approve(hospital(), *filed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_STATE"));
  EXPECT_EQ(StatusOfLicence(exchange.old.licence_id()), v1::CERTIFICATE_STATUS_VALID);
}

TEST_F(ReissueScenarios, Scenario21AdviceOfThePoliceGivesANewCertificateAndVoidsTheOld) {
  Exchange exchange = ExchangeOn(v1::EXCHANGE_GROUND_NAME_UNREGISTRABLE);
  exchange.application.set_newborn_name("云知秋");
  const auto unadvised = File(hospital(), exchange.application);
  ASSERT_OK(unadvised);
  EXPECT_THAT(CodesOf(*unadvised), Contains("CHANGE_ADVICE_MISSING"));
  AddEvidence("CHANGE_ADVICE", &exchange.application);

  v1::Application elsewhere = exchange.application;
  elsewhere.set_institution_code(kOtherHospital);
  const auto refused = File(other(), elsewhere);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_THAT(CodesOf(*refused), Contains("NOT_ORIGINAL_ISSUER"));

  const uint64_t wasted = NumbersWasted();
  const auto fresh = Certify(hospital(), exchange.application);
  ASSERT_OK(fresh);
  EXPECT_EQ(NumbersWasted(), wasted);
  EXPECT_EQ(fresh->supersedes(), exchange.old.number());
  EXPECT_EQ(fresh->newborn_id(), exchange.old.newborn_id());
  EXPECT_NE(fresh->number(), exchange.old.number());
  EXPECT_EQ(StatusOfLicence(exchange.old.licence_id()), v1::CERTIFICATE_STATUS_EXCHANGED);
  EXPECT_EQ(StatusOfLicence(fresh->licence_id()), v1::CERTIFICATE_STATUS_VALID);
  EXPECT_EQ(ContentOf(fresh->number()).newborn_name(), "云知秋");
  EXPECT_EQ(ContentOf(exchange.old.number()).newborn_name(), "云知夏");  // as it was issued
  // The old one cannot be exchanged a second time.
  EXPECT_THAT(Certify(hospital(), exchange.application), Not(IsOk()));
}

TEST_F(ReissueScenarios, Scenario22AnotherFatherNeedsTheDnaReport) {
  Exchange exchange = ExchangeOn(v1::EXCHANGE_GROUND_PARENT_CHANGE);
  v1::Parent* father = exchange.application.mutable_father();
  father->set_name("云远帆");
  const auto refused = File(hospital(), exchange.application);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_RETURNED);
  EXPECT_THAT(CodesOf(*refused), Contains("DNA_REPORT_MISSING"));
  AddEvidence("DNA_REPORT", &exchange.application);
  const auto fresh = Certify(hospital(), exchange.application);
  ASSERT_OK(fresh);
  EXPECT_EQ(ContentOf(fresh->number()).father().name(), "云远帆");
}

TEST_F(ReissueScenarios, Scenario23TheCountyReplacesALostCertificateWithTheSameContent) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::Certificate old = CertifyBirth(hospital(), birth);
  const v1::Application application = ReplacementOf(birth, old);
  const auto filed = File(county(), application);
  ASSERT_OK(filed);
  EXPECT_EQ(SeverityOf(*filed, "REPLACEMENT_FRONT_PAGE_ONLY"), v1::CaseDefect::NOTE);
  const auto fresh = Certify(county(), application);
  ASSERT_OK(fresh);
  EXPECT_EQ(fresh->supersedes(), old.number());
  EXPECT_EQ(StatusOfLicence(old.licence_id()), v1::CERTIFICATE_STATUS_REPLACED);
  v1::FaceContent before = ContentOf(old.number()), after = ContentOf(fresh->number());
  EXPECT_EQ(after.issuing_institution_code(), kManaging);
  for (v1::FaceContent* content : {&before, &after}) {
    content->clear_issuing_institution_code();
    content->clear_issuing_institution_name();
  }
  EXPECT_EQ(before.SerializeAsString(), after.SerializeAsString());
}

TEST_F(ReissueScenarios, Scenario24AHospitalDoesNotReplace) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::Certificate old = CertifyBirth(hospital(), birth);
  v1::Application application = ReplacementOf(birth, old);
  application.set_institution_code(kHospital);
  const auto refused = File(hospital(), application);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_THAT(CodesOf(*refused), Contains("ONLY_MANAGING_INSTITUTION_REPLACES"));
  EXPECT_EQ(StatusOfLicence(old.licence_id()), v1::CERTIFICATE_STATUS_VALID);
}

TEST_F(ReissueScenarios, Scenario25AReplacedCertificateIsNeverAnsweredAsValid) {
  Exchange exchange;
  exchange.birth = NewBirth(hospital());
  exchange.old = CertifyBirth(hospital(), exchange.birth);
  exchange.application = ReplacementOf(exchange.birth, exchange.old);
  const std::string file = Download(exchange.old);
  EXPECT_EQ(VerifyNumber(exchange, exchange.old.number()).share_result(), 0);
  const auto fresh = Certify(county(), exchange.application);
  ASSERT_OK(fresh);

  const v1::VerifyNumberResponse by_number = VerifyNumber(exchange, exchange.old.number());
  EXPECT_EQ(by_number.share_result(), 3);
  EXPECT_EQ(by_number.response_code(), 21);
  EXPECT_EQ(by_number.status(), v1::CERTIFICATE_STATUS_REPLACED);

  // The identifier of the licence, and the status index that the QR carries beside it.
  EXPECT_EQ(StatusOfLicence(exchange.old.licence_id()), v1::CERTIFICATE_STATUS_REPLACED);
  v1::GetStatusRequest by_index;
  by_index.set_status_index(exchange.old.status_index());
  const auto status = town().police->GetStatus(by_index);
  ASSERT_OK(status);
  EXPECT_EQ(status->status(), v1::CERTIFICATE_STATUS_REPLACED);

  // The file, kept since before and fetched again: the same bytes, sealed and intact.
  EXPECT_EQ(Download(exchange.old), file);
  const v1::VerifyDocumentResponse by_file = VerifyFile(file);
  EXPECT_EQ(by_file.verdict(), v1::VERDICT_SUPERSEDED);
  EXPECT_EQ(by_file.share_result(), 3);
  for (const char* layer : {"PACKAGE", "COVERAGE", "SIGNATURE", "SEAL", "CERTIFICATES"}) {
    EXPECT_EQ(LayerResult(by_file, layer), "OK") << layer;
  }

  EXPECT_EQ(VerifyNumber(exchange, fresh->number()).share_result(), 0);
  EXPECT_EQ(VerifyFile(Download(*fresh)).verdict(), v1::VERDICT_VALID);
}

}  // namespace
}  // namespace birthseal::tests
