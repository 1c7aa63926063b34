// SPDX-License-Identifier: Apache-2.0
// Receipts: what joins R1 to the witnesses before a document is sealed, and R2 and R3 as they are
// fetched. A store that fails is no store without witnesses, and no receipt is made of half a log.
#include "server/reading/get_receipt.h"

#include <memory>

#include "certs/proof/receipt.h"
#include "server/issuing/revoke_certificate.h"
#include "server/witnessing/receipt_maker.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/witnessing/witness_desk_fixture.h"
#include "tests/support/failing_engine.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::FetchedReceipt;
using server::IssueStep;
using server::Role;

// What everything else stands on: made before it and gone after it.
struct FailingStore {
  store::MemoryEngine memory_;
  Faults faults_;
};

class ReceiptsTest : public FailingStore, public WitnessDeskTest {
 protected:
  ReceiptsTest() : WitnessDeskTest(std::make_unique<FailingEngine>(&memory_, &faults_)) {}
  void SetUp() override {
    WitnessDeskTest::SetUp();
    Round();
  }
  server::ApproveOutcome ApprovedBirth(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    return Approve(*filed, hospital());
  }
  server::CertificateView ExchangeOf(const server::CertificateView& old, int n) {
    certs::Application application = ApplicationFor(n, old.newborn_id);
    application.kind = certs::CaseKind::kExchange;
    application.ground = certs::ExchangeGround::kDamaged;
    application.predecessor_number = old.number;
    for (const certs::EvidenceKind kind :
         {certs::EvidenceKind::kIssuingRecord, certs::EvidenceKind::kOriginalFront,
          certs::EvidenceKind::kOriginalSecond}) {
      application.evidence.push_back({kind, "DOC-9", certs::Sm3Of("document"), ""});
    }
    const auto filed = File(application);
    EXPECT_OK(filed);
    for (const certs::Defect& defect : filed->defects) {
      EXPECT_EQ(defect.severity, certs::Severity::kNote) << defect.code;
    }
    const server::IssueOutcome issued = Issue(Approve(*filed, hospital()), hospital());
    EXPECT_OK(issued.status);
    return issued.certificate;
  }
  void Revoke(const std::string& number) {
    server::RevokeCertificateInput input;
    input.request_id = "revoke-1";
    input.number = number;
    input.decision = {certs::EvidenceKind::kDecision, "DECISION-1", certs::Sm3Of("decision"), ""};
    const certs::Digest digest = server::RevocationDigest(number, input.decision.digest);
    input.issuer = IssuerOf(kManaging, digest);
    input.sealer = SealerOf(kManaging, digest);
    ASSERT_OK(server::RevokeCertificate(*house_, As(kManaging, Role::kManagingInstitution), input));
  }
  // Witnesses see what is there, and its receipts are kept.
  void KeepReceipts() {
    const certs::LeafIndex from(WitnessedSize());
    Round();
    const auto keep = [this](store::StoreReceipts command) {
      return ledger_->Call(std::move(command)).status();
    };
    ASSERT_OK(server::MakeReceipts(*desk_->Newest(), from, keep, [] { return false; }));
  }
  absl::StatusOr<std::string> Fetch(const server::CertificateView& of, FetchedReceipt strength) {
    return server::GetReceipt(*house_, of.licence_id, strength);
  }
  // From the reservation to the receipt nothing else reads this engine: the registry has another.
  void FailWhileJoining(int good, std::string* struck) {
    registry_ = store::Registry(&memory_, &value_sealer_);
    SetStepHook([this, good, struck](IssueStep step) {
      if (step == IssueStep::kReserved) faults_.FailAfter(good);
      if (step == IssueStep::kCheckpointSigned) *struck = faults_.Stop();
      return absl::OkStatus();
    });
  }
  size_t Issued() const { return registry_.Meta()->certificates_issued(); }
};

TEST_F(ReceiptsTest, WhatCannotBeJoinedToTheWitnessesIsNotSealed) {
  std::string struck;
  FailWhileJoining(0, &struck);
  const server::IssueOutcome outcome = Issue(ApprovedBirth(1), hospital());
  EXPECT_FALSE(faults_.Stop().empty());
  EXPECT_THAT(outcome.status, StatusIs(StatusCode::kInternal, kInjected));
  EXPECT_EQ(Issued(), 0u);
}

TEST_F(ReceiptsTest, NeitherIsItByTheFinisher) {
  std::string struck;
  FailWhileJoining(0, &struck);
  EXPECT_FALSE(Issue(ApprovedBirth(1), hospital()).status.ok());
  ASSERT_EQ(registry_.OpenReservations(9)->size(), 1u);
  server::Finisher finisher(&house_->issuing);
  size_t finished = 0;
  for (int good = 0; finished == 0; ++good) {
    ASSERT_LT(good, 100);
    clock_.Advance(absl::Minutes(1));
    struck.clear();
    faults_.FailAfter(good);
    finished = finisher.RunOnce().finished;
    struck += faults_.Stop();
    EXPECT_EQ(struck.empty(), finished == 1) << good << " " << struck;
  }
  EXPECT_EQ(Issued(), 1u);
}

