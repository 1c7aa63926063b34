// SPDX-License-Identifier: Apache-2.0
// The rows of EveryCommandTest: each group lives through what its commands need. Births are
// counted, so that no group meets another's.
#include "store/meta.h"
#include "tests/store/ledger/every_command.h"

namespace birthseal::tests {

using certs::CaseState;
using store::FeedEvent;
using store::WhoseRecord;

void EveryCommandTest::FirstRecords(std::vector<Row>* rows) {
  Known(1);
  Birth sibling = BirthNo(1);
  sibling.day += 200, sibling.record = "B1-2";
  rows->push_back({"a first record of a mother with another birth", driver_.Delivery(sibling)});

  Birth aliased = BirthNo(2);
  aliased.mother.clear();
  driver_.Accept(Alias("GONE2", aliased));
  Known(3);
  aliased.mother = "PASSPORT3";
  rows->push_back({"a first record of a number known by its alias, with another one's mother",
                   driver_.Delivery(aliased)});
}

void EveryCommandTest::NextRecords(std::vector<Row>* rows) {
  Birth corrected = BirthNo(4);
  corrected.mother = "PASSPORT4-NEW";
  rows->push_back({"a clean update", Update(Known(4), corrected)});

  Known(5);
  Birth mixed = BirthNo(6);
  mixed.mother = "PASSPORT5";
  rows->push_back({"an update with another one's mother", Update(Known(6), mixed)});

  const store::DeliveryAnswer issued = Known(7);
  driver_.Issued(issued);
  corrected = BirthNo(7);
  corrected.mother = "PASSPORT7-NEW";
  rows->push_back({"an update with a further label of a certificate", Update(issued, corrected)});

  const store::AcceptDelivery again = driver_.Delivery(BirthNo(8));
  driver_.Accept(again);
  rows->push_back({"a message again", again});
}

void EveryCommandTest::OtherEvents(std::vector<Row>* rows) {
  driver_.ApprovedCase(Known(10));
  rows->push_back(
      {"a withdrawal of a record with an approved case", Event(FeedEvent::kWithdraw, BirthNo(10))});
  rows->push_back({"a withdrawal of an unknown record", Event(FeedEvent::kWithdraw, BirthNo(11))});
  Known(12);
  Known(13);
  rows->push_back({"an alias of two newborns", Alias("B12", BirthNo(13))});
  rows->push_back({"an alias of none", Alias("B14-GONE", BirthNo(14))});
}

void EveryCommandTest::Reviews(std::vector<Row>* rows) {
  const store::DeliveryAnswer first = InReview(driver_.Delivery(BirthNo(20)));
  rows->push_back(
      {"a decision about a first record", Decision(first, BirthNo(20), WhoseRecord::kUnsaid)});

  const store::DeliveryAnswer same = InReview(Update(Known(21), BirthNo(21)));
  rows->push_back(
      {"a decision about the same baby", Decision(same, BirthNo(21), WhoseRecord::kUnsaid)});

  Birth twin = BirthNo(22);
  twin.order = twin.plurality = 0;
  const store::DeliveryAnswer one = driver_.Accept(twin);
  twin.record = "B22-2", twin.minute += 7;
  const store::DeliveryAnswer two = InReview(Update(one, twin));
  twin.order = twin.plurality = 2;
  rows->push_back(
      {"a decision for another newborn", Decision(two, twin, WhoseRecord::kAnotherNewborn)});

  store::ResolveReview withdrawal =
      Decision(InReview(driver_.Delivery(BirthNo(23))), BirthNo(23), WhoseRecord::kUnsaid);
  withdrawal.accept = false;
  rows->push_back({"a decision to withdraw", withdrawal});

  const store::ResolveReview decided =
      Decision(InReview(driver_.Delivery(BirthNo(24))), BirthNo(24), WhoseRecord::kUnsaid);
  ASSERT_OK(driver_.Call1(decided));
  rows->push_back({"a decision again", decided});
}

void EveryCommandTest::Filings(std::vector<Row>* rows) {
  store::SubmitApplication filed = driver_.Application(Known(30));
  filed.claims = driver_.ClaimsOf(BirthNo(30));
  rows->push_back({"a case", filed});
  rows->push_back({"a case again", driver_.Filed(Known(31))});
  rows->push_back({"a case of exchange", Exchange(Known(32))});

  store::SubmitApplication returned = driver_.Application(Known(33));
  returned.state = CaseState::kReturned;
  ASSERT_OK(driver_.Call1(returned));
  returned.resubmission = true;
  returned.request_key = driver_.NewKey();
  returned.state = CaseState::kSubmitted;
  rows->push_back({"a returned case filed again", returned});
}

void EveryCommandTest::Approvals(std::vector<Row>* rows) {
  store::Approve approval = driver_.Approval(driver_.Filed(Known(40)));
  Birth otherwise = BirthNo(40);
  otherwise.mother = "PASSPORT40-NEW", otherwise.record.clear();
  approval.claims = driver_.ClaimsOf(otherwise);
  rows->push_back({"an approval with a further claim", approval});
  rows->push_back({"an approval again", driver_.ApprovedCase(Known(41)).command});

  const store::SubmitApplication exchange = Exchange(Known(42));
  ASSERT_OK(driver_.Call1(exchange));
  rows->push_back({"an approval of an exchange", driver_.Approval(exchange)});

  Known(43);
  Birth other = BirthNo(43);
  other.record.clear();
  store::Approve conflict = driver_.Approval(driver_.Filed(Known(44)));
  conflict.claims = driver_.ClaimsOf(other);
  rows->push_back({"an approval with another one's claim", conflict, "CLAIM_CONFLICT"});
}

void EveryCommandTest::Reservations(std::vector<Row>* rows) {
  const auto approved = driver_.ApprovedCase(Known(50));
  rows->push_back({"a reservation", driver_.Order(approved.command, approved.number)});

  const auto reserved = driver_.ApprovedCase(Known(51));
  driver_.Reserved(reserved);
  rows->push_back({"a reservation again", driver_.Order(reserved.command, reserved.number)});

  const auto issued = driver_.ApprovedCase(Known(52));
  ASSERT_OK(driver_.Call1(driver_.Issue(driver_.Reserved(issued).intent_index())));
  rows->push_back({"a reservation once issued", driver_.Order(issued.command, issued.number)});

  const store::SubmitApplication exchange = Exchange(Known(53));
  ASSERT_OK(driver_.Call1(exchange));
  const store::Approve approval = driver_.Approval(exchange);
  rows->push_back({"a reservation of an exchange",
                   driver_.Order(approval, CaseIn(driver_.Do(approval)).certificate_number)});
}

void EveryCommandTest::Issues(std::vector<Row>* rows) {
  const auto reserved = driver_.Reserved(driver_.ApprovedCase(Known(60)));
  rows->push_back({"an issue", driver_.Issue(reserved.intent_index())});

  const store::CommitIssue done =
      driver_.Issue(driver_.Reserved(driver_.ApprovedCase(Known(61))).intent_index());
  ASSERT_OK(driver_.Call1(done));
  rows->push_back({"an issue again", done});

  const store::SubmitApplication exchange = Exchange(Known(62));
  ASSERT_OK(driver_.Call1(exchange));
  const store::Approve approval = driver_.Approval(exchange);
  const std::string number = CaseIn(driver_.Do(approval)).certificate_number;
  rows->push_back({"an issue of an exchange",
                   driver_.Issue(driver_.Reserved({approval, number}).intent_index())});
}

void EveryCommandTest::Endings(std::vector<Row>* rows) {
  const auto misprint = [this](const RegistryDriver::Approved& printed) {
    return store::Misprint{kHospital,  "issuer",         printed.number,
                           "打印错误", driver_.NewKey(), printed.command.case_id};
  };
  const auto approved = driver_.ApprovedCase(Known(70));
  rows->push_back({"a misprint", misprint(approved)});
  rows->push_back({"a withdrawal of an approved case",
                   store::Withdraw{kHospital, "wish", approved.command.case_id}});
  const store::Misprint reported = misprint(driver_.ApprovedCase(Known(71)));
  ASSERT_OK(driver_.Call1(reported));
  rows->push_back({"a misprint again", reported});

  const auto reserved = driver_.Reserved(driver_.ApprovedCase(Known(72)));
  rows->push_back({"a cancellation", CancellationOf(reserved)});

  rows->push_back({"a revocation", Revocation(driver_.Issued(Known(73)))});
  const store::Revoke revoked = Revocation(driver_.Issued(Known(74)));
  ASSERT_OK(driver_.Call1(revoked));
  rows->push_back({"a revocation again", revoked});

  const store::SubmitApplication exchange = Exchange(Known(75));
  ASSERT_OK(driver_.Call1(exchange));
  ASSERT_OK(driver_.Call1(driver_.Approval(exchange)));
  store::Revoke exchanged = revoked;
  exchanged.number = exchange.predecessor_number;
  exchanged.request_key = driver_.NewKey();
  rows->push_back({"a revocation before an approved exchange", exchanged});
}

void EveryCommandTest::Administration(std::vector<Row>* rows) {
  driver_.Enrol(kOtherHospital, 0);
  storage::v1::Institution institution;
  institution.set_code("other");
  rows->push_back({"an institution", store::PutInstitution{"", institution.SerializeAsString()}});
  storage::v1::Client client;
  client.set_certificate_sm3(std::string(32, 'c'));
  rows->push_back({"a client", store::PutClient{"", client.SerializeAsString()}});
  storage::v1::Operator who;
  who.set_id("issuer");
  rows->push_back({"an operator", store::PutOperator{"", who.SerializeAsString(), "salt"}});
  storage::v1::SealRecord seal;
  seal.set_institution_code(kHospital);
  seal.set_suspended(true);
  rows->push_back({"a seal", store::PutSeal{"", seal.SerializeAsString(), "salt"}});

  store::ReceiveStock stock{"", kOtherHospital, "C520000001", "C520000009", driver_.NewKey()};
  ASSERT_OK(driver_.Call1(stock));
  rows->push_back({"stock again", stock});
  stock = {"", kHospital, "C520000010", "C520000019", driver_.NewKey()};
  rows->push_back({"stock", stock});
  PutHeldStock();
  store::ConfirmStock confirm;
  confirm.institution_code = kOtherHospital;
  confirm.first_number = "B520000001", confirm.next_number = "B520000005";
  confirm.first_operator = "one", confirm.second_operator = "two";
  confirm.request_key = driver_.NewKey();
  rows->push_back({"a held range goes on", confirm});
}

void EveryCommandTest::Log(std::vector<Row>* rows) {
  rows->push_back(
      {"a profile", store::AnnounceProfile{"national-default", 3, certs::Sm3Of("profile")}});
  const auto one = driver_.Issued(Known(90)), two = driver_.Issued(Known(91));
  ASSERT_OK(driver_.Call1(Receipts({one})));
  rows->push_back({"receipts under a checkpoint that is kept", Receipts({one, two})});
  rows->push_back({"a new log epoch",
                   store::OpenEpoch{certs::LogSize(Meta().log_size() + 5), certs::Sm3Of("lost")}});
}

}  // namespace birthseal::tests
