// SPDX-License-Identifier: Apache-2.0
// What a case, its number and the stock are refused for, one reason at a time.
#include "certs/lifecycle.h"
#include "store/ledger/step.h"
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CaseKind;
using certs::CaseState;
using certs::NumberState;
using storage::v1::NumberRecord;
using storage::v1::StockRange;
using store::Family;

class CaseRefusalsTest : public LedgerTest {
 protected:
  static Birth BirthNo(int n) {
    Birth birth;
    birth.record += std::to_string(n), birth.mother += std::to_string(n);
    return birth;
  }
  store::SubmitApplication Returned(const store::DeliveryAnswer& delivery) {
    store::SubmitApplication command = driver_.Application(delivery);
    command.state = CaseState::kReturned;
    EXPECT_OK(driver_.Call1(command));
    command.resubmission = true;
    command.request_key = driver_.NewKey();
    command.state = CaseState::kSubmitted;
    return command;
  }
  store::SubmitApplication Exchange(const store::DeliveryAnswer& delivery) {
    const auto old = driver_.Issued(delivery);
    store::SubmitApplication command = driver_.Application(delivery);
    command.kind = CaseKind::kExchange;
    command.predecessor_number = old.reservation().certificate_number();
    return command;
  }
  store::DeliveryAnswer Update(const store::DeliveryAnswer& current, const Birth& birth) {
    clock_.Advance(absl::Seconds(1));
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.base = current.delivery_id;
    return driver_.Accept(command);
  }
  store::Misprint MisprintOf(const certs::CaseId& application, const std::string& number) {
    return {kHospital, "issuer", number, "打印错误", driver_.NewKey(), application};
  }
};

TEST_F(CaseRefusalsTest, AnIdOfACaseIsUsedOnce) {
  const store::SubmitApplication first = driver_.Filed(driver_.Accept(BirthNo(1)));
  store::SubmitApplication second = driver_.Application(driver_.Accept(BirthNo(2)));
  second.case_id = first.case_id;
  EXPECT_THAT(driver_.Call1(second), StatusIs(StatusCode::kAlreadyExists, "ID_TAKEN"));
}

TEST_F(CaseRefusalsTest, OnlyAKnownCaseIsFiledAgain) {
  store::SubmitApplication command = driver_.Application(driver_.Accept(Birth()));
  command.resubmission = true;
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kNotFound, "CASE_UNKNOWN"));
}

TEST_F(CaseRefusalsTest, OnlyAKnownCaseIsApproved) {
  store::Approve command = driver_.Approval(driver_.Filed(driver_.Accept(Birth())));
  command.case_id = driver_.NewId<certs::CaseId>();
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kNotFound, "CASE_UNKNOWN"));
}

// Rule E10.
TEST_F(CaseRefusalsTest, ACaseFiledAgainKeepsWhatItIs) {
  const store::DeliveryAnswer delivery = driver_.Accept(BirthNo(1));
  const store::DeliveryAnswer other = driver_.Accept(BirthNo(2));
  const store::SubmitApplication good = Returned(delivery);
  store::SubmitApplication command = good;
  command.organisation_code = kOtherHospital;
  EXPECT_THAT(driver_.Call1(command),
              StatusIs(StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS"));
  command = good;
  command.institution_code = kOtherHospital;
  EXPECT_THAT(driver_.Call1(command),
              StatusIs(StatusCode::kPermissionDenied, "NOT_A_CASE_OF_YOURS"));
  command = good;
  command.newborn_id = other.newborn_id, command.basis_delivery = other.delivery_id;
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "CASE_IDENTITY"));
  command = good;
  command.kind = CaseKind::kBackfill;
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "CASE_IDENTITY"));
  EXPECT_OK(driver_.Call1(good));
}

