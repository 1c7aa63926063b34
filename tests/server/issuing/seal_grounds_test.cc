// SPDX-License-Identifier: Apache-2.0
// What cannot be sealed is refused before anything is reserved: no INTENT, no number spent, no
// newborn held. The same, found after the reservation, is told and never issued unasked.
#include "server/issuing/seal_grounds.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::IssueStep;
using server::Role;

class SealGroundsTest : public UseCaseTest {
 protected:
  server::ApproveOutcome ApprovedBirth(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    return Approve(*filed, hospital());
  }
  uint64_t LogSize() { return ledger_->Head().size.value(); }

  // The order is refused with this reason and has left nothing.
  void ExpectRefusedUnreserved(const server::ApproveOutcome& approved, absl::string_view reason) {
    const uint64_t before = LogSize();
    const server::IssueOutcome outcome = Issue(approved, hospital());
    EXPECT_EQ(certs::ReasonOf(outcome.status), reason) << outcome.status;
    EXPECT_EQ(LogSize(), before);
    EXPECT_TRUE(registry_.OpenReservations(8)->empty());
  }
  storage::v1::Operator OperatorRecord(const std::string& id) {
    const auto record = registry_.Operator(id);
    EXPECT_OK(record);
    return *record;
  }
  void Put(const storage::v1::Operator& record) {
    ASSERT_OK(server::PutOperator(*house_, As(kManaging, Role::kAdministrator), record));
  }
  void PutHospital(const std::string& name, bool licensed) {
    storage::v1::Institution institution;
    institution.set_code(hospital());
    institution.set_name(name);
    institution.set_county_code("529901");
    institution.set_county_name("云岭县");
    institution.set_licensed(licensed);
    ASSERT_OK(server::PutInstitution(*house_, As(kManaging, Role::kAdministrator), institution));
  }
  // Another good seal of the hospital, of which the registry knows nothing.
  std::shared_ptr<const signer::InstitutionSeal> OtherSeal() {
    const auto made = signer::devpki::MakeInstitutionSeal(
        pki_.hierarchy, {hospital(), pki_.institution.name, "云岭县", false}, FixtureNow());
    EXPECT_OK(made);
    return OpenSeal(*made);
  }
};

TEST_F(SealGroundsTest, AnIssuerSuspendedSinceTheApproval) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  storage::v1::Operator issuer = OperatorRecord("issuer-" + hospital());
  issuer.set_active(false);
  Put(issuer);
  ExpectRefusedUnreserved(approved, "OPERATOR_INACTIVE");
}

TEST_F(SealGroundsTest, AnIssuersKeyReplacedSinceTheApproval) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  storage::v1::Operator issuer = OperatorRecord("issuer-" + hospital());
  issuer.set_public_key(signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2)->PublicSpki());
  Put(issuer);
  ExpectRefusedUnreserved(approved, "APPROVAL_SIGNATURE");
}

TEST_F(SealGroundsTest, OneKeyUnderTwoOperators) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  storage::v1::Operator sealer = OperatorRecord("sealer-" + hospital());
  sealer.set_public_key(OperatorRecord("issuer-" + hospital()).public_key());
  Put(sealer);
  staff_[hospital()].sealer = staff_[hospital()].issuer;
  ExpectRefusedUnreserved(approved, "SAME_PERSON_MAY_NOT_SEAL");
}

// Rule G4.
TEST_F(SealGroundsTest, ASealThatNobodyEnrolled) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  keys_.seals[hospital()] = OtherSeal();
  ExpectRefusedUnreserved(approved, "SEAL_NOT_ENROLLED");
}

TEST_F(SealGroundsTest, ASealOfWhichTheRegistryKnowsNothing) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  store::WriteBatch batch;
  batch.Erase(store::Family::kRegistry, store::RegistryKey(store::RegistryKind::kSeal, hospital()));
  CommitBehindTheLedger(engine_.get(), batch);
  ExpectRefusedUnreserved(approved, "SEAL_UNKNOWN");
}

// Enrolled, named and dated as it should be, by a maker whom no verifier knows.
TEST_F(SealGroundsTest, ASealOfAMakerWhomNobodyTrusts) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  const auto hierarchy = signer::devpki::MakeHierarchy(FixtureNow());
  ASSERT_OK(hierarchy);
  const auto made = signer::devpki::MakeInstitutionSeal(
      *hierarchy, {hospital(), pki_.institution.name, "云岭县", false}, FixtureNow());
  ASSERT_OK(made);
  keys_.seals[hospital()] = OpenSeal(*made);
  storage::v1::SealRecord seal;
  seal.set_institution_code(hospital());
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(keys_.seals[hospital()]->seal.bytes)));
  ASSERT_OK(server::PutSeal(*house_, As(kManaging, Role::kAdministrator), seal));
  ExpectRefusedUnreserved(approved, "SEAL_NOT_TRUSTED");
}

