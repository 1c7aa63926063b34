// SPDX-License-Identifier: Apache-2.0
// Whatever is altered in the stored evidence of an approved case, no seal is made: neither when it
// is ordered, nor by the finisher, which reads everything anew, nor by a process that has seen the
// true signatures hold.
#include <functional>

#include "absl/strings/str_cat.h"
#include "store/meta.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using server::IssueStep;
using server::Role;

// What a case's seal stands on, as it is stored.
struct Evidence {
  storage::v1::CaseHead head;
  store::CaseBody body;
  storage::v1::Reservation reservation;  // once reserved
};
struct Alteration {
  const char* name;
  std::function<void(Evidence*)> alter;
};

void Flip(std::string* bytes) { bytes->back() ^= 1; }

class StoredEvidenceTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    AddSecondPeople();
  }
  // A second issuer and a second sealer of the hospital, who signed nothing.
  void AddSecondPeople() {
    for (const bool seals : {false, true}) {
      storage::v1::Operator who;
      who.set_id(seals ? "sealer-2" : "issuer-2");
      who.set_institution_code(hospital());
      who.set_may_issue(!seals);
      who.set_may_seal(seals);
      who.set_active(true);
      who.set_public_key(signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2)->PublicSpki());
      ASSERT_OK(server::PutOperator(*house_, As(kManaging, Role::kAdministrator), who));
    }
  }
  server::ApproveOutcome ApprovedBirth(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    server::ApproveOutcome approved = Approve(*filed, hospital());
    EXPECT_OK(approved.status);
    return approved;
  }
  // Approved, ordered, and stopped as soon as the reservation is durable.
  server::ApproveOutcome ReservedBirth(int n) {
    server::ApproveOutcome approved = ApprovedBirth(n);
    SetStepHook([](IssueStep step) {
      return step == IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                          : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    return approved;
  }
  Evidence Load(const certs::CaseId& id) {
    Evidence evidence;
    const auto filed = registry_.Case(id);
    EXPECT_OK(filed);
    evidence.head = filed->head;
    evidence.body = filed->body;
    const auto open = registry_.OpenReservations(1);
    if (!open->empty()) evidence.reservation = open->front();
    return evidence;
  }
  void Store(const certs::CaseId& id, const Evidence& evidence) {
    store::WriteBatch batch;
    batch.Put(store::Family::kCases, store::IdKey(id), evidence.head.SerializeAsString());
    batch.Put(store::Family::kBodies, store::BodyKey(store::BodyKind::kCase, id),
              registry_.SealCaseBody(id, evidence.body));
    if (reserved_at_ != 0) {
      batch.Put(store::Family::kReservations, store::IndexKey(reserved_at_),
                evidence.reservation.SerializeAsString());
    }
    CommitBehindTheLedger(engine_.get(), batch);
  }
  size_t Issued() { return registry_.Meta()->certificates_issued(); }
  // Alters, lets the finisher try, and puts the truth back.
  void ExpectNotFinished(const certs::CaseId& id, const Alteration& alteration) {
    const Evidence truth = Load(id);
    Evidence altered = truth;
    alteration.alter(&altered);
    Store(id, altered);
    server::Finisher finisher(&house_->issuing);
    EXPECT_EQ(finisher.RunOnce().finished, 0u) << alteration.name;
    EXPECT_EQ(Issued(), 0u) << alteration.name;
    Store(id, truth);
  }
  std::vector<Alteration> OfTheApprovals() const;
  static std::vector<Alteration> OfTheContent();
  static std::vector<Alteration> OfTheCase();
  static std::vector<Alteration> OfTheReservation();

  uint64_t reserved_at_ = 0;  // place; 0: not reserved
};

std::vector<Alteration> StoredEvidenceTest::OfTheApprovals() const {
  const std::string elsewhere = kOtherHospital;
  return {
      {"issuer: another one",
       [](Evidence* e) { e->head.mutable_issuer()->set_operator_id("issuer-2"); }},
      {"issuer: nobody", [](Evidence* e) { e->head.mutable_issuer()->set_operator_id("nobody"); }},
      {"issuer: of another institution",
       [=](Evidence* e) { e->head.mutable_issuer()->set_operator_id("issuer-" + elsewhere); }},
      {"issuer: the sealer",
       [](Evidence* e) {
         e->head.mutable_issuer()->set_operator_id(e->head.sealer().operator_id());
       }},
      {"issuer: signature",
       [](Evidence* e) { Flip(e->head.mutable_issuer()->mutable_signature()); }},
      {"issuer: no signature", [](Evidence* e) { e->head.mutable_issuer()->clear_signature(); }},
      {"issuer: over another digest",
       [this](Evidence* e) {
         e->head.mutable_issuer()->set_signature(
             IssuerOf(hospital(), certs::Sm3Of("something else")).signature);
       }},
      {"issuer: none", [](Evidence* e) { e->head.clear_issuer(); }},
  };
}

std::vector<Alteration> StoredEvidenceTest::OfTheContent() {
  return {
      {"newborn's name", [](Evidence* e) { e->body.content.newborn_name = "云知秋"; }},
      {"sex", [](Evidence* e) { e->body.content.sex = certs::Sex::kMale; }},
      {"birth time", [](Evidence* e) { ++e->body.content.birth_time; }},
      {"gestation", [](Evidence* e) { ++e->body.content.gestation_weeks; }},
      {"gestation days", [](Evidence* e) { ++e->body.content.gestation_days; }},
      {"weight", [](Evidence* e) { ++e->body.content.birth_weight_g; }},
      {"length", [](Evidence* e) { ++e->body.content.birth_length_mm; }},
      {"place", [](Evidence* e) { e->body.content.birth_place.county = "青禾县"; }},
      {"place of delivery",
       [](Evidence* e) { e->body.content.delivery_institution_name += "分院"; }},
      {"its code", [](Evidence* e) { e->body.content.delivery_institution_code = kOtherHospital; }},
      {"mother", [](Evidence* e) { e->body.content.mother.name = "林晚秋"; }},
      {"mother's number", [](Evidence* e) { Flip(&e->body.content.mother.id_number); }},
      {"father", [](Evidence* e) { e->body.content.father->name = "云长空"; }},
      {"no father", [](Evidence* e) { e->body.content.father.reset(); }},
      {"issuing institution",
       [](Evidence* e) { e->body.content.issuing_institution_name += "院"; }},
      {"its code", [](Evidence* e) { e->body.content.issuing_institution_code = kOtherHospital; }},
      {"absent marker", [](Evidence* e) { e->body.content.absent_marker = "-"; }},
  };
}

std::vector<Alteration> StoredEvidenceTest::OfTheCase() {
  return {
      {"kind of none", [](Evidence* e) { e->body.application.kind = certs::CaseKind(9); }},
      {"evidence", [](Evidence* e) { e->body.application.evidence.clear(); }},
      {"profile", [](Evidence* e) { e->head.set_profile("no-such-profile"); }},
      {"state",
       [](Evidence* e) { e->head.set_state(static_cast<int>(certs::CaseState::kSubmitted)); }},
  };
}

std::vector<Alteration> StoredEvidenceTest::OfTheReservation() {
  return {
      {"number", [](Evidence* e) { e->reservation.set_certificate_number("Z520000777"); }},
      {"issue date", [](Evidence* e) { e->reservation.set_issue_date("2026-05-01"); }},
      {"no day", [](Evidence* e) { e->reservation.set_issue_date("tomorrow"); }},
      {"licence", [](Evidence* e) { Flip(e->reservation.mutable_licence_id()); }},
      {"document", [](Evidence* e) { Flip(e->reservation.mutable_document_id()); }},
      {"status index",
       [](Evidence* e) { e->reservation.set_status_index(e->reservation.status_index() + 1); }},
      {"intent",
       [](Evidence* e) { e->reservation.set_intent_index(e->reservation.intent_index() - 1); }},
      {"log epoch", [](Evidence* e) { e->reservation.set_log_epoch(2); }},
      {"salt", [](Evidence* e) { Flip(e->reservation.mutable_salt()); }},
      {"leaf", [](Evidence* e) { Flip(e->reservation.mutable_leaf()); }},
      {"case", [](Evidence* e) { Flip(e->reservation.mutable_case_id()); }},
      {"signing time", [](Evidence* e) { e->reservation.set_signing_time(1); }},
  };
}

TEST_F(StoredEvidenceTest, AlteredAfterTheApprovalNothingIsReserved) {
  const server::ApproveOutcome approved = ApprovedBirth(1);
  const Evidence truth = Load(approved.case_id);
  const server::IssueItem order = OrderFor(approved, hospital());
  std::vector<Alteration> all = OfTheApprovals();
  for (const auto& more : {OfTheContent(), OfTheCase()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  all.push_back({"number", [](Evidence* e) { e->head.set_certificate_number("Z520000777"); }});
  all.push_back({"institution", [](Evidence* e) { e->head.set_institution_code(kOtherHospital); }});
  all.push_back({"digest", [](Evidence* e) { Flip(e->head.mutable_content_digest()); }});
  for (const Alteration& alteration : all) {
    Evidence altered = truth;
    alteration.alter(&altered);
    Store(approved.case_id, altered);
    const uint64_t before = ledger_->Head().size.value();
    const auto outcomes = server::IssueCertificates(*house_, Issuing(hospital()), {order});
    ASSERT_OK(outcomes);
    EXPECT_FALSE(outcomes->front().status.ok()) << alteration.name;
    EXPECT_EQ(ledger_->Head().size.value(), before) << alteration.name;
    EXPECT_TRUE(registry_.OpenReservations(1)->empty()) << alteration.name;
  }
  Store(approved.case_id, truth);
  EXPECT_OK(Issue(approved, hospital()).status);
}

class ReservedEvidenceTest : public StoredEvidenceTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    StoredEvidenceTest::SetUp();
    id_ = ReservedBirth(1).case_id;
    reserved_at_ = store::IntentKeyOf(registry_.OpenReservations(1)->front()).value();
    if (GetParam()) Restart();  // a process that has seen no signature hold
  }
  void ExpectNoneFinishedAndThenTheTruth(const std::vector<Alteration>& alterations) {
    for (const Alteration& alteration : alterations) ExpectNotFinished(id_, alteration);
    server::Finisher finisher(&house_->issuing);
    EXPECT_EQ(finisher.RunOnce().finished, 1u);
    EXPECT_EQ(Issued(), 1u);
  }
  certs::CaseId id_;
};

TEST_P(ReservedEvidenceTest, AnIssuersApprovalThatWasAlteredIsNotSealed) {
  ExpectNoneFinishedAndThenTheTruth(OfTheApprovals());
}

TEST_P(ReservedEvidenceTest, ASealersApprovalThatWasAlteredIsNotSealed) {
  std::vector<Alteration> alterations = OfTheApprovals();
  for (Alteration& alteration : alterations) {  // the same of the other one
    alteration.alter = [alter = alteration.alter](Evidence* e) {
      e->head.mutable_issuer()->Swap(e->head.mutable_sealer());
      alter(e);
      e->head.mutable_issuer()->Swap(e->head.mutable_sealer());
    };
  }
  ExpectNoneFinishedAndThenTheTruth(alterations);
}

// Rule G8.
TEST_P(ReservedEvidenceTest, ContentThatWasAlteredIsNotSealed) {
  ExpectNoneFinishedAndThenTheTruth(OfTheContent());
}

TEST_P(ReservedEvidenceTest, ACaseThatWasAlteredIsNotSealed) {
  ExpectNoneFinishedAndThenTheTruth(OfTheCase());
}

TEST_P(ReservedEvidenceTest, AReservationThatWasAlteredIsNotSealed) {
  ExpectNoneFinishedAndThenTheTruth(OfTheReservation());
}

INSTANTIATE_TEST_SUITE_P(RememberingAndStartedAnew, ReservedEvidenceTest, testing::Bool());

// A signature that held is remembered (HeldSignaturesTest), and nothing else holds by that.
class HeldSignatureTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    id_ = "issuer-" + hospital();
    signature_ = IssuerOf(hospital(), digest_).signature;
    const auto who = operators_->Find(id_);
    ASSERT_OK(who);
    known_.people[id_] = *who;
  }
  absl::Status Check(const std::string& signature, const certs::Digest& digest,
                     signer::ApprovalRole role = signer::ApprovalRole::kIssuer) {
    return verifier_.Verify(id_, signature, role, hospital(), digest).status();
  }
  void ExpectRefused(const std::string& signature, const certs::Digest& digest) {
    EXPECT_THAT(Check(signature, digest),
                StatusIs(absl::StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  }
  const certs::Digest digest_ = certs::Sm3Of("a face");
  std::string id_, signature_;
  MapOperators known_;
  signer::ApprovalVerifier verifier_{&known_};
};

TEST_F(HeldSignatureTest, HoldsAgainOnceItHeld) {
  EXPECT_OK(Check(signature_, digest_));
  EXPECT_OK(Check(signature_, digest_));
}

TEST_F(HeldSignatureTest, OneThatDidNotHoldNeverDoes) {
  std::string bad = signature_;
  Flip(&bad);
  ExpectRefused(bad, digest_);
  ExpectRefused(bad, digest_);
}

TEST_F(HeldSignatureTest, HoldsInNoRoleThatIsNotItsSigners) {
  for (int time = 0; time < 2; ++time) {
    EXPECT_THAT(Check(signature_, digest_, signer::ApprovalRole::kSealer),
                StatusIs(absl::StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
    EXPECT_OK(Check(signature_, digest_));
  }
}

TEST_F(HeldSignatureTest, HoldsForNoOtherDigest) {
  ASSERT_OK(Check(signature_, digest_));
  ExpectRefused(signature_, certs::Sm3Of("another face"));
  ExpectRefused(signature_, {});
}

TEST_F(HeldSignatureTest, HoldsForNoOtherKey) {
  ASSERT_OK(Check(signature_, digest_));
  const auto other = operators_->Find("sealer-" + hospital());
  ASSERT_OK(other);
  auto renewed = std::make_shared<signer::Operator>(*known_.people[id_]);
  renewed->key = (*other)->key;
  known_.people[id_] = renewed;
  ExpectRefused(signature_, digest_);
}

TEST_F(HeldSignatureTest, HoldsForNoOtherSignature) {
  ASSERT_OK(Check(signature_, digest_));
  std::string other = signature_;
  Flip(&other);
  ExpectRefused(other, digest_);
  ExpectRefused("", digest_);
  ExpectRefused(signature_ + '\0', digest_);
}

}  // namespace
}  // namespace birthseal::tests
