// SPDX-License-Identifier: Apache-2.0
// A ledger on the memory engine that lives through one of everything, and the batches it made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "store/journal/journal.h"
#include "store/ledger/ledger.h"
#include "store/memory_engine.h"
#include "tests/store/ledger/registry_driver.h"

namespace birthseal::tests {

using Trace = std::vector<store::JournalRecord>;

// Keeps what the ledger appends.
class RecordingJournal : public store::Journal {
 public:
  absl::Status Append(uint64_t sequence, store::FenceEpoch epoch,
                      const store::WriteBatch& batch) override {
    trace_.push_back({sequence, epoch, batch});
    return absl::OkStatus();
  }
  absl::Status Read(
      uint64_t, const std::function<absl::Status(const store::JournalRecord&)>&) const override {
    return absl::OkStatus();  // the engine lives on: it lacks nothing
  }
  uint64_t last_sequence() const override { return trace_.empty() ? 0 : trace_.back().sequence; }
  store::FenceEpoch last_epoch() const override {
    return trace_.empty() ? store::FenceEpoch() : trace_.back().fencing_epoch;
  }
  const Trace& trace() const { return trace_; }

 private:
  Trace trace_;
};

// Two newborns: issued, exchanged, revoked; misprint, withdrawal, cancellation; a second writer.
class LedgerStory {
 public:
  LedgerStory()
      : driver_([this](store::Command c) { return ledger_->CallAny(std::move(c)); }, &clock_) {
    options_.index_key = kIndexKey;
    options_.may_log = [] { return true; };
    options_.journal = &journal_;
    options_.monotonic = [this] { return clock_.Now() - absl::UnixEpoch(); };
    Open();
    driver_.Enrol();
    const store::DeliveryAnswer baby = driver_.Accept(Birth());
    const std::string first = driver_.Issued(baby).reservation().certificate_number();
    Birth other;
    other.record = "B0002", other.mother = "PASSPORT002";
    const store::DeliveryAnswer sister = driver_.Accept(other);
    GiveUp(sister);
    Open();
    store::SubmitApplication exchange = driver_.Application(baby);
    exchange.kind = certs::CaseKind::kExchange;
    exchange.predecessor_number = first;
    EXPECT_OK(driver_.Call1(exchange));
    Revoke(driver_.IssuedFrom(exchange).reservation().certificate_number());
    driver_.Issued(sister);
    ledger_.reset();
  }
  const Trace& trace() const { return journal_.trace(); }

 private:
  void Open() {
    ledger_.reset();
    auto opened = store::Ledger::Open(&engine_, &clock_, options_);
    ASSERT_OK(opened);
    ledger_ = *std::move(opened);
  }
  // A case that is misprinted and withdrawn, and one that is cancelled after its reservation.
  void GiveUp(const store::DeliveryAnswer& baby) {
    RegistryDriver::Approved approved = driver_.ApprovedCase(baby);
    store::Misprint misprint;
    misprint.case_id = approved.command.case_id;
    misprint.number = approved.number;
    misprint.reason = "misprint";
    misprint.request_key = driver_.NewKey();
    EXPECT_OK(driver_.Call1(misprint));
    EXPECT_OK(driver_.Call1(store::Withdraw{kHospital, "withdrawn", approved.command.case_id}));
    const store::IntentKey intent =
        store::IntentKeyOf(driver_.Reserved(driver_.ApprovedCase(baby)));
    EXPECT_OK(driver_.Call1(
        store::CancelReservation{kHospital, "one", "two", "cancelled", intent, "salt"}));
  }
  void Revoke(const std::string& number) {
    store::Revoke command;
    command.organisation_code = kHospital;
    command.first_operator = "one", command.second_operator = "two";
    command.number = number;
    command.reason = "revoked";
    command.request_key = driver_.NewKey();
    command.salt = std::string(16, 's');
    EXPECT_OK(driver_.Call1(command));
  }

  store::MemoryEngine engine_;
  SimulatedClock clock_;
  RecordingJournal journal_;
  store::LedgerOptions options_;
  std::unique_ptr<store::Ledger> ledger_;
  RegistryDriver driver_;
};

}  // namespace birthseal::tests