TEST_F(CaseRefusalsTest, ACaseOfNoKnownKindIsRefused) {
  store::SubmitApplication command = driver_.Application(driver_.Accept(Birth()));
  command.kind = static_cast<CaseKind>(99);
  command.basis_delivery = {};  // asked of first issues only
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "CASE_KIND"));
}

// A first issue is always judged by a record, a successor by one or by the certificate it replaces.
TEST_F(CaseRefusalsTest, TheRecordThatACaseWasJudgedByIsTheCurrentOne) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  store::SubmitApplication first = driver_.Application(delivery);
  first.basis_delivery = {};
  EXPECT_THAT(driver_.Call1(first), StatusIs(StatusCode::kAborted, "RECORD_MOVED_ON"));
  store::SubmitApplication exchange = Exchange(delivery);
  exchange.basis_delivery = driver_.NewId<certs::DeliveryId>();
  EXPECT_THAT(driver_.Call1(exchange), StatusIs(StatusCode::kAborted, "RECORD_MOVED_ON"));
  exchange.basis_delivery = {};
  EXPECT_OK(driver_.Call1(exchange));
}

TEST_F(CaseRefusalsTest, AnExchangeJudgedByAnOldRecordIsNotApproved) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::SubmitApplication filed = Exchange(delivery);
  ASSERT_OK(driver_.Call1(filed));
  Update(delivery, Birth());
  EXPECT_THAT(driver_.Call1(driver_.Approval(filed)),
              StatusIs(StatusCode::kFailedPrecondition, "DELIVERY_CHANGED"));
}

TEST_F(CaseRefusalsTest, ACaseJudgedByNoRecordIsNotApprovedOnceThereIsOne) {
  Birth numbered;
  numbered.mother.clear();
  store::AcceptDelivery alias = driver_.Delivery(numbered);
  alias.event = store::FeedEvent::kAlias;
  alias.alias_claim = certs::BabyRecordClaim(kIndexKey, kHospital, "GONE");
  store::DeliveryAnswer known = driver_.Accept(alias);
  known.delivery_id = {};  // an alias is no record
  const store::SubmitApplication filed = driver_.Filed(known);
  ASSERT_EQ(driver_.Accept(Birth()).newborn_id, known.newborn_id);
  EXPECT_THAT(driver_.Call1(driver_.Approval(filed)),
              StatusIs(StatusCode::kFailedPrecondition, "DELIVERY_CHANGED"));
}

// Rule S6.
TEST_F(CaseRefusalsTest, ANumberIsMisprintedOnlyBetweenApprovalAndReservation) {
  const store::SubmitApplication filed = driver_.Filed(driver_.Accept(Birth()));
  EXPECT_THAT(driver_.Call1(MisprintOf(filed.case_id, "")),
              StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
  const store::Approve approval = driver_.Approval(filed);
  const std::string number = CaseIn(driver_.Do(approval)).certificate_number;
  driver_.Reserved({approval, number});
  EXPECT_THAT(driver_.Call1(MisprintOf(filed.case_id, number)),
              StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
}

TEST_F(CaseRefusalsTest, AReservedCaseIsNotWithdrawn) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  driver_.Reserved(approved);
  const store::Withdraw command{kHospital, "wish", approved.command.case_id};
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kFailedPrecondition, "CASE_STATE"));
  EXPECT_EQ(NumberOf(approved.number).state(), static_cast<int>(NumberState::kAllocated));
}

// Rule I4.
TEST_F(CaseRefusalsTest, ANumberThatLeftStockBeforeIsNeverAllottedAgain) {
  const store::Approve approval = driver_.Approval(driver_.Filed(driver_.Accept(Birth())));
  PutPast(Family::kNumbers, store::NumberKey("A520000001"), NumberRecord().SerializeAsString());
  EXPECT_THAT(driver_.Call1(approval), StatusIs(StatusCode::kDataLoss, "NUMBER_USED"));
  EXPECT_EQ(Meta().numbers_in_stock(), 100u);
}