// Rule G4.
TEST_F(SealGroundsTest, ASuspendedSeal) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  storage::v1::SealRecord seal;
  seal.set_institution_code(hospital());
  seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(keys_.seals[hospital()]->seal.bytes)));
  seal.set_suspended(true);
  ASSERT_OK(server::PutSeal(*house_, As(kManaging, Role::kAdministrator), seal));
  ExpectRefusedUnreserved(approved, "SEAL_SUSPENDED");
}

TEST_F(SealGroundsTest, ASealThatHasExpired) {
  clock_.Advance(keys_.seals[hospital()]->seal.valid_until - clock_.Now() + absl::Hours(30));
  ledger_->ConfirmClock();
  certs::Delivery birth = BirthOf(1);
  birth.birth_time = absl::CivilMinute(
      absl::ToCivilMinute(clock_.Now() - absl::Hours(24 * 5), absl::FixedTimeZone(8 * 3600)));
  birth.signed_at = absl::CivilSecond(birth.birth_time) + 3600;
  certs::Application application = ApplicationFor(1, PushBirth(birth));
  application.mother.age = application.father->age = 0;  // computed from their numbers
  const auto filed = File(application);
  ASSERT_OK(filed);
  ExpectRefusedUnreserved(Approve(*filed, hospital()), "SEAL_NOT_VALID_NOW");
}

TEST_F(SealGroundsTest, AnInstitutionThatWasRenamedSinceItsSealWasMade) {
  PutHospital("改名后的虚构医院", true);
  ExpectRefusedUnreserved(ApprovedBirth(1), "SEAL_OF_OTHER_INSTITUTION");
}

// Rule G3.
TEST_F(SealGroundsTest, AnInstitutionThatWasRenamedSinceTheApproval) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  PutHospital("改名后的虚构医院", true);
  ExpectRefusedUnreserved(approved, "INSTITUTION_RENAMED");
}

TEST_F(SealGroundsTest, AnInstitutionOfWhichTheRegistryKnowsNothing) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  const auto filed = File(ApplicationFor(2, PushBirth(BirthOf(2))));
  ASSERT_OK(filed);
  store::WriteBatch batch;
  batch.Erase(store::Family::kRegistry,
              store::RegistryKey(store::RegistryKind::kInstitution, hospital()));
  CommitBehindTheLedger(engine_.get(), batch);
  ExpectRefusedUnreserved(approved, "INSTITUTION_UNKNOWN");
  const absl::Status refused = Approve(*filed, hospital()).status;
  EXPECT_THAT(refused, StatusIs(StatusCode::kNotFound, "INSTITUTION_UNKNOWN"));
  EXPECT_EQ(certs::FieldOf(refused), "institution_code");
  EXPECT_NE(certs::TextZhOf(refused), "");
}

// Rule G3.
TEST_F(SealGroundsTest, ALicenceWithdrawnSinceTheApproval) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  PutHospital(pki_.institution.name, false);
  ExpectRefusedUnreserved(approved, "INSTITUTION_NOT_LICENSED");
}

TEST_F(SealGroundsTest, ALicenceWithdrawnSinceTheFilingAllotsNoNumber) {
  const auto filed = File(ApplicationFor(1, PushBirth(BirthOf(1))));
  ASSERT_OK(filed);
  PutHospital(pki_.institution.name, false);
  const server::ApproveOutcome outcome = Approve(*filed, hospital());
  EXPECT_THAT(outcome.status,
              StatusIs(StatusCode::kFailedPrecondition, "INSTITUTION_NOT_LICENSED"));
  EXPECT_TRUE(outcome.certificate_number.empty());
}

// Rule G2.
TEST_F(SealGroundsTest, EvidenceThatTheProfileNowRequires) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  for (auto& [name, profile] : profiles_.by_name) {
    profile.evidence.push_back({certs::CaseKind::kFirstIssue,
                                certs::ExchangeGround::kNone,
                                {certs::EvidenceKind::kDnaReport}});
  }
  ExpectRefusedUnreserved(approved, "EVIDENCE_MISSING");
}

