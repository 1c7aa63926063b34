// SPDX-License-Identifier: Apache-2.0
#include "tests/store/fsck/fsck_fixture.h"

#include "absl/strings/str_cat.h"
#include "certs/ofd/package.h"
#include "certs/proof/checkpoint.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"

namespace birthseal::tests {

using store::Family;

store::AnyAnswer FsckTest::Call(store::Command command) {
  if (auto* delivery = std::get_if<store::AcceptDelivery>(&command)) {
    certs::Delivery record;
    record.baby_record_no = "B-1";
    delivery->sealed_body = registry_.SealDeliveryBody(delivery->delivery_id, record);
    delivery->sealed_raw = registry_.SealRawMessage(delivery->delivery_id, "MSH|");
  } else if (auto* filed = std::get_if<store::SubmitApplication>(&command)) {
    filed->sealed_body = registry_.SealCaseBody(filed->case_id, store::CaseBody());
  } else if (auto* issue = std::get_if<store::CommitIssue>(&command)) {
    SealDocument(*issue);
  }
  return ledger_->CallAny(std::move(command));
}

void FsckTest::SealDocument(store::CommitIssue& command) const {
  const auto reservation = Stored<storage::v1::Reservation>(
      engine_, Family::kReservations, store::IndexKey(command.intent.value()));
  const std::vector<certs::ofd::PartPtr> parts = {
      certs::ofd::MakePart("OFD.xml", absl::StrCat("<OFD>", reservation.licence_id(), "</OFD>")),
      certs::ofd::MakePart("Res/font.ttf", std::string(5000, 'f'), certs::ofd::Method::kDeflated,
                           true)};
  storage::v1::DocumentRecipe recipe;
  command.constants.clear();
  for (const auto& part : parts) {
    auto* stored = recipe.add_parts();
    stored->set_path(part->path);
    stored->set_method(static_cast<uint32_t>(part->method));
    stored->set_crc32(part->crc32);
    stored->set_size(part->size);
    if (part->constant) {
      stored->set_constant_sm3(certs::Bytes(part->digest));
      command.constants.emplace_back(part->digest, part->data);
    } else {
      stored->set_data(part->data);
    }
  }
  const std::string file = certs::ofd::WritePackage(parts);
  command.file_sm3 = certs::Sm3Of(file);
  command.file_size = static_cast<int64_t>(file.size());
  command.sealed_recipe =
      registry_.SealRecipe(store::StatusIndexOf(reservation), recipe.SerializeAsString());
}

void FsckTest::SetUp() {
  store::LedgerOptions options;
  options.index_key = kIndexKey;
  options.may_log = [] { return true; };
  options.monotonic = [this] { return clock_.Now() - absl::UnixEpoch(); };
  auto opened = store::Ledger::Open(&engine_, &clock_, std::move(options));
  ASSERT_OK(opened);
  ledger_ = *std::move(opened);
  driver_.Enrol();
  WriteCertificates();
  WriteReceipts();
  WriteOthers();
  ledger_.reset();
}

void FsckTest::WriteCertificates() {
  const auto birth = [this] {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", next_mother_);
    birth.record = absl::StrCat("B", next_mother_++);
    return driver_.Accept(birth);
  };
  const store::DeliveryAnswer first = birth();
  const auto old = driver_.Issued(first);
  store::SubmitApplication exchange = driver_.Application(first);
  exchange.kind = certs::CaseKind::kExchange;
  exchange.predecessor_number = old.reservation().certificate_number();
  ASSERT_OK(driver_.Call1(exchange));
  driver_.IssuedFrom(exchange);
  store::Revoke revoke;
  revoke.first_operator = "one", revoke.second_operator = "two";
  revoke.number = driver_.Issued(birth()).reservation().certificate_number();
  revoke.reason = "revoked";
  revoke.request_key = driver_.NewKey();
  revoke.decision_sm3 = certs::Sm3Of("decision");
  revoke.salt = std::string(16, 'v');
  ASSERT_OK(driver_.Call1(revoke));
  driver_.Issued(birth());
  driver_.Reserved(driver_.ApprovedCase(birth()));
  const auto cancelled = driver_.Reserved(driver_.ApprovedCase(birth()));
  ASSERT_OK(driver_.Call1(CancellationOf(cancelled)));
}

void FsckTest::WriteReceipts() {
  const store::DurableRoot root = ledger_->Head();
  certs::TreeHead head;
  head.origin = certs::OriginOf("log.example", root.epoch);
  head.size = root.size.value();
  head.root = root.root;
  head.map_root = root.map_root;
  head.time = root.time;
  store::StoreReceipts command;
  command.position = {root.epoch, root.size};
  command.checkpoint = certs::FormatCheckpoint(
      certs::CheckpointBody(head), {{"log.example", "hash", "signature that nobody checks"}});
  const auto snapshot = engine_.NewSnapshot();
  for (const uint64_t index : {2, 4}) {
    const auto newborn = Stored<storage::v1::Newborn>(engine_, Family::kNewborns,
                                                      Head(index).reservation().newborn_id());
    const certs::MapLabel label = certs::MapLabelFrom(newborn.map_labels(0)).value();
    const auto proof = store::ProveLabel(*snapshot, label);
    ASSERT_OK(proof);
    command.items.push_back({certs::StatusIndex(index), certs::Canonical(*proof)});
  }
  ASSERT_OK(driver_.Call1(command));
  ASSERT_OK(driver_.Call1(store::AnnounceProfile{"national-default", 3, certs::Sm3Of("profile")}));
}

void FsckTest::WriteOthers() {
  Birth birth;
  birth.mother = "PASSPORT90", birth.record = "B90";
  const auto approved = driver_.ApprovedCase(driver_.Accept(birth));
  store::Misprint misprint;
  misprint.number = approved.number;
  misprint.reason = "misprint";
  misprint.request_key = driver_.NewKey();
  misprint.case_id = approved.command.case_id;
  ASSERT_OK(driver_.Call1(misprint));
  birth.mother = "PASSPORT91", birth.record = "B91";
  const auto withdrawn = driver_.Filed(driver_.Accept(birth));
  ASSERT_OK(driver_.Call1(store::Withdraw{kHospital, "withdrawn", withdrawn.case_id}));
  birth.record = "B92", birth.day += 3;  // another birth of this mother, too near
  EXPECT_EQ(driver_.Accept(birth).verdict, store::FeedVerdict::kReview);
  storage::v1::Client client;
  client.set_certificate_sm3(std::string(32, 'c'));
  ASSERT_OK(driver_.Call1(store::PutClient{kHospital, client.SerializeAsString()}));
  storage::v1::Operator person;
  person.set_id("op-1");
  ASSERT_OK(driver_.Call1(
      store::PutOperator{kHospital, person.SerializeAsString(), std::string(16, 'o')}));
}

store::FsckReport FsckTest::Check() const {
  store::FsckOptions options;
  options.sealer = &sealer_;
  options.index_key = kIndexKey;
  return store::CheckStore(*engine_.NewSnapshot(), options);
}

std::vector<std::string> FsckTest::CodesOf(Family family, const std::string& key) const {
  std::vector<std::string> codes;
  for (const store::FsckFinding& finding : Check().findings) {
    if (finding.family == family && finding.key == key) codes.push_back(finding.code);
  }
  return codes;
}

std::string FsckTest::Get(Family family, const std::string& key) const {
  const auto value = engine_.NewSnapshot()->Get(family, key);
  EXPECT_OK(value);
  return value.value_or("");
}

void FsckTest::Put(Family family, const std::string& key, const std::string& value) {
  store::WriteBatch batch;
  batch.Put(family, key, value);
  ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
}

void FsckTest::Erase(Family family, const std::string& key) {
  store::WriteBatch batch;
  batch.Erase(family, key);
  ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
}

std::vector<std::pair<std::string, std::string>> FsckTest::All(Family family) const {
  std::vector<std::pair<std::string, std::string>> all;
  EXPECT_OK(engine_.NewSnapshot()->Scan(family, "", "",
                                        [&](absl::string_view key, absl::string_view value) {
                                          all.emplace_back(key, value);
                                          return true;
                                        }));
  return all;
}

storage::v1::CertificateHead FsckTest::Head(uint64_t status_index) const {
  return Stored<storage::v1::CertificateHead>(engine_, Family::kCertificates,
                                              store::IndexKey(status_index));
}

}  // namespace birthseal::tests
