// SPDX-License-Identifier: Apache-2.0
// From reservation to certificate and its end (tests/SCENARIOS.md 1, 2, 11, 21, 25).
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CaseKind;
using certs::CertificateState;
using certs::LeafKind;
using certs::NumberState;
using store::Family;
using testing::ElementsAre;

class IssueTest : public LedgerTest {
 protected:
  std::vector<certs::Leaf> Leaves() {
    std::vector<certs::Leaf> leaves;
    EXPECT_OK(engine_.NewSnapshot()->Scan(Family::kLeaves, "", "",
                                          [&](absl::string_view, absl::string_view bytes) {
                                            const auto leaf = certs::ParseLeaf(bytes);
                                            EXPECT_OK(leaf);
                                            if (leaf.ok()) leaves.push_back(*leaf);
                                            return leaf.ok();
                                          }));
    return leaves;
  }
  store::SubmitApplication Successor(const store::DeliveryAnswer& delivery, CaseKind kind,
                                     const std::string& predecessor) {
    store::SubmitApplication command = driver_.Application(delivery);
    command.kind = kind;
    command.predecessor_number = predecessor;
    return command;
  }
  store::Revoke Revocation(const std::string& number) {
    store::Revoke command;
    command.organisation_code = kHospital;
    command.first_operator = "one";
    command.second_operator = "two";
    command.number = number;
    command.reason = "obtained by fraud";
    command.request_key = driver_.NewKey();
    command.decision_sm3 = certs::Sm3Of("decision");
    command.salt = std::string(16, 'r');
    return command;
  }
  void PutSeal(bool suspended) {
    storage::v1::SealRecord seal;
    seal.set_institution_code(kHospital);
    seal.set_suspended(suspended);
    ASSERT_OK(driver_.Do(store::PutSeal{kHospital, seal.SerializeAsString(), "salt"}).status);
  }
};

// Rule C4.
TEST_F(IssueTest, FirstIssueMakesOneValidCertificate) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const storage::v1::CertificateHead head = driver_.Issued(delivery);
  EXPECT_EQ(head.state(), static_cast<int>(CertificateState::kValid));
  EXPECT_EQ(head.reservation().certificate_number(), "A520000001");
  EXPECT_EQ(head.reservation().status_index(), 1u);
  const storage::v1::Newborn newborn = NewbornOf(delivery.newborn_id);
  EXPECT_EQ(newborn.valid_certificate(), 1u);
  EXPECT_TRUE(newborn.slot_case().empty());
  EXPECT_EQ(NumberOf("A520000001").state(), static_cast<int>(NumberState::kUsed));
  EXPECT_EQ(Told(), std::vector<std::string>{"ISSUED"});
  EXPECT_EQ(Meta().certificates_issued(), 1u);
  EXPECT_EQ(Meta().numbers_in_stock(), 99u);
  const auto claim = engine_.NewSnapshot()->Get(
      Family::kClaims, store::DigestKey(certs::NumberClaim(kIndexKey, "A520000001")));
  ASSERT_OK(claim);
  EXPECT_EQ(*claim, store::IdKey(delivery.newborn_id));
}

TEST_F(IssueTest, ReservationCarriesTheProofOfItsIntent) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const store::AnyAnswer answer = driver_.Do(driver_.Order(approved.command, approved.number));
  ASSERT_OK(answer.status);
  const auto& value = std::get<store::ReservationAnswer>(answer.value);
  const storage::v1::Reservation reservation = ReservationIn(answer);
  EXPECT_OK(certs::CheckInclusion(certs::LeafHash(reservation.leaf()), reservation.intent_index(),
                                  value.tree_size.value(), value.path, value.root));
  EXPECT_EQ(ledger_->Head().root, value.root);
  EXPECT_EQ(ledger_->Head().size, value.tree_size);
  const auto leaf = certs::ParseLeaf(reservation.leaf());
  ASSERT_OK(leaf);
  const certs::Digest face = certs::DigestFrom(reservation.face_digest()).value();
  EXPECT_EQ(leaf->commitment,
            certs::Commit(reservation.salt(), certs::IntentOpening(face, reservation.licence_id(),
                                                                   reservation.document_id())));
}