TEST_F(CaseRefusalsTest, ANumberThatIsNotAllottedIsNotWasted) {
  const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
  const store::Misprint misprint = MisprintOf(approved.command.case_id, approved.number);
  const std::string key = store::NumberKey(approved.number);
  ChangePast<NumberRecord>(Family::kNumbers, key, [](NumberRecord& record) {
    record.set_state(static_cast<int>(NumberState::kWaste));
  });
  EXPECT_THAT(driver_.Call1(misprint), StatusIs(StatusCode::kFailedPrecondition, "NUMBER_STATE"));
  ErasePast(Family::kNumbers, key);
  EXPECT_THAT(driver_.Call1(misprint), StatusIs(StatusCode::kFailedPrecondition, "NUMBER_STATE"));
  EXPECT_EQ(Meta().numbers_wasted(), 0u);
}

TEST_F(CaseRefusalsTest, StockIsOneRunOfNumbersNeverReceivedBefore) {
  driver_.Enrol(kOtherHospital, 9, "B520000001");
  const auto receive = [this](const std::string& first, const std::string& last) {
    return driver_.Call1(store::ReceiveStock{"", kHospital, first, last, driver_.NewKey()});
  };
  EXPECT_THAT(receive("C520000001", "D520000002"),
              StatusIs(StatusCode::kInvalidArgument, "STOCK_RANGE"));
  EXPECT_THAT(receive("C000000001", "C010000001"),
              StatusIs(StatusCode::kInvalidArgument, "STOCK_RANGE"));
  EXPECT_THAT(receive("520000001", "C520000002"),
              StatusIs(StatusCode::kInvalidArgument, "CERTIFICATE_NUMBER_INVALID"));
  // The range of the first institution, though one of another comes after it.
  EXPECT_THAT(receive("A520000050", "A520000050"),
              StatusIs(StatusCode::kFailedPrecondition, "STOCK_OVERLAP"));
  EXPECT_OK(receive("C000000001", "C010000000"));
}

