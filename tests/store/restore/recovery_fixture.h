// SPDX-License-Identifier: Apache-2.0
// A store, a backup of it, and what happened after the backup, as a witness mirrored it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/fsck/fsck.h"
#include "store/restore/recovery.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/store/restore/engine_mirror.h"

namespace birthseal::tests {

class RecoveryTest : public LedgerTest {
 protected:
  Birth BirthNo(int n) {
    Birth birth;
    birth.record = absl::StrCat("B", n);
    birth.mother = absl::StrCat("PASSPORT", n);
    return birth;
  }
  storage::v1::CertificateHead IssueBirth(int n) {
    return driver_.Issued(driver_.Accept(BirthNo(n)));
  }
  store::Revoke Revocation(const storage::v1::CertificateHead& head) {
    store::Revoke revoke;
    revoke.organisation_code = kHospital;
    revoke.first_operator = "one";
    revoke.second_operator = "two";
    revoke.number = head.reservation().certificate_number();
    revoke.reason = "决定";
    revoke.request_key = driver_.NewKey();
    revoke.decision_sm3 = certs::Sm3Of("decision");
    revoke.salt = "sixteen bytes ok";
    return revoke;
  }
  // Before the backup: two certificates and a reservation; after it: one revoked, one more issued,
  // the reservation finished.
  void LiveThroughABackup() {
    LiveUntilTheBackup();
    LiveOn();
    ledger_.reset();
  }
  void LiveUntilTheBackup() {
    first_ = IssueBirth(1);
    second_ = IssueBirth(2);
    waiting_ = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(BirthNo(3))));
    unissued_ = driver_.Accept(BirthNo(4));
    backup_ = CopyOf(engine_);
  }
  void LiveOn() {
    ASSERT_OK(driver_.Call1(Revocation(first_)));
    ASSERT_OK(driver_.Call1(driver_.Issue(waiting_.intent_index())));
    third_ = driver_.Issued(unissued_);
  }
  store::ForwardOptions Options(std::vector<store::Mirror*> mirrors) {
    store::ForwardOptions options;
    options.mirrors = std::move(mirrors);
    options.log_name = kLogName;
    options.log_keys = {[](absl::string_view, const certs::NoteSignature& signature) {
      return signature.signature == "the log's";
    }};
    options.index_key = kIndexKey;
    options.clock = &clock_;
    options.on_refused = [this](const std::string&, const absl::Status& why) { refused_ = why; };
    return options;
  }
  // The ledger goes on over the restored store.
  void GoOnWith(store::Engine* engine) { OpenOver(engine); }
  template <typename Record>
  Record In(const store::Engine& engine, store::Family family, const std::string& key) {
    return Stored<Record>(engine, family, key);
  }
  std::string ChecksOf(const store::Engine& engine) {
    store::FsckOptions options;
    options.index_key = kIndexKey;
    std::string all;
    for (const auto& finding : store::CheckStore(*engine.NewSnapshot(), options).findings) {
      all += store::ToLine(finding) + "\n";
    }
    return all;
  }

  storage::v1::CertificateHead first_, second_, third_;
  storage::v1::Reservation waiting_;
  store::DeliveryAnswer unissued_;
  std::unique_ptr<store::MemoryEngine> backup_;
  absl::Status refused_;
};

}  // namespace birthseal::tests
