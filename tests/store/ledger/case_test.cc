// SPDX-License-Identifier: Apache-2.0
// Cases, approval, numbers and stock (tests/SCENARIOS.md 9, 10, 11, 32).
#include "certs/lifecycle.h"
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CaseState;
using certs::NumberState;
using store::Family;

class CaseTest : public LedgerTest {};

// Rule E13.
TEST_F(CaseTest, FilingAgainWithTheSameRequestGetsTheFirstAnswer) {
  const store::SubmitApplication filed = driver_.Filed(driver_.Accept(Birth()));
  store::SubmitApplication again = filed;
  again.case_id = driver_.NewId<certs::CaseId>();
  const store::AnyAnswer answer = driver_.Do(again);
  ASSERT_OK(answer.status);
  EXPECT_EQ(CaseIn(answer).case_id, filed.case_id);
  EXPECT_EQ(CaseIn(answer).state, CaseState::kSubmitted);
  again.content_sm3 = driver_.NewKey();
  EXPECT_THAT(driver_.Do(again).status, StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

// Rule I5.
TEST_F(CaseTest, CaseNeedsAKnownNewbornAndItsCurrentRecord) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  store::SubmitApplication command = driver_.Application(delivery);
  command.newborn_id = driver_.NewId<certs::NewbornId>();
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kNotFound, "NEWBORN_UNKNOWN"));
  command = driver_.Application(delivery);
  command.basis_delivery = driver_.NewId<certs::DeliveryId>();
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kAborted, "RECORD_MOVED_ON"));
}

// Rule E10.
TEST_F(CaseTest, ReturnedCaseIsFiledAgainByItsOwnerOnly) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  store::SubmitApplication command = driver_.Application(delivery);
  command.state = CaseState::kReturned;
  command.defect_codes = {"FATHER_INCOMPLETE"};
  ASSERT_OK(driver_.Do(command).status);
  EXPECT_THAT(driver_.Do(driver_.Approval(command)).status,
              StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
  command.resubmission = true;
  command.request_key = driver_.NewKey();
  command.state = CaseState::kSubmitted;
  store::SubmitApplication foreign = command;
  foreign.organisation_code = kOtherHospital;
  EXPECT_THAT(driver_.Do(foreign).status,
              StatusIs(StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS"));
  ASSERT_OK(driver_.Do(command).status);
  EXPECT_OK(driver_.Do(driver_.Approval(command)).status);
}

// Rule E11.
TEST_F(CaseTest, RefusedCaseIsOver) {
  store::SubmitApplication command = driver_.Application(driver_.Accept(Birth()));
  command.state = CaseState::kRefused;
  ASSERT_OK(driver_.Do(command).status);
  command.resubmission = true;
  command.request_key = driver_.NewKey();
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(CaseTest, RepeatedApprovalGivesTheSameNumber) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  EXPECT_EQ(approved.number, "A520000001");
  const store::AnyAnswer again = driver_.Do(approved.command);
  ASSERT_OK(again.status);
  EXPECT_EQ(CaseIn(again).certificate_number, approved.number);
  EXPECT_EQ(Meta().numbers_in_stock(), 99u);
}

// Rule O5.
TEST_F(CaseTest, ApprovalOfOtherContentIsRefused) {
  store::Approve command = driver_.Approval(driver_.Filed(driver_.Accept(Birth())));
  command.content_digest = driver_.NewKey();
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kFailedPrecondition, "CONTENT_CHANGED"));
}

// Rule O6.
TEST_F(CaseTest, ApprovalByAnotherInstitutionIsRefused) {
  store::Approve command = driver_.Approval(driver_.Filed(driver_.Accept(Birth())));
  command.institution_code = kOtherHospital;
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS"));
}

// Rule E12.
TEST_F(CaseTest, ApprovalAfterANewerRecordIsRefused) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::Approve command = driver_.Approval(driver_.Filed(delivery));
  store::AcceptDelivery update = driver_.Delivery(Birth());
  update.base = delivery.delivery_id;
  driver_.Accept(update);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kFailedPrecondition, "DELIVERY_CHANGED"));
}

// Rule I5.
TEST_F(CaseTest, NoApprovalWithoutAnIdentifiedMother) {
  Birth birth;
  birth.mother.clear();
  store::Approve command = driver_.Approval(driver_.Filed(driver_.Accept(birth)));
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kFailedPrecondition, "MOTHER_CLAIM_MISSING"));
  birth.mother = "PASSPORT001", birth.record.clear();
  command.claims = driver_.ClaimsOf(birth);  // the case brings the mother
  EXPECT_OK(driver_.Do(command).status);
}

// Rule C15.
TEST_F(CaseTest, CaseThatClaimsAnotherBirthHoldsBothNewborns) {
  Birth one, two;
  two.mother = "PASSPORT002", two.record = "B2";
  const store::DeliveryAnswer a = driver_.Accept(one), b = driver_.Accept(two);
  store::Approve command = driver_.Approval(driver_.Filed(b));
  one.record.clear();
  command.claims = driver_.ClaimsOf(one);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kFailedPrecondition, "CLAIM_CONFLICT"));
  EXPECT_EQ(NewbornOf(a.newborn_id).open_reviews_size(), 1);
  EXPECT_EQ(NewbornOf(b.newborn_id).open_reviews_size(), 1);
  EXPECT_EQ(Meta().numbers_in_stock(), 100u);
  EXPECT_THAT(driver_.Do(driver_.Approval(driver_.Filed(a))).status,
              StatusIs(StatusCode::kFailedPrecondition, "NEWBORN_IN_REVIEW"));
}

