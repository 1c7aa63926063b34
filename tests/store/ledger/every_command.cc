// SPDX-License-Identifier: Apache-2.0
#include "tests/store/ledger/every_command.h"

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "tests/support/ids.h"

namespace birthseal::tests {

using certs::CaseKind;
using certs::CaseState;
using store::Family;
using store::FeedEvent;
using store::WhoseRecord;

namespace {

// Counters of the ledger that a refused command may not move.
std::string WithoutAudit(storage::v1::Meta meta) {
  meta.clear_next_audit();
  meta.clear_audit_head();
  meta.clear_batch_sequence();
  meta.clear_ledger_time();
  return meta.SerializeAsString();
}

}  // namespace

absl::Status EveryCommandTest::Try(const store::Snapshot& snapshot, const Row& row) {
  absl::StatusOr<store::LedgerState> state = store::ReadState(*engine_.NewSnapshot());
  EXPECT_OK(state);
  state->map_cache = nullptr;  // each page of the map is read whenever it is needed
  std::vector<store::Command> commands = {row.command};
  const auto step = store::Step(snapshot, *state, commands, clock_.Now(), kIndexKey,
                                store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
  if (!step.ok()) return step.status();
  const absl::Status& status = step->answers.at(0).status;
  if (status.ok()) return status;
  if (!row.refused.empty() && certs::ReasonOf(status) == row.refused) return absl::OkStatus();
  EXPECT_EQ(WithoutAudit(step->next.meta), WithoutAudit(state->meta));
  for (const store::WriteBatch::Change& change : step->batch.changes) {
    EXPECT_TRUE(change.family == Family::kAudit || change.family == Family::kMeta)
        << store::Name(change.family);
  }
  return status;
}

std::vector<EveryCommandTest::Row> EveryCommandTest::Rows() {
  std::vector<Row> rows;
  FirstRecords(&rows);
  NextRecords(&rows);
  OtherEvents(&rows);
  Reviews(&rows);
  Filings(&rows);
  Approvals(&rows);
  Reservations(&rows);
  Issues(&rows);
  Endings(&rows);
  Administration(&rows);
  Log(&rows);
  return rows;
}

Birth EveryCommandTest::BirthNo(int n) {
  Birth birth;
  birth.record = absl::StrCat("B", n);
  birth.mother = absl::StrCat("PASSPORT", n);
  return birth;
}

store::AcceptDelivery EveryCommandTest::Update(const store::DeliveryAnswer& current,
                                               const Birth& birth) {
  clock_.Advance(absl::Seconds(1));
  store::AcceptDelivery command = driver_.Delivery(birth);
  command.base = current.delivery_id;
  return command;
}

store::AcceptDelivery EveryCommandTest::Event(FeedEvent event, const Birth& birth) {
  store::AcceptDelivery command = Update({}, birth);
  command.event = event;
  return command;
}

store::AcceptDelivery EveryCommandTest::Alias(const std::string& gone, const Birth& stays) {
  store::AcceptDelivery command = Event(FeedEvent::kAlias, stays);
  command.alias_claim = certs::BabyRecordClaim(kIndexKey, kHospital, gone);
  return command;
}

store::DeliveryAnswer EveryCommandTest::InReview(store::AcceptDelivery command) {
  command.defects.push_back({"BABY_NUMBER_DIFFERS", "delivery.baby_record_no", false});
  const store::DeliveryAnswer answer = driver_.Accept(command);
  EXPECT_EQ(answer.verdict, store::FeedVerdict::kReview);
  return answer;
}

store::SubmitApplication EveryCommandTest::Exchange(const store::DeliveryAnswer& delivery) {
  const storage::v1::CertificateHead old = driver_.Issued(delivery);
  store::SubmitApplication command = driver_.Application(delivery);
  command.kind = CaseKind::kExchange;
  command.predecessor_number = old.reservation().certificate_number();
  return command;
}

store::Revoke EveryCommandTest::Revocation(const storage::v1::CertificateHead& head) {
  store::Revoke command;
  command.organisation_code = kHospital;
  command.first_operator = "one";
  command.second_operator = "two";
  command.number = head.reservation().certificate_number();
  command.reason = "obtained by fraud";
  command.request_key = driver_.NewKey();
  command.salt = std::string(16, 'r');
  return command;
}

store::StoreReceipts EveryCommandTest::Receipts(
    const std::vector<storage::v1::CertificateHead>& heads) {
  const store::DurableRoot root = ledger_->Head();
  store::StoreReceipts command;
  command.position.size = root.size;
  command.checkpoint = certs::FormatCheckpoint(
      certs::CheckpointBody({certs::OriginOf("log.example", root.epoch), root.size.value(),
                             root.root, root.map_root, root.time}),
      {{"log.example", "hash", "signature"}});
  for (const storage::v1::CertificateHead& head : heads) {
    const auto newborn = IdIn<certs::NewbornId>(head.reservation().newborn_id());
    const certs::MapLabel label = certs::MapLabelFrom(NewbornOf(newborn).map_labels(0)).value();
    const auto proof = store::ProveLabel(*engine_.NewSnapshot(), label);
    EXPECT_OK(proof);
    command.items.push_back({store::StatusIndexOf(head.reservation()), certs::Canonical(*proof)});
  }
  return command;
}

// As a recovery leaves it.
void EveryCommandTest::PutHeldStock() {
  storage::v1::StockRange range;
  range.set_institution_code(kOtherHospital);
  range.set_first_number("B520000001");
  range.set_last_number("B520000009");
  range.set_next_number("B520000003");
  range.set_held(true);
  PutPast(Family::kStock, store::StockKey(kOtherHospital, "B520000001"), range.SerializeAsString());
}

}  // namespace birthseal::tests
