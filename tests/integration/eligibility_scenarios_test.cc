// SPDX-License-Identifier: Apache-2.0
// Who may have a certificate, and when: scenarios 12 to 18 of tests/SCENARIOS.md.
#include "absl/strings/str_cat.h"
#include "tests/integration/scenario_fixture.h"

namespace birthseal::tests {
namespace {

using testing::Contains;
using testing::Not;

class EligibilityScenarios : public ScenarioTest {
 protected:
  // A first application 366 days after the birth, with what the profile asks for by then.
  static v1::Application LateApplication() {
    const v1::Delivery birth = BirthDaysAgo(hospital(), 366);
    v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
    AddEvidence("LATENESS_EXPLANATION", &application);
    return application;
  }
  // A record of that year waits for a person, who says that it is right.
  static v1::SubmitApplicationResponse FileOldBirth(const std::string& day, Site& site) {
    v1::Delivery birth = NewBirth(site);
    birth.set_birth_time(day + "T08:10");
    birth.set_signed_time(day + "T12:00:00");
    v1::PushDeliveriesResponse pushed = Push(site, birth);
    if (pushed.verdict() == v1::FEED_VERDICT_REVIEW) {
      v1::ResolveReviewRequest decided;
      decided.set_request_id("00000000-0000-4000-8000-000000000017");
      decided.set_delivery_id(pushed.delivery_id());
      decided.set_decision(v1::REVIEW_DECISION_ACCEPT);
      decided.set_operator_id(absl::StrCat("issuer-", site.suffix));
      decided.set_reason("档案核对无误");
      EXPECT_OK(site.client->ResolveReview(decided));
    }
    const auto filed = File(site, ApplicationFor(birth, pushed.newborn_id(), site.code));
    EXPECT_OK(filed);
    return filed.ok() ? *filed : v1::SubmitApplicationResponse();
  }
};

// Rule T5.
TEST_F(EligibilityScenarios, Scenario12AfterOneYearTheCaseWaitsForThePolice) {
  v1::Application application = LateApplication();
  const auto waiting = File(hospital(), application);
  ASSERT_OK(waiting);
  EXPECT_EQ(waiting->state(), v1::CASE_STATE_AWAITING_POLICE);
  const auto unapproved = Approve(hospital(), *waiting);  // and no number is allotted
  EXPECT_THAT(unapproved, StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_STATE"));
  AddEvidence("POLICE_CHECK_REPLY", &application, "NOT_REGISTERED");
  EXPECT_OK(Certify(hospital(), application));
}

// Rule E5.
TEST_F(EligibilityScenarios, Scenario13ARegisteredChildIsRefused) {
  v1::Application application = LateApplication();
  AddEvidence("POLICE_CHECK_REPLY", &application, "REGISTERED");
  const auto refused = File(hospital(), application);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_EQ(SeverityOf(*refused, "ALREADY_REGISTERED"), v1::CaseDefect::NOT_ELIGIBLE);
  EXPECT_THAT(Approve(hospital(), *refused),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(EligibilityScenarios, Scenario14ABirthOutsideAFacilityIsCertifiedByTheCountyBody) {
  v1::Delivery birth = NewBirth(county());
  birth.clear_facility_name();
  birth.set_manual(true);
  v1::Application application = ApplicationFor(birth, Deliver(county(), birth), kManaging);
  AddEvidence("DNA_REPORT", &application);
  v1::Application elsewhere = application;
  elsewhere.set_institution_code(kHospital);
  const auto refused = File(hospital(), elsewhere);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_THAT(CodesOf(*refused), Contains("NOT_DESIGNATED_OUTSIDE_FACILITY"));
  const auto certificate = Certify(county(), application);
  ASSERT_OK(certificate);
  EXPECT_EQ(ContentOf(certificate->number()).delivery_institution_name(), "/");
}

TEST_F(EligibilityScenarios, Scenario15OnlyALiveBirthIsEligible) {
  v1::Delivery birth = NewBirth(hospital());
  birth.set_outcome(v1::OUTCOME_STILLBIRTH);
  const std::string newborn = Push(hospital(), birth).newborn_id();
  const auto refused = File(hospital(), ApplicationFor(birth, newborn, kHospital));
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_EQ(SeverityOf(*refused, "NOT_LIVE_BIRTH"), v1::CaseDefect::NOT_ELIGIBLE);
}

TEST_F(EligibilityScenarios, Scenario16AChildWithoutAnIdentifiedMotherIsNotEligible) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.clear_mother();
  const auto refused = File(hospital(), application);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), v1::CASE_STATE_REFUSED);
  EXPECT_EQ(SeverityOf(*refused, "MOTHER_NOT_IDENTIFIED"), v1::CaseDefect::NOT_ELIGIBLE);
}

TEST_F(EligibilityScenarios, Scenario17BirthsBeforeCertificatesBeganAreNotEligible) {
  // The other one is judged by the national profile, the hospital by that of its province.
  const auto national = FileOldBirth("1995-12-31", other());
  EXPECT_EQ(national.state(), v1::CASE_STATE_REFUSED);
  EXPECT_THAT(CodesOf(national), Contains("BORN_BEFORE_CERTIFICATES"));
  const auto guizhou = FileOldBirth("1996-02-28", hospital());
  EXPECT_EQ(guizhou.state(), v1::CASE_STATE_REFUSED);
  EXPECT_THAT(CodesOf(guizhou), Contains("BORN_BEFORE_CERTIFICATES"));
  const auto in_time = FileOldBirth("1996-02-28", other());
  EXPECT_THAT(CodesOf(in_time), Not(Contains("BORN_BEFORE_CERTIFICATES")));
}

TEST_F(EligibilityScenarios, TheProfileFollowsTheInstitutionWhoeverFiles) {
  const v1::Delivery birth = NewBirth(hospital());
  v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  application.set_profile("national-default");
  const auto refused = File(hospital(), application);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "PROFILE_NOT_OF_INSTITUTION"));
  EXPECT_EQ(certs::FieldOf(refused.status()), "application.profile");
  application.set_profile("guizhou-2021");
  EXPECT_OK(Certify(hospital(), application));
}

