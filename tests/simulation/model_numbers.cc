// SPDX-License-Identifier: Apache-2.0
// Cases, numbers and stock: a number serves one newborn, and none is lost by a crash.
#include "absl/strings/str_cat.h"
#include "certs/identifiers.h"
#include "certs/lifecycle.h"
#include "store/keys.h"
#include "tests/simulation/model.h"

namespace birthseal::simulation {

using certs::CaseState;
using certs::CertificateState;
using certs::NumberState;
using storage::v1::CaseHead;
using store::Family;
using store::Snapshot;

void Model::ObserveCase(const Snapshot& snapshot, const std::string& id) {
  Case& filed = cases_[id];
  const auto head = Read<CaseHead>(snapshot, Family::kCases, id);
  if (!head.has_value()) {
    if (filed.acknowledged) Fail("a case that was answered is missing");
    return;
  }
  if (!filed.newborn.empty() && filed.newborn != head->newborn_id()) {
    Fail("a case moved to another newborn");
  }
  filed.newborn = head->newborn_id();
  if (!filed.number.empty() && !filed.may_waste && head->certificate_number() != filed.number) {
    Fail("a case lost the number it was answered");
  }
  const int state = head->state();
  if (filed.state == static_cast<int>(CaseState::kIssued) && state != filed.state) {
    Fail("an issued case was taken back");
  }
  filed.state = state;
  CheckCase(*head, id);
  if (!head->certificate_number().empty()) fresh_numbers_.insert(head->certificate_number());
}

// State, log and number of a case agree.
void Model::CheckCase(const CaseHead& head, const std::string& id) {
  const LogModel::Life* life =
      head.intent_index() == 0 ? nullptr : log_.Find(log_.StatusOfIntent(head.intent_index() - 1));
  const bool issued = life != nullptr && life->is_issued;
  const bool open = life != nullptr && !life->ended();
  if ((head.state() == static_cast<int>(CaseState::kIssued)) != issued) {
    Fail("a case and the log disagree about issuing");
  }
  if ((head.state() == static_cast<int>(CaseState::kReserved)) != open) {
    Fail("a case and the log disagree about its reservation");
  }
  const bool holds = head.state() == static_cast<int>(CaseState::kApproved) || open || issued;
  if (holds && head.certificate_number().empty()) Fail("an approved case without a number");
  if ((open || issued) && head.issuer().operator_id() == head.sealer().operator_id()) {
    Fail("issuer and sealer are one person");
  }
}

// The slot of a newborn has one holder.
void Model::CheckSlots() {
  std::set<std::string> taken;
  for (const auto& [id, filed] : cases_) {
    if (filed.state != static_cast<int>(CaseState::kApproved) &&
        filed.state != static_cast<int>(CaseState::kReserved)) {
      continue;
    }
    if (!taken.insert(filed.newborn).second) Fail("two cases hold the slot of one newborn");
  }
}

void Model::ObserveNumber(const Snapshot& snapshot, const std::string& number) {
  const auto record =
      Read<storage::v1::NumberRecord>(snapshot, Family::kNumbers, store::NumberKey(number));
  if (!record.has_value()) return Fail("a number that left stock has no record: " + number);
  Number& known = numbers_[number];
  if (known.application.empty()) known = {record->state(), record->newborn_id(), record->case_id()};
  if (known.newborn != record->newborn_id() || known.application != record->case_id()) {
    Fail("a number serves another newborn: " + number);
  }
  if (known.state != record->state() && known.state != static_cast<int>(NumberState::kAllocated)) {
    Fail("a number changed its end: " + number);
  }
  known.state = record->state();
  const auto holder = Read<CaseHead>(snapshot, Family::kCases, known.application);
  if (!holder.has_value()) return Fail("a number without its case: " + number);
  const int state = holder->state();
  const bool held = holder->certificate_number() == number;
  switch (static_cast<NumberState>(record->state())) {
    case NumberState::kAllocated:
      if (!held || (state != static_cast<int>(CaseState::kApproved) &&
                    state != static_cast<int>(CaseState::kReserved))) {
        Fail("an allotted number was burnt: " + number);
      }
      break;
    case NumberState::kUsed:
      if (!held || state != static_cast<int>(CaseState::kIssued)) {
        Fail("a used number without certificate: " + number);
      }
      break;
    case NumberState::kWaste:
      if (!cases_[known.application].may_waste) Fail("a number was wasted by nobody: " + number);
      break;
    default:
      Fail("a number of no state left stock: " + number);
  }
}

// Every number between the first and the next one of a range left it to somebody.
void Model::ObserveStock(const Snapshot& snapshot, const std::string& key, Range& range) {
  const auto record = Read<storage::v1::StockRange>(snapshot, Family::kStock, key);
  if (!record.has_value()) return Fail("stock that was answered is missing");
  if (record->last_number() != range.range.last_number()) Fail("a stock range was changed");
  const auto first = certs::CertificateNumber::Parse(record->first_number());
  if (!first.ok()) return Fail("an unreadable stock range");
  for (uint64_t i = 0;; ++i) {
    const auto number = first->Plus(i);
    if (!number.ok() || number->value() == record->next_number()) {
      if (i < range.taken) Fail("a number returned to stock");
      range.taken = i;
      return;
    }
    if (i >= range.taken) fresh_numbers_.insert(number->value());
    if (number->value() == record->last_number()) {
      range.taken = i + 1;
      return;
    }
  }
}

void Model::ObserveClaims(const Snapshot& snapshot) {
  for (const auto& [claim, newborn] : claims_) {
    const auto owner = snapshot.Get(Family::kClaims, claim);
    if (!owner.ok()) return Fail("a claim that was answered is missing");
    if (*owner != newborn) return Fail("a claim moved to another newborn");
  }
}

// The finisher's list is exactly the intents without an end.
void Model::ObserveOpen(const Snapshot& snapshot) {
  std::set<uint64_t> listed, open;
  const absl::Status read = snapshot.Scan(
      Family::kReservations, "", "", [&](absl::string_view key, absl::string_view value) {
        storage::v1::Reservation reservation;
        const std::optional<uint64_t> place = store::ParseBigEndian64(key);
        const uint64_t index = place.value_or(0);
        if (!place || !reservation.ParseFromString(std::string(value)) ||
            reservation.intent_index() != index) {
          Fail("an unreadable reservation");
        }
        listed.insert(index);
        const auto promised = reservations_.emplace(index, std::string(value)).first;
        if (promised->second != value) Fail("a reservation was changed");
        return true;
      });
  if (!read.ok()) Fail("the reservations cannot be read");
  for (const auto& [status, life] : log_.lives()) {
    if (!life.ended()) open.insert(life.intent);
  }
  if (listed != open) Fail("open reservations and the log disagree");
}

// 换发, 补发: the new certificate is there exactly when the old one is void because of it.
void Model::CheckExchanges() {
  std::map<std::string, const storage::v1::CertificateHead*> by_number;
  for (const auto& [status, certificate] : certificates_) {
    by_number[certificate.head.reservation().certificate_number()] = &certificate.head;
  }
  for (const auto& [number, head] : by_number) {
    if (!head->supersedes().empty()) {
      const auto old = by_number.find(head->supersedes());
      if (old == by_number.end() || old->second->superseded_by() != number) {
        Fail("a successor whose predecessor stands: " + number);
      }
    }
    if (!head->superseded_by().empty()) {
      const auto successor = by_number.find(head->superseded_by());
      if (successor == by_number.end() || successor->second->supersedes() != number) {
        Fail("voided for a successor that is not there: " + number);
      }
    }
  }
}

}  // namespace birthseal::simulation