// Within one batch, what an institution has is looked for over the store and the batch together.
class StockOfABatchTest : public CaseRefusalsTest {
 protected:
  std::vector<store::AnyAnswer> Step(std::vector<store::Command> commands) {
    const auto snapshot = engine_.NewSnapshot();
    const auto state = store::ReadState(*snapshot);
    EXPECT_OK(state);
    auto step = store::Step(*snapshot, *state, commands, clock_.Now(), kIndexKey,
                            store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
    EXPECT_OK(step);
    return std::move(step->answers);
  }
  store::ReceiveStock Stock(const std::string& institution, const std::string& first,
                            const std::string& last) {
    return {"", institution, first, last, driver_.NewKey()};
  }
  store::Approve Approval() {
    return driver_.Approval(driver_.Filed(driver_.Accept(BirthNo(++births_))));
  }
  int births_ = 0;
};

TEST_F(StockOfABatchTest, TheLowestRangeIsUsedFirst) {
  const auto answers = Step({Stock(kHospital, "A510000001", "A510000009"), Approval()});
  ASSERT_OK(answers[1].status);
  EXPECT_EQ(CaseIn(answers[1]).certificate_number, "A510000001");
}

// Rule S5.
TEST_F(StockOfABatchTest, TheRangeOfAnotherInstitutionIsNotUsed) {
  driver_.Enrol(kOtherHospital, 0);
  StockRange range =
      Stored<StockRange>(engine_, Family::kStock, store::StockKey(kHospital, "A520000001"));
  range.clear_next_number();
  PutPast(Family::kStock, store::StockKey(kHospital, "A520000001"), range.SerializeAsString());
  const auto answers = Step({Stock(kOtherHospital, "B510000001", "B510000009"), Approval()});
  ASSERT_OK(answers[0].status);
  EXPECT_THAT(answers[1].status, StatusIs(StatusCode::kFailedPrecondition, "STOCK_EMPTY"));
}

class HeldStockTest : public CaseRefusalsTest {
 protected:
  void SetUp() override {
    CaseRefusalsTest::SetUp();
    Hold([](StockRange& range) { range.set_held(true); });
  }
  void Hold(const std::function<void(StockRange&)>& change) {
    ChangePast<StockRange>(Family::kStock, store::StockKey(kHospital, "A520000001"), change);
  }
  store::ConfirmStock Confirmation(const std::string& next) {
    store::ConfirmStock command;
    command.institution_code = kHospital;
    command.first_number = "A520000001", command.next_number = next;
    command.first_operator = "one", command.second_operator = "two";
    command.request_key = driver_.NewKey();
    return command;
  }
};

// Rule S8.
TEST_F(HeldStockTest, AHeldRangeGoesOnWithinItself) {
  Hold([](StockRange& range) { range.set_next_number("A520000005"); });
  for (const char* next : {"nothing", "B520000007", "A520000004", "A520000101"}) {
    EXPECT_THAT(driver_.Call1(Confirmation(next)),
                StatusIs(StatusCode::kInvalidArgument, "NUMBER_NOT_IN_RANGE"))
        << next;
  }
  store::ConfirmStock unknown = Confirmation("A520000005");
  unknown.first_number = "A520000002";
  EXPECT_THAT(driver_.Call1(unknown), StatusIs(StatusCode::kNotFound, "STOCK_UNKNOWN"));
  EXPECT_OK(driver_.Call1(Confirmation("A520000005")));
}

TEST_F(HeldStockTest, ARangeWhoseRecordRunsBeyondItsSeriesDoesNotGoOn) {
  Hold([](StockRange& range) { range.set_next_number("A999999998"); });
  EXPECT_THAT(driver_.Call1(Confirmation("")),
              StatusIs(StatusCode::kOutOfRange, "CERTIFICATE_NUMBER_SERIES_ENDED"));
  EXPECT_EQ(Meta().numbers_wasted(), 0u);
}

// Between the two in the order of numbers, and in the series of the last alone.
TEST_F(HeldStockTest, ARangeWhoseRecordEndsInAnotherSeriesDoesNotGoOnThere) {
  Hold([](StockRange& range) {
    range.set_next_number("A520000003");
    range.set_last_number("B520000005");
  });
  EXPECT_THAT(driver_.Call1(Confirmation("B520000004")),
              StatusIs(StatusCode::kInvalidArgument, "NUMBER_NOT_IN_RANGE"));
  EXPECT_EQ(Meta().numbers_wasted(), 0u);
}

// Each pair of names that are not two people.
TEST_F(HeldStockTest, TwoPeopleAreTwoNamesThatDiffer) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "two"}, {"one", ""}, {"one", "one"}, {"", ""}};
  for (const auto& [first, second] : wrong) {
    store::ConfirmStock command = Confirmation("A520000005");
    command.first_operator = first, command.second_operator = second;
    EXPECT_THAT(driver_.Call1(command),
                StatusIs(StatusCode::kInvalidArgument, "TWO_PERSONS_NEEDED"))
        << first << "+" << second;
  }
}

TEST_F(CaseRefusalsTest, ARecordThatIsNotOfItsTypeIsRefused) {
  for (const store::Command& command : {store::Command(store::PutInstitution{"", "\xff"}),
                                        store::Command(store::PutClient{"", "\xff"}),
                                        store::Command(store::PutOperator{"", "\xff", ""}),
                                        store::Command(store::PutSeal{"", "\xff", ""})}) {
    EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "RECORD_UNREADABLE"))
        << store::NameOf(command);
  }
  for (const store::Command& command :
       {store::Command(store::PutInstitution()), store::Command(store::PutClient()),
        store::Command(store::PutOperator()), store::Command(store::PutSeal())}) {
    EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "RECORD_WITHOUT_ID"))
        << store::NameOf(command);
  }
}

}  // namespace
}  // namespace birthseal::tests