TEST_F(IssueTest, RepeatedReservationIsTheFirstWithAProofInTheNewestTree) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const storage::v1::Reservation first = driver_.Reserved(approved);
  PutSeal(true);  // the log grows, and the seal is needed no more
  const store::AnyAnswer again = driver_.Do(driver_.Order(approved.command, approved.number));
  ASSERT_OK(again.status);
  EXPECT_EQ(ReservationIn(again).SerializeAsString(), first.SerializeAsString());
  const auto& value = std::get<store::ReservationAnswer>(again.value);
  EXPECT_OK(certs::CheckInclusion(certs::LeafHash(first.leaf()), first.intent_index(),
                                  value.tree_size.value(), value.path, value.root));
  EXPECT_EQ(value.tree_size, ledger_->Head().size);
  EXPECT_TRUE(ledger_->Head().has_intent);
  ASSERT_OK(driver_.Do(driver_.Issue(first.intent_index())).status);
  const store::AnyAnswer issued = driver_.Do(driver_.Order(approved.command, approved.number));
  ASSERT_OK(issued.status);
  EXPECT_EQ(std::get<store::ReservationAnswer>(issued.value).issued_status_index,
            certs::StatusIndex(1));
}

TEST_F(IssueTest, RepeatedCommitGivesTheFirstCertificate) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const uint64_t intent = driver_.Reserved(approved).intent_index();
  const store::AnyAnswer first = driver_.Do(driver_.Issue(intent));
  const store::AnyAnswer second = driver_.Do(driver_.Issue(intent));
  ASSERT_OK(second.status);
  EXPECT_TRUE(std::get<store::CertificateAnswer>(first.value).first);
  EXPECT_FALSE(std::get<store::CertificateAnswer>(second.value).first);
  EXPECT_EQ(CertificateIn(first).file_sm3(), CertificateIn(second).file_sm3());
  EXPECT_EQ(Meta().certificates_issued(), 1u);
}

// Rule G7.
TEST_F(IssueTest, NothingIsCommittedWithoutAnIntent) {
  EXPECT_THAT(driver_.Do(driver_.Issue(0)).status,
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
  EXPECT_THAT(driver_.Do(driver_.Issue(99)).status,
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
}

// Rule I9.
TEST_F(IssueTest, WhoApprovedMayNotSeal) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  store::Reserve order = driver_.Order(approved.command, approved.number);
  order.operator_id = approved.command.operator_id;
  EXPECT_THAT(driver_.Do(order).status,
              StatusIs(StatusCode::kPermissionDenied, "SAME_PERSON_MAY_NOT_SEAL"));
  // The refusal is in the audit trail, chained to the entry before.
  const storage::v1::Meta meta = Meta();
  const auto last = Stored<storage::v1::AuditEntry>(engine_, Family::kAudit,
                                                    store::IndexKey(meta.next_audit() - 1));
  EXPECT_EQ(last.action(), "Reserve");
  EXPECT_EQ(last.operator_id(), approved.command.operator_id);
  EXPECT_EQ(last.result(), "SAME_PERSON_MAY_NOT_SEAL");
  EXPECT_EQ(meta.audit_head(), certs::Bytes(certs::Sm3Of(last.SerializeAsString())));
}

// Rule G5.
TEST_F(IssueTest, SealOrderMustNameTheLedgersDay) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  store::Reserve order = driver_.Order(approved.command, approved.number);
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(driver_.Do(order).status,
              StatusIs(StatusCode::kFailedPrecondition, "ISSUE_DATE_PASSED"));
  EXPECT_OK(driver_.Do(driver_.Order(approved.command, approved.number)).status);
}

TEST_F(IssueTest, SealOrderOverAnotherFaceIsRefused) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  EXPECT_THAT(driver_.Do(driver_.Order(approved.command, "A520000002")).status,
              StatusIs(StatusCode::kFailedPrecondition, "CONTENT_CHANGED"));
}

TEST_F(IssueTest, NothingIsReservedWithoutAnActiveSeal) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  PutSeal(true);
  const store::Reserve order = driver_.Order(approved.command, approved.number);
  EXPECT_THAT(driver_.Do(order).status,
              StatusIs(StatusCode::kFailedPrecondition, "SEAL_SUSPENDED"));
  PutSeal(false);
  EXPECT_OK(driver_.Do(order).status);
}

