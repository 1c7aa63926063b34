// SPDX-License-Identifier: Apache-2.0
// A ledger on the memory engine with one enrolled hospital.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "store/keys.h"
#include "store/ledger/ledger.h"
#include "store/memory_engine.h"
#include "tests/store/ledger/registry_driver.h"

namespace birthseal::tests {

class LedgerTest : public testing::Test {
 protected:
  LedgerTest()
      : driver_([this](store::Command c) { return ledger_->CallAny(std::move(c)); }, &clock_) {
    options_.index_key = kIndexKey;
    options_.may_log = [] { return true; };
    options_.monotonic = [this] { return clock_.Now() - absl::UnixEpoch(); };
  }
  void SetUp() override {
    Open();
    driver_.Enrol();
  }
  void Open() { OpenOver(&engine_); }
  void OpenOver(store::Engine* engine) {
    ledger_.reset();
    auto opened = store::Ledger::Open(engine, &clock_, options_);
    ASSERT_OK(opened);
    ledger_ = *std::move(opened);
  }

  // Writes past the ledger, as damage or a thief would.
  void WritePast(const store::WriteBatch& batch) {
    ledger_.reset();
    ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
    Open();
  }
  void PutPast(store::Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    WritePast(batch);
  }
  void ErasePast(store::Family family, const std::string& key) {
    store::WriteBatch batch;
    batch.Erase(family, key);
    WritePast(batch);
  }
  template <typename Record>
  void ChangePast(store::Family family, const std::string& key,
                  const std::function<void(Record&)>& change) {
    Record record = Stored<Record>(engine_, family, key);
    change(record);
    PutPast(family, key, record.SerializeAsString());
  }

  storage::v1::Newborn NewbornOf(const certs::NewbornId& id) {
    return Stored<storage::v1::Newborn>(engine_, store::Family::kNewborns, store::IdKey(id));
  }
  storage::v1::Meta Meta() {
    return Stored<storage::v1::Meta>(engine_, store::Family::kMeta, store::MetaKey());
  }
  storage::v1::NumberRecord NumberOf(const std::string& number) {
    return Stored<storage::v1::NumberRecord>(engine_, store::Family::kNumbers,
                                             store::NumberKey(number));
  }
  storage::v1::CertificateHead CertificateOf(uint64_t status_index) {
    return Stored<storage::v1::CertificateHead>(engine_, store::Family::kCertificates,
                                                store::IndexKey(status_index));
  }
  // How a person decides a record in review.
  store::ResolveReview Decision(const store::DeliveryAnswer& review, const Birth& birth,
                                store::WhoseRecord whose = store::WhoseRecord::kUnsaid) {
    const store::AcceptDelivery facts = driver_.Delivery(birth);
    store::ResolveReview command;
    command.organisation_code = kHospital;
    command.operator_id = "reviewer";
    command.reason = "asked the ward";
    command.request_key = driver_.NewKey();
    command.delivery_id = review.delivery_id;
    command.whose = whose;
    command.new_delivery_id = driver_.NewId<certs::DeliveryId>();
    command.new_newborn_id = driver_.NewId<certs::NewbornId>();
    command.sealed_body = "as decided";
    command.claims = facts.claims;
    command.mother_key = facts.mother_key;
    command.birth = facts.birth;
    return command;
  }
  // Codes of what was noticed.
  static std::vector<std::string> CodesOf(const store::DeliveryAnswer& answer) {
    std::vector<std::string> codes;
    for (const store::FeedDefect& defect : answer.defects) codes.push_back(defect.code);
    return codes;
  }
  // A later message about what is there.
  store::AcceptDelivery Update(const store::DeliveryAnswer& current, const Birth& birth) {
    clock_.Advance(absl::Seconds(1));
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.base = current.delivery_id;
    return command;
  }
  // Kinds of the outbox, in order.
  std::vector<std::string> Told() {
    std::vector<std::string> kinds;
    EXPECT_OK(engine_.NewSnapshot()->Scan(store::Family::kOutbox, "", "",
                                          [&](absl::string_view, absl::string_view value) {
                                            storage::v1::OutboxEvent event;
                                            EXPECT_TRUE(event.ParseFromString(std::string(value)));
                                            kinds.push_back(event.kind());
                                            return true;
                                          }));
    return kinds;
  }

  store::MemoryEngine engine_;
  SimulatedClock clock_;
  store::LedgerOptions options_;
  std::unique_ptr<store::Ledger> ledger_;
  RegistryDriver driver_;
};

}  // namespace birthseal::tests