// Rule O7.
TEST_F(CaseTest, SecondCaseOfOneNewbornFindsTheSlotTaken) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::SubmitApplication first = driver_.Filed(delivery), second = driver_.Filed(delivery);
  ASSERT_OK(driver_.Do(driver_.Approval(first)).status);
  EXPECT_THAT(driver_.Do(driver_.Approval(second)).status,
              StatusIs(StatusCode::kFailedPrecondition, "SLOT_TAKEN"));
}

// Rule E8.
TEST_F(CaseTest, SecondFirstIssueIsRefusedWhileACertificateIsValid) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::SubmitApplication second = driver_.Filed(delivery);
  driver_.Issued(delivery);
  EXPECT_THAT(driver_.Do(driver_.Approval(second)).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
  EXPECT_THAT(driver_.Do(driver_.Application(delivery)).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
}

// Rule S6.
TEST_F(CaseTest, MisprintWastesTheNumberAndAllotsTheNext) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  store::Misprint command;
  command.organisation_code = kHospital;
  command.operator_id = "issuer";
  command.number = approved.number;
  command.reason = "打印错误";
  command.request_key = driver_.NewKey();
  command.case_id = approved.command.case_id;
  for (int repeat = 0; repeat < 2; ++repeat) {
    const store::AnyAnswer answer = driver_.Do(command);
    ASSERT_OK(answer.status);
    EXPECT_EQ(CaseIn(answer).certificate_number, "A520000002");
  }
  EXPECT_EQ(NumberOf("A520000001").state(), static_cast<int>(NumberState::kWaste));
  EXPECT_EQ(NumberOf("A520000001").reason(), "打印错误");
  EXPECT_EQ(Meta().numbers_wasted(), 1u);
  store::Misprint stale = command;
  stale.request_key = driver_.NewKey();
  EXPECT_THAT(driver_.Do(stale).status,
              StatusIs(StatusCode::kFailedPrecondition, "NUMBER_NOT_ALLOTTED"));
  stale.request_key = command.request_key;
  stale.number = "A520000002";
  EXPECT_THAT(driver_.Do(stale).status, StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

// Rule S7.
TEST_F(CaseTest, WithdrawnCaseFreesTheSlotAndWastesItsNumber) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto approved = driver_.ApprovedCase(delivery);
  const store::Withdraw command{kHospital, "applicant's wish", approved.command.case_id};
  EXPECT_OK(driver_.Do(command).status);
  EXPECT_OK(driver_.Do(command).status);
  EXPECT_EQ(NumberOf(approved.number).state(), static_cast<int>(NumberState::kWaste));
  EXPECT_EQ(driver_.ApprovedCase(delivery).number, "A520000002");
}

// Rule S5.
TEST_F(CaseTest, StockIsUsedInOrderAndEnds) {
  driver_.Enrol(kOtherHospital, 2, "B520000001");
  std::vector<std::string> numbers;
  for (int i = 0; i < 3; ++i) {
    Birth birth;
    birth.mother += std::to_string(i), birth.record += std::to_string(i);
    store::SubmitApplication filed = driver_.Application(driver_.Accept(birth));
    filed.institution_code = kOtherHospital;
    ASSERT_OK(driver_.Do(filed).status);
    const store::AnyAnswer answer = driver_.Do(driver_.Approval(filed));
    if (i < 2) {
      ASSERT_OK(answer.status);
      numbers.push_back(CaseIn(answer).certificate_number);
    } else {
      EXPECT_THAT(answer.status, StatusIs(StatusCode::kFailedPrecondition, "STOCK_EMPTY"));
    }
  }
  EXPECT_THAT(numbers, testing::ElementsAre("B520000001", "B520000002"));
}

// Rule S2.
TEST_F(CaseTest, StockIsReceivedOnceAndOnlyByAKnownInstitution) {
  store::ReceiveStock command{kHospital, kHospital, "A520000100", "A520000199", driver_.NewKey()};
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kFailedPrecondition, "STOCK_OVERLAP"));
  command.first_number = "A520000101";
  EXPECT_OK(driver_.Do(command).status);
  EXPECT_OK(driver_.Do(command).status);
  EXPECT_EQ(Meta().numbers_in_stock(), 199u);
  command.last_number = "A520000198";
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  command = {kHospital, kOtherHospital, "B520000001", "B520000002", driver_.NewKey()};
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kNotFound, "INSTITUTION_UNKNOWN"));
  command = {kHospital, kHospital, "C520000009", "C520000001", driver_.NewKey()};
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kInvalidArgument, "STOCK_RANGE"));
}

}  // namespace
}  // namespace birthseal::tests
