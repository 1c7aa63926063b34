// SPDX-License-Identifier: Apache-2.0
// What a reservation, an issue and their end are refused for over a store that no longer says what
// it said: one record is changed past the ledger, and just that is seen.
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "store/keys.h"
#include "store/ledger/step.h"
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CaseKind;
using certs::CaseState;
using storage::v1::CaseHead;
using storage::v1::Newborn;
using storage::v1::Reservation;
using store::Family;

class IssueRefusalsTest : public LedgerTest {
 protected:
  void Approve() {
    delivery_ = driver_.Accept(Birth());
    approved_ = driver_.ApprovedCase(delivery_);
  }
  void Reserve() {
    Approve();
    reservation_ = driver_.Reserved(approved_);
  }
  store::Reserve Order() { return driver_.Order(approved_.command, approved_.number); }
  store::CommitIssue Issue() { return driver_.Issue(reservation_.intent_index()); }
  store::Revoke Revocation(const std::string& number) {
    store::Revoke command;
    command.first_operator = "one", command.second_operator = "two";
    command.number = number;
    command.request_key = driver_.NewKey();
    command.decision_sm3 = certs::Sm3Of("decision");
    command.salt = std::string(16, 'r');
    return command;
  }
  void ChangeNewborn(const std::function<void(Newborn&)>& change) {
    ChangePast<Newborn>(Family::kNewborns, store::IdKey(delivery_.newborn_id), change);
  }
  void ChangeCase(const std::function<void(CaseHead&)>& change) {
    ChangePast<CaseHead>(Family::kCases, store::IdKey(approved_.command.case_id), change);
  }

  store::DeliveryAnswer delivery_;
  RegistryDriver::Approved approved_;
  Reservation reservation_;
};

