// SPDX-License-Identifier: Apache-2.0
// What must agree across objects after every batch.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "store/keys.h"
#include "store/meta.h"
#include "tests/model/trace_check.h"
#include "tests/model/trace_names.h"

namespace birthseal::tests {

// Slot and intent of a case are what its state says.
void TraceChecker::CheckCase(const std::string& key) {
  const std::string name = absl::StrCat("case ", absl::BytesToHexString(key));
  const auto found = cases_.find(key);
  if (found == cases_.end()) return Fault("SLOT", absl::StrCat(name, " is not there"));
  const storage::v1::CaseHead& head = found->second;
  const std::string state = CaseStateName(head);
  const bool reserved = state == "RESERVED", issued = state == "ISSUED";
  const auto newborn = newborns_.find(head.newborn_id());
  const bool holds = newborn != newborns_.end() && newborn->second.slot_case() == key;
  if (holds != (reserved || state == "APPROVED")) Fault("SLOT", absl::StrCat(name, " ", state));
  const auto intent =
      head.intent_index() == 0 ? intents_.end() : intents_.find(head.intent_index() - 1);
  const std::string intent_state = intent == intents_.end() ? "NONE" : intent->second;
  const std::optional<store::IntentKey> reservation = store::IntentKeyOf(head);
  const bool open = reservation && reservations_.count(store::IndexKey(*reservation)) != 0;
  if (reserved != (intent_state == "OPEN") || reserved != open ||
      issued != (intent_state == "ISSUED")) {
    Fault("INTENT", absl::StrCat(name, " ", state, ", intent ", intent_state));
  }
  const bool there =
      head.status_index() != 0 && certificates_.count(store::IndexKey(head.status_index())) != 0;
  if (there != issued) Fault("INTENT", absl::StrCat(name, " ", state, " and its certificate"));
}

void TraceChecker::CheckNewborn(const std::string& key) {
  const auto found = newborns_.find(key);
  if (found == newborns_.end()) return Fault("ONE_VALID", "a newborn is not there");
  uint64_t valid = 0, named = found->second.valid_certificate();
  int count = 0;
  for (const uint64_t index : found->second.certificates()) {
    const auto certificate = certificates_.find(store::IndexKey(index));
    if (certificate == certificates_.end() ||
        certificate->second.reservation().newborn_id() != key) {
      Fault("ONE_VALID", absl::StrCat("certificate ", index, " is none of this newborn"));
    } else if (CertificateStateName(certificate->second) == "VALID") {
      ++count, valid = index;
    }
  }
  if (count > 1 || valid != named) {
    Fault("ONE_VALID", absl::StrCat(count, " valid certificates, ", named, " is named"));
  }
}

void TraceChecker::CheckNumber(const std::string& key) {
  const auto found = numbers_.find(key);
  if (found == numbers_.end()) return Fault("NUMBER", absl::StrCat(key, " did not leave stock"));
  const storage::v1::NumberRecord& record = found->second;
  const std::string state = NumberStateName(record);
  const auto head = cases_.find(record.case_id());
  if (head == cases_.end() || head->second.newborn_id() != record.newborn_id()) {
    return Fault("NUMBER", absl::StrCat(key, " and its case"));
  }
  const std::string of_case = CaseStateName(head->second);
  std::string want = "WASTE";
  if (store::NumberKey(head->second.certificate_number()) == key) {
    if (of_case == "APPROVED" || of_case == "RESERVED") want = "ALLOCATED";
    if (of_case == "ISSUED") want = "USED";
  }
  if (state != want) Fault("NUMBER", absl::StrCat(key, " is ", state, ", its case ", of_case));
}

// Old and new name each other, and changed in this one batch.
void TraceChecker::CheckSuccession() {
  std::set<std::string> replaced;  // numbers that the new ones supersede
  for (const std::string& key : issued_) {
    const storage::v1::CertificateHead& head = certificates_.at(key);
    if (!head.supersedes().empty()) replaced.insert(head.supersedes());
  }
  for (const std::string& key : superseded_) {
    const storage::v1::Reservation& old = certificates_.at(key).reservation();
    if (replaced.erase(old.certificate_number()) == 0) {
      Fault("TOGETHER", absl::StrCat("certificate ", old.status_index(), " has no new one"));
    }
  }
  for (const std::string& number : replaced) {
    Fault("TOGETHER", absl::StrCat("the successor of ", number, " left it as it was"));
  }
}

}  // namespace birthseal::tests