TEST_F(IssueTest, NothingIsReservedForAnInstitutionWithoutASeal) {
  storage::v1::Institution record;
  record.set_code(kOtherHospital);
  ASSERT_OK(driver_.Do(store::PutInstitution{kOtherHospital, record.SerializeAsString()}).status);
  ASSERT_OK(driver_
                .Do(store::ReceiveStock{kOtherHospital, kOtherHospital, "B520000001", "B520000009",
                                        driver_.NewKey()})
                .status);
  store::SubmitApplication filed = driver_.Application(driver_.Accept(Birth()));
  filed.institution_code = kOtherHospital;
  ASSERT_OK(driver_.Do(filed).status);
  const store::Approve approval = driver_.Approval(filed);
  ASSERT_OK(driver_.Do(approval).status);
  EXPECT_THAT(driver_.Do(driver_.Order(approval, "B520000001")).status,
              StatusIs(StatusCode::kFailedPrecondition, "SEAL_UNKNOWN"));
}

// Rule C14.
TEST_F(IssueTest, NothingIsReservedBeforeApprovalOrInReview) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::Approve approval = driver_.Approval(driver_.Filed(delivery));
  EXPECT_THAT(driver_.Do(driver_.Order(approval, "A520000001")).status,
              StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
  ASSERT_OK(driver_.Do(approval).status);
  store::AcceptDelivery doubtful = driver_.Delivery(Birth());
  doubtful.base = delivery.delivery_id;
  doubtful.birth.plurality = 2;
  driver_.Accept(doubtful);
  EXPECT_THAT(driver_.Do(driver_.Order(approval, "A520000001")).status,
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_IN_REVIEW"));
}

// Rule G6.
TEST_F(IssueTest, LicenceIdentifierIsUsedOnce) {
  const auto first = driver_.ApprovedCase(driver_.Accept(Birth()));
  Birth other;
  other.mother = "PASSPORT002", other.record = "B2";
  const auto second = driver_.ApprovedCase(driver_.Accept(other));
  store::Reserve a = driver_.Order(first.command, first.number);
  store::Reserve b = driver_.Order(second.command, second.number);
  b.licence_id = a.licence_id;
  ASSERT_OK(driver_.Do(a).status);
  EXPECT_THAT(driver_.Do(b).status, StatusIs(StatusCode::kAlreadyExists, "ID_TAKEN"));
}

// Rule I12.
TEST_F(IssueTest, TwinsGetTwoCertificatesWithTwoNumbers) {
  Birth one, two;
  one.plurality = two.plurality = 2;
  two.order = 2, two.record = "B2";
  const auto a = driver_.Issued(driver_.Accept(one)), b = driver_.Issued(driver_.Accept(two));
  EXPECT_NE(a.reservation().certificate_number(), b.reservation().certificate_number());
  EXPECT_NE(a.reservation().newborn_id(), b.reservation().newborn_id());
}

// Rule I10.
TEST_F(IssueTest, ExchangeVoidsTheOldAndMakesTheNewInOneCommit) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto old = driver_.Issued(delivery);
  const store::SubmitApplication filed =
      Successor(delivery, CaseKind::kExchange, old.reservation().certificate_number());
  ASSERT_OK(driver_.Do(filed).status);
  const auto fresh = driver_.IssuedFrom(filed);
  EXPECT_EQ(fresh.supersedes(), "A520000001");
  const storage::v1::CertificateHead ended = CertificateOf(1);
  EXPECT_EQ(ended.state(), static_cast<int>(CertificateState::kExchanged));
  EXPECT_EQ(ended.superseded_by(), "A520000002");
  EXPECT_EQ(ended.file_sm3(), old.file_sm3());
  EXPECT_EQ(NumberOf("A520000001").state(), static_cast<int>(NumberState::kUsed));  // no waste
  EXPECT_EQ(NewbornOf(delivery.newborn_id).valid_certificate(), 2u);
  EXPECT_EQ(Meta().numbers_wasted(), 0u);
  EXPECT_THAT(Told(), ElementsAre("ISSUED", "VOIDED", "ISSUED"));
  const std::vector<certs::Leaf> leaves = Leaves();
  const certs::Leaf& voided = leaves[ended.voided_leaf() - 1];
  EXPECT_EQ(voided.kind, LeafKind::kVoided);
  EXPECT_EQ(voided.status_index, 1u);
  EXPECT_EQ(voided.commitment, certs::Commit(ended.voided_salt(), ended.void_reason()));
  EXPECT_EQ(leaves[fresh.issued_leaf()].commitment,
            certs::Commit(fresh.issued_salt(), fresh.file_sm3()));
}