// Rule O6.
TEST_F(IssueRefusalsTest, OnlyTheInstitutionOfTheCaseReserves) {
  Approve();
  store::Reserve order = Order();
  order.institution_code = kOtherHospital;
  EXPECT_THAT(driver_.Call1(order), StatusIs(StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS"));
}

TEST_F(IssueRefusalsTest, NothingIsReservedForAWithdrawnNewborn) {
  Approve();
  clock_.Advance(absl::Seconds(1));
  store::AcceptDelivery withdrawal = driver_.Delivery(Birth());
  withdrawal.event = store::FeedEvent::kWithdraw;
  driver_.Accept(withdrawal);
  EXPECT_THAT(driver_.Call1(Order()),
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_WITHDRAWN"));
}

TEST_F(IssueRefusalsTest, NothingIsReservedWithoutTheSlot) {
  Approve();
  ChangeNewborn([](Newborn& newborn) { newborn.clear_slot_case(); });
  EXPECT_THAT(driver_.Call1(Order()), StatusIs(StatusCode::kFailedPrecondition, "SLOT_TAKEN"));
}

TEST_F(IssueRefusalsTest, NoFirstIssueIsReservedBesideACertificate) {
  Approve();
  ChangeNewborn([](Newborn& newborn) { newborn.set_valid_certificate(77); });
  EXPECT_THAT(driver_.Call1(Order()),
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
}

TEST_F(IssueRefusalsTest, AContentDigestOfAnotherLengthIsNoDigestOfZeros) {
  Approve();
  ChangeCase([](CaseHead& head) { head.set_content_digest("short"); });
  store::Reserve order = Order();
  order.face_digest = certs::FaceDigest(certs::Digest{}, approved_.number, order.issue_date);
  EXPECT_THAT(driver_.Call1(order), StatusIs(StatusCode::kFailedPrecondition, "CONTENT_CHANGED"));
}

TEST_F(IssueRefusalsTest, ADamagedLabelIsNoLabelOfZeros) {
  Approve();
  ChangeNewborn([](Newborn& newborn) { newborn.set_map_labels(0, "short"); });
  EXPECT_THAT(driver_.Call1(Order()), StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"));
}

TEST_F(IssueRefusalsTest, AReservationThatIsGoneIsDataLoss) {
  Reserve();
  ErasePast(Family::kReservations, store::IndexKey(reservation_.intent_index()));
  EXPECT_THAT(driver_.Call1(Order()), StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"));
}

TEST_F(IssueRefusalsTest, AReservationBeyondTheLogHasNoProof) {
  Reserve();
  ChangePast<Reservation>(Family::kReservations, store::IndexKey(reservation_.intent_index()),
                          [](Reservation& stored) { stored.set_intent_index(1000); });
  EXPECT_THAT(driver_.Call1(Order()), StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"));
}

TEST_F(IssueRefusalsTest, AReservationOfAnEndedEpochIsOnlyCancelled) {
  Reserve();
  ASSERT_OK(
      driver_.Call1(store::OpenEpoch{certs::LogSize(Meta().log_size() + 1), certs::Sm3Of("lost")}));
  EXPECT_THAT(driver_.Call1(Order()), StatusIs(StatusCode::kFailedPrecondition, "LOG_EPOCH_ENDED"));
  EXPECT_THAT(driver_.Call1(Issue()), StatusIs(StatusCode::kFailedPrecondition, "LOG_EPOCH_ENDED"));
  EXPECT_OK(driver_.Call1(CancellationOf(reservation_)));
}

// The epoch ends in the very batch that repeats a reservation: there is no tree left to prove it
// in.
TEST_F(IssueRefusalsTest, NoReservationIsProvenInAnotherEpoch) {
  Reserve();
  const auto snapshot = engine_.NewSnapshot();
  const auto state = store::ReadState(*snapshot);
  ASSERT_OK(state);
  std::vector<store::Command> commands = {
      Order(), store::OpenEpoch{certs::LogSize(Meta().log_size() + 1), certs::Sm3Of("lost")}};
  for (int i = 0; i < 9; ++i) {  // so that the new log has a leaf of that index too
    storage::v1::Operator who;
    who.set_id(std::to_string(i));
    commands.push_back(store::PutOperator{"", who.SerializeAsString(), "salt"});
  }
  EXPECT_THAT(store::Step(*snapshot, *state, commands, clock_.Now(), kIndexKey,
                          store::LedgerClock::kTrusted, store::LogGrowth::kOpen)
                  .status(),
              StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"));
}

TEST_F(IssueRefusalsTest, OnlyTheIntentOfACertificateRepeatsItsIssue) {
  Reserve();
  const storage::v1::CertificateHead head = CertificateIn(driver_.Do(Issue()));
  EXPECT_OK(driver_.Call1(Issue()));
  EXPECT_THAT(driver_.Call1(driver_.Issue(head.issued_leaf())),
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

TEST_F(IssueRefusalsTest, ACaseThatIsNotReservedIsNeitherIssuedNorCancelled) {
  Reserve();
  ChangeCase([](CaseHead& head) { head.set_state(static_cast<int>(CaseState::kIssued)); });
  EXPECT_THAT(driver_.Call1(Issue()), StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
  EXPECT_THAT(driver_.Call1(CancellationOf(reservation_)),
              StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(IssueRefusalsTest, ANumberThatIsNotAllottedIsNeitherUsedNorWasted) {
  Reserve();
  ChangePast<storage::v1::NumberRecord>(
      Family::kNumbers, store::NumberKey(approved_.number), [](storage::v1::NumberRecord& record) {
        record.set_state(static_cast<int>(certs::NumberState::kWaste));
      });
  EXPECT_THAT(driver_.Call1(Issue()), StatusIs(StatusCode::kFailedPrecondition, "NUMBER_STATE"));
  EXPECT_THAT(driver_.Call1(CancellationOf(reservation_)),
              StatusIs(StatusCode::kFailedPrecondition, "NUMBER_STATE"));
}

TEST_F(IssueRefusalsTest, ANewbornWithoutLabelsGetsNoCertificate) {
  Reserve();
  ChangeNewborn([](Newborn& newborn) { newborn.clear_map_labels(); });
  EXPECT_THAT(driver_.Call1(Issue()), StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
}

TEST_F(IssueRefusalsTest, ASuccessorIsNotIssuedOnceItsPredecessorHasEnded) {
  delivery_ = driver_.Accept(Birth());
  const auto old = driver_.Issued(delivery_);
  store::SubmitApplication filed = driver_.Application(delivery_);
  filed.kind = CaseKind::kExchange;
  filed.predecessor_number = old.reservation().certificate_number();
  ASSERT_OK(driver_.Call1(filed));
  const store::Approve approval = driver_.Approval(filed);
  const std::string number = CaseIn(driver_.Do(approval)).certificate_number;
  reservation_ = driver_.Reserved({approval, number});
  ChangePast<storage::v1::CertificateHead>(
      Family::kCertificates, store::IndexKey(1), [](storage::v1::CertificateHead& head) {
        head.set_state(static_cast<int>(certs::CertificateState::kRevoked));
      });
  EXPECT_THAT(driver_.Call1(Issue()),
              StatusIs(StatusCode::kFailedPrecondition, "PREDECESSOR_NOT_VALID"));
}

TEST_F(IssueRefusalsTest, WhatIsReservedOnlyIsNotRevoked) {
  Reserve();
  EXPECT_THAT(driver_.Call1(Revocation(reservation_.licence_id())),
              StatusIs(StatusCode::kNotFound, "CERTIFICATE_UNKNOWN"));
}

TEST_F(IssueRefusalsTest, ACertificateThatIsGoneGetsNoFurtherLabel) {
  Reserve();
  ASSERT_OK(driver_.Call1(Issue()));
  Birth renamed;
  renamed.mother = "PASSPORT777";
  store::AcceptDelivery update = driver_.Delivery(renamed);
  update.base = delivery_.delivery_id;
  ErasePast(Family::kCertificates, store::IndexKey(1));
  EXPECT_THAT(driver_.Call1(update), StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
}

}  // namespace
}  // namespace birthseal::tests