TEST_F(SealGroundsTest, AFatherAloneIsSealedWhereTheProfileLetsHimApply) {
  for (auto& [name, profile] : profiles_.by_name) profile.father_only_route = true;
  certs::Application application = ApplicationFor(1, PushBirth(BirthOf(1)));
  application.mother = {};
  application.collector = {application.father->name, "FATHER", application.father->id_type,
                           application.father->id_number, ""};
  application.evidence.clear();
  for (const certs::EvidenceKind kind :
       {certs::EvidenceKind::kFatherId, certs::EvidenceKind::kDnaReport,
        certs::EvidenceKind::kDelegation}) {
    application.evidence.push_back({kind, "DOC-1", certs::Sm3Of("document"), ""});
  }
  const auto filed = File(application);
  ASSERT_OK(filed);
  for (const certs::Defect& defect : filed->defects) {
    EXPECT_EQ(defect.severity, certs::Severity::kNote) << defect.code;
  }
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(verifier_->Verify(Download(issued.certificate.number), clock_.Now()).verdict,
            signer::Verdict::kGenuineStatusNotChecked);
}

class ReservedTest : public SealGroundsTest {
 protected:
  // Reserved, and then its issuer is suspended.
  server::ApproveOutcome ReservedWithoutIssuer() {
    const server::ApproveOutcome approved = ApprovedBirth(1);
    SetStepHook([](IssueStep reached) {
      return reached == IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                             : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    SetIssuerActive(false);
    return approved;
  }
  void SetIssuerActive(bool active) {
    storage::v1::Operator issuer = OperatorRecord("issuer-" + hospital());
    issuer.set_active(active);
    Put(issuer);
  }
};

TEST_F(ReservedTest, WhyItIsUnfinishedIsToldOnceAndAgainEachHour) {
  ReservedWithoutIssuer();
  std::vector<std::string> told;
  server::Finisher finisher(&house_->issuing,
                            [&](const storage::v1::Reservation& open, const absl::Status& why) {
                              EXPECT_EQ(open.institution_code(), hospital());
                              told.push_back(certs::ReasonOf(why));
                            });
  for (int minute = 0; minute < 50; ++minute) {
    EXPECT_EQ(finisher.RunOnce().finished, 0u);
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_THAT(told, testing::ElementsAre("OPERATOR_INACTIVE"));
  clock_.Advance(absl::Minutes(30));
  finisher.RunOnce();
  EXPECT_EQ(told.size(), 2u);
}

TEST_F(ReservedTest, ASealSuspendedSinceSealsNothing) {
  ReservedWithoutIssuer();
  SetIssuerActive(true);
  const auto suspend = [this](bool suspended) {
    storage::v1::SealRecord seal = *registry_.Seal(hospital());
    seal.set_suspended(suspended);
    ASSERT_OK(server::PutSeal(*house_, As(kManaging, Role::kAdministrator), seal));
  };
  suspend(true);
  std::string told;
  server::Finisher finisher(&house_->issuing,
                            [&](const storage::v1::Reservation&, const absl::Status& why) {
                              told = certs::ReasonOf(why);
                            });
  EXPECT_EQ(finisher.RunOnce().finished, 0u);
  EXPECT_EQ(told, "SEAL_SUSPENDED");
  suspend(false);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
}

TEST_F(ReservedTest, FinishesByItselfWhenTheCauseIsGoneWithinADay) {
  ReservedWithoutIssuer();
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().failed, 1u);
  clock_.Advance(absl::Hours(20));
  SetIssuerActive(true);
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
}

// Rule G10.
TEST_F(ReservedTest, AfterADayItIsIssuedOnlyWhenAskedAgain) {
  const server::ApproveOutcome approved = ReservedWithoutIssuer();
  std::string told;
  server::Finisher finisher(&house_->issuing,
                            [&](const storage::v1::Reservation&, const absl::Status& why) {
                              told = certs::ReasonOf(why);
                            });
  finisher.RunOnce();
  clock_.Advance(absl::Hours(25));
  SetIssuerActive(true);
  EXPECT_EQ(finisher.RunOnce().finished, 0u);
  EXPECT_EQ(told, "ISSUE_WAITS_TO_BE_ASKED");
  EXPECT_EQ(registry_.OpenReservations(8)->size(), 1u);
  const server::IssueOutcome issued = Issue(approved, hospital());
  ASSERT_OK(issued.status);
  EXPECT_EQ(issued.certificate.number, approved.certificate_number);
}

}  // namespace
}  // namespace birthseal::tests