// Rule I7.
TEST_F(EligibilityScenarios, Scenario18AFieldThatIsNotOursIsRefusedWhereverItStands) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::Application application = ApplicationFor(birth, Deliver(hospital(), birth), kHospital);
  // A permit number, as an old system might add it: to the case, to the mother, to the request.
  for (const int where : {0, 1, 2}) {
    v1::SubmitApplicationRequest request;
    request.set_request_id(absl::StrCat("00000000-0000-4000-8000-00000000018", where));
    *request.mutable_application() = application;
    google::protobuf::Message* place = &request;
    if (where == 1) place = request.mutable_application();
    if (where == 2) place = request.mutable_application()->mutable_mother();
    place->GetReflection()->MutableUnknownFields(place)->AddLengthDelimited(99, "520000000000");
    EXPECT_THAT(hospital().client->SubmitApplication(request),
                StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_UNKNOWN"))
        << where;
  }
  // Nor is there a kind of evidence by that name.
  v1::Application with_evidence = application;
  AddEvidence("BIRTH_PERMIT", &with_evidence);
  EXPECT_THAT(File(hospital(), with_evidence),
              StatusIs(absl::StatusCode::kInvalidArgument, "ENUM_UNKNOWN"));
  // Nor in the feed.
  v1::PushDeliveriesRequest push = MessageFor(NewBirth(hospital()));
  v1::Delivery* delivery = push.mutable_delivery();
  delivery->GetReflection()->MutableUnknownFields(delivery)->AddLengthDelimited(99, "5200");
  const auto verdicts = hospital().feed->Push({push});
  ASSERT_OK(verdicts);
  EXPECT_EQ(verdicts->front().verdict(), v1::FEED_VERDICT_REJECTED);
  EXPECT_EQ(verdicts->front().defects(0).code(), "FIELD_UNKNOWN");
}

}  // namespace
}  // namespace birthseal::tests