TEST_F(ReceiptsTest, EachReceiptIsFetchedWholeOrTheFailureIsTold) {
  const server::CertificateView first = IssueBirth(1);
  const server::CertificateView second = ExchangeOf(first, 1);
  KeepReceipts();
  for (const FetchedReceipt strength : {FetchedReceipt::kWitnessed, FetchedReceipt::kJoint}) {
    ExpectEveryFaultComesOut(&faults_, [&] { return Fetch(second, strength).status(); });
  }
  const auto joint = certs::ParseJointReceipt(*Fetch(second, FetchedReceipt::kJoint));
  ASSERT_OK(joint);
  EXPECT_TRUE(joint->voided.has_value());
}

// The receipt names them: that one is gone is no "no such licence".
TEST_F(ReceiptsTest, ARecordThatIsGoneUnderAReceiptIsDamage) {
  const server::CertificateView first = IssueBirth(1);
  const server::CertificateView second = ExchangeOf(first, 1);
  KeepReceipts();
  const storage::v1::StoredReceipt stored = *registry_.StoredReceipt(second.status_index);
  const std::string checkpoint = store::IndexKey(
      store::PlaceOf({certs::LogEpoch(stored.epoch()), certs::LogSize(stored.size())}));
  using Place = std::pair<store::Family, std::string>;
  for (const auto& [family, key] :
       {Place{store::Family::kCheckpoints, checkpoint},
        Place{store::Family::kLicences, store::LicenceKey(first.number)},
        Place{store::Family::kCertificates, store::IndexKey(first.status_index)}}) {
    const std::string good = *memory_.NewSnapshot()->Get(family, key);
    store::WriteBatch batch;
    batch.Erase(family, key);
    CommitBehindTheLedger(&memory_, batch);
    EXPECT_THAT(Fetch(second, FetchedReceipt::kJoint),
                StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"))
        << store::Name(family);
    if (family == store::Family::kCheckpoints) {
      EXPECT_THAT(Fetch(second, FetchedReceipt::kWitnessed),
                  StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"));
    }
    Overwrite(&memory_, family, key, good);
  }
}

TEST_F(ReceiptsTest, WhatHadEndedWhenWitnessesFirstSawItHasNoJointReceipt) {
  const server::CertificateView exchanged = IssueBirth(1), revoked = IssueBirth(2);
  ExchangeOf(exchanged, 1);
  Revoke(revoked.number);
  KeepReceipts();
  for (const server::CertificateView& ended : {exchanged, revoked}) {
    EXPECT_OK(Fetch(ended, FetchedReceipt::kWitnessed));
    EXPECT_THAT(Fetch(ended, FetchedReceipt::kJoint),
                StatusIs(StatusCode::kFailedPrecondition, "ENDED_BEFORE_WITNESSED"));
  }
}

// The label of another newborn stands where this one's would: what it holds is not this one's.
TEST_F(ReceiptsTest, AProofThatEndsAtAnotherLabelIsNoneOfThisCertificate) {
  const server::CertificateView issued = IssueBirth(1);
  KeepReceipts();
  certs::MapProof proof;
  proof.label = certs::MapLabel(certs::Sm3Of("a label"));
  proof.terminal = certs::MapTerminal::kOther;
  proof.other = certs::MapLabel(certs::Sm3Of("another label"));
  proof.value = issued.status_index.value();
  storage::v1::StoredReceipt stored = *registry_.StoredReceipt(issued.status_index);
  stored.set_map_proof(certs::Canonical(proof));
  Overwrite(engine_.get(), store::Family::kReceipts, store::IndexKey(issued.status_index),
            stored.SerializeAsString());
  EXPECT_THAT(Fetch(issued, FetchedReceipt::kJoint),
              StatusIs(StatusCode::kFailedPrecondition, "ENDED_BEFORE_WITNESSED"));
}

TEST_F(ReceiptsTest, WhatIsNotWitnessedYetIsToldApartFromWhatIsUnknown) {
  const server::CertificateView issued = IssueBirth(1);
  SetStepHook([](IssueStep step) {
    return step == IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                        : absl::OkStatus();
  });
  EXPECT_FALSE(Issue(ApprovedBirth(2), hospital()).status.ok());
  const std::string reserved = registry_.OpenReservations(1)->front().licence_id();
  for (const FetchedReceipt strength : {FetchedReceipt::kWitnessed, FetchedReceipt::kJoint}) {
    EXPECT_THAT(Fetch(issued, strength), StatusIs(StatusCode::kUnavailable, "NOT_YET_WITNESSED"));
    for (const std::string& unknown : {std::string("1.2.156.3005.2.none"), reserved}) {
      EXPECT_THAT(server::GetReceipt(*house_, unknown, strength),
                  StatusIs(StatusCode::kNotFound, "LICENCE_UNKNOWN"))
          << unknown;
    }
  }
}

TEST_F(ReceiptsTest, ALeafThatTheLogDoesNotHaveIsLost) {
  const server::CertificateView issued = IssueBirth(1);
  KeepReceipts();
  storage::v1::CertificateHead head = *registry_.Certificate(issued.status_index);
  head.set_issued_leaf(head.issued_leaf() + 1000);
  Overwrite(engine_.get(), store::Family::kCertificates, store::IndexKey(issued.status_index),
            head.SerializeAsString());
  EXPECT_THAT(Fetch(issued, FetchedReceipt::kJoint), StatusIs(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace birthseal::tests