// Rule I10.
TEST_F(IssueTest, ReplacementLeavesTheOldReplaced) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  driver_.Issued(delivery);
  store::SubmitApplication filed = Successor(delivery, CaseKind::kReplacement, "A520000001");
  filed.basis_delivery = {};  // judged by the original certificate
  ASSERT_OK(driver_.Do(filed).status);
  driver_.IssuedFrom(filed);
  EXPECT_EQ(CertificateOf(1).state(), static_cast<int>(CertificateState::kReplaced));
}

// Rule X3.
TEST_F(IssueTest, SuccessorNeedsTheValidCertificateOfItsNewborn) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  EXPECT_THAT(driver_.Do(Successor(delivery, CaseKind::kExchange, "A520000001")).status,
              StatusIs(StatusCode::kFailedPrecondition, "PREDECESSOR_NOT_VALID"));
  driver_.Issued(delivery);
  const store::SubmitApplication filed = Successor(delivery, CaseKind::kExchange, "A520000001");
  ASSERT_OK(driver_.Do(filed).status);
  const store::Approve approval = driver_.Approval(filed);
  const store::AnyAnswer approved = driver_.Do(approval);
  ASSERT_OK(approved.status);
  ASSERT_OK(driver_.Do(Revocation("A520000001")).status);
  EXPECT_THAT(driver_.Do(driver_.Order(approval, CaseIn(approved).certificate_number)).status,
              StatusIs(StatusCode::kFailedPrecondition, "PREDECESSOR_NOT_VALID"));
}

// Rule V1.
TEST_F(IssueTest, RevocationIsFinalAndAskedOnce) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  driver_.Issued(delivery);
  const store::Revoke command = Revocation("A520000001");
  const store::AnyAnswer first = driver_.Do(command), again = driver_.Do(command);
  ASSERT_OK(first.status);
  ASSERT_OK(again.status);
  EXPECT_FALSE(std::get<store::CertificateAnswer>(again.value).first);
  EXPECT_EQ(CertificateIn(again).state(), static_cast<int>(CertificateState::kRevoked));
  EXPECT_THAT(driver_.Do(Revocation("A520000001")).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_NOT_VALID"));
  EXPECT_THAT(driver_.Do(Revocation("A520000009")).status,
              StatusIs(StatusCode::kNotFound, "CERTIFICATE_UNKNOWN"));
  EXPECT_EQ(NewbornOf(delivery.newborn_id).valid_certificate(), 0u);
  EXPECT_EQ(Meta().certificates_voided(), 1u);
}

TEST_F(IssueTest, RevocationAndCancellationNeedTwoPersons) {
  const auto reservation = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(Birth())));
  store::Revoke revoke = Revocation("A520000001");
  revoke.second_operator = revoke.first_operator;
  EXPECT_THAT(driver_.Do(revoke).status,
              StatusIs(StatusCode::kInvalidArgument, "TWO_PERSONS_NEEDED"));
  store::CancelReservation cancel = CancellationOf(reservation);
  cancel.second_operator.clear();
  EXPECT_THAT(driver_.Do(cancel).status,
              StatusIs(StatusCode::kInvalidArgument, "TWO_PERSONS_NEEDED"));
}

// Rule V3.
TEST_F(IssueTest, RevocationWaitsForASuccessorThatIsBeingIssued) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  driver_.Issued(delivery);
  const store::SubmitApplication filed = Successor(delivery, CaseKind::kExchange, "A520000001");
  ASSERT_OK(driver_.Do(filed).status);
  const store::Approve approval = driver_.Approval(filed);
  const std::string number = CaseIn(driver_.Do(approval)).certificate_number;
  const uint64_t intent = driver_.Reserved({approval, number}).intent_index();
  EXPECT_THAT(driver_.Do(Revocation("A520000001")).status,
              StatusIs(StatusCode::kAborted, "ISSUE_IN_PROGRESS"));
  EXPECT_OK(driver_.Do(driver_.Issue(intent)).status);
}

// Rule S7.
TEST_F(IssueTest, CancelledReservationFreesTheSlotAndWastesTheNumber) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto approved = driver_.ApprovedCase(delivery);
  const storage::v1::Reservation reservation = driver_.Reserved(approved);
  ASSERT_OK(driver_.Do(CancellationOf(reservation)).status);
  EXPECT_EQ(NumberOf(approved.number).state(), static_cast<int>(NumberState::kWaste));
  EXPECT_EQ(Leaves().back().kind, LeafKind::kCancelled);
  EXPECT_EQ(Leaves().back().intent_index, reservation.intent_index() + 1);
  EXPECT_THAT(driver_.Do(driver_.Issue(reservation.intent_index())).status,
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
  EXPECT_THAT(driver_.Do(CancellationOf(reservation)).status,
              StatusIs(StatusCode::kNotFound, "NO_SUCH_INTENT"));
  const auto head = driver_.Issued(delivery);
  EXPECT_EQ(head.reservation().status_index(), 2u);  // an index is never used again
}

// Rule G14.
TEST_F(IssueTest, AReservationIsGivenUpForTheCaseThatWasSignedFor) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const storage::v1::Reservation reservation = driver_.Reserved(approved);
  Birth other;
  other.mother = "PASSPORT002", other.record = "B2";
  const auto another = driver_.ApprovedCase(driver_.Accept(other));
  store::CancelReservation cancel = CancellationOf(reservation);
  cancel.case_id = another.command.case_id;
  const uint64_t size = Meta().log_size();
  EXPECT_THAT(driver_.Call1(cancel),
              StatusIs(StatusCode::kFailedPrecondition, "CASE_OF_ANOTHER_INTENT"));
  EXPECT_EQ(Meta().log_size(), size);
  EXPECT_EQ(NumberOf(approved.number).state(), static_cast<int>(NumberState::kAllocated));
  EXPECT_OK(driver_.Call1(CancellationOf(reservation)));
}

TEST_F(IssueTest, ChangesOfSealsAndOperatorsAreLoggedOnce) {
  const size_t before = Leaves().size();
  storage::v1::Operator record;
  record.set_id("issuer");
  record.set_institution_code(kHospital);
  const store::PutOperator put{kHospital, record.SerializeAsString(), "salt"};
  ASSERT_OK(driver_.Do(put).status);
  ASSERT_OK(driver_.Do(put).status);
  PutSeal(true);
  const std::vector<certs::Leaf> leaves = Leaves();
  ASSERT_EQ(leaves.size(), before + 2);
  EXPECT_EQ(leaves[before].kind, LeafKind::kOperatorChanged);
  EXPECT_EQ(leaves[before + 1].kind, LeafKind::kSealSuspended);
}

// Rule I13.
TEST_F(IssueTest, DisclosureLeavesItsCauseInTheAuditTrail) {
  ASSERT_OK(driver_.Do(store::Access{kHospital, "GetCertificate", "school entry", {"id"}}).status);
  const auto entry = Stored<storage::v1::AuditEntry>(engine_, Family::kAudit,
                                                     store::IndexKey(Meta().next_audit() - 1));
  EXPECT_EQ(entry.action(), "Access");
  EXPECT_EQ(entry.cause(), "GetCertificate school entry");
  EXPECT_EQ(entry.subject(), "id");
}

// Rule U2.
TEST_F(IssueTest, AnAccessOfNobodyByNoMethodOrForNoCauseIsRefused) {
  const store::Access whole{kHospital, "GetCertificate", "school entry", {"id"}};
  store::Access of_nobody = whole, by_nothing = whole, for_nothing = whole;
  of_nobody.organisation_code.clear();
  by_nothing.method.clear();
  for_nothing.use_cause.clear();
  for (const store::Access& access : {of_nobody, by_nothing, for_nothing}) {
    EXPECT_THAT(driver_.Do(access).status,
                StatusIs(absl::StatusCode::kInvalidArgument, "ACCESS_INCOMPLETE"));
  }
  EXPECT_OK(driver_.Do(whole).status);
}

}  // namespace
}  // namespace birthseal::tests
