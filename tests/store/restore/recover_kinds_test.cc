// SPDX-License-Identifier: Apache-2.0
// Every kind of leaf that a mirror can bring, and what it does to certificates and registry.
#include <functional>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/leaf.h"
#include "store/fsck/fsck.h"
#include "store/meta.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/store/restore/engine_mirror.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using certs::CertificateState;
using certs::LeafKind;
using store::Family;
using store::RegistryKey;
using store::RegistryKind;
using Records = std::map<std::string, std::string>;

class RecoverKindsTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    driver_.Enrol(kOtherHospital, 0);
    PutOperator("one", kHospital, true);
    PutOperator("two", kHospital, true);
    PutOperator("gone", kHospital, false);
    PutOperator("far", kOtherHospital, true);
    storage::v1::Client client;
    client.set_certificate_sm3(certs::Bytes(certs::Sm3Of("client")));
    ASSERT_OK(driver_.Call1(store::PutClient{kHospital, client.SerializeAsString()}));
  }
  void PutOperator(const std::string& id, const std::string& institution, bool active) {
    storage::v1::Operator who;
    who.set_id(id);
    who.set_institution_code(institution);
    who.set_active(active);
    who.set_may_issue(true);
    who.set_public_key(absl::StrCat("key ", ++version_));
    ASSERT_OK(driver_.Call1(
        store::PutOperator{institution, who.SerializeAsString(), "sixteen bytes ok"}));
  }
  void PutSeal(const std::string& institution, bool suspended) {
    storage::v1::SealRecord seal;
    seal.set_institution_code(institution);
    seal.set_seal_sm3(certs::Bytes(certs::Sm3Of(absl::StrCat("seal ", ++version_))));
    seal.set_suspended(suspended);
    ASSERT_OK(
        driver_.Call1(store::PutSeal{institution, seal.SerializeAsString(), "sixteen bytes ok"}));
  }
  Birth BirthNo(int n) {
    Birth birth;
    birth.record = absl::StrCat("B", n);
    birth.mother = absl::StrCat("PASSPORT", n);
    return birth;
  }
  storage::v1::Reservation ReservedBirth(int n) {
    return driver_.Reserved(driver_.ApprovedCase(driver_.Accept(BirthNo(n))));
  }
  void Revoke(const storage::v1::CertificateHead& head) {
    store::Revoke revoke;
    revoke.organisation_code = kHospital;
    revoke.first_operator = "one";
    revoke.second_operator = "two";
    revoke.number = head.reservation().certificate_number();
    revoke.reason = "决定";
    revoke.request_key = driver_.NewKey();
    revoke.decision_sm3 = certs::Sm3Of("decision");
    revoke.salt = "sixteen bytes ok";
    ASSERT_OK(driver_.Call1(revoke));
  }
  // Another mother's document for the newborn of a certificate.
  void Correct(const storage::v1::CertificateHead& head, int n) {
    Birth corrected = BirthNo(n);
    corrected.mother = "PASSPORT-CORRECTED";
    store::AcceptDelivery update = driver_.Delivery(corrected);
    update.base = IdIn<certs::DeliveryId>(
        Stored<storage::v1::Newborn>(engine_, Family::kNewborns, head.reservation().newborn_id())
            .current_delivery());
    driver_.Accept(update);
  }

  // Brings a copy of today's store forward over what `live` does. `kinds`: of the leaves it wrote.
  std::unique_ptr<store::MemoryEngine> Recovered(const std::function<void()>& live,
                                                 std::set<LeafKind>* kinds = nullptr) {
    std::unique_ptr<store::MemoryEngine> backup = CopyOf(engine_);
    const uint64_t size = Meta().log_size();
    live();
    EngineMirror mirror(engine_);
    const auto items = *mirror.Read(1, size, 1000);
    for (const auto& item : items) {
      if (kinds != nullptr) kinds->insert(certs::ParseLeaf(item.leaf)->kind);
    }
    absl::Status refused;
    store::ForwardOptions options;
    options.mirrors = {&mirror};
    options.log_name = kLogName;
    options.log_keys = {[](absl::string_view, const certs::NoteSignature&) { return true; }};
    options.index_key = kIndexKey;
    options.clock = &clock_;
    options.on_refused = [&](const std::string&, const absl::Status& why) { refused = why; };
    const auto report = store::BringForward(backup.get(), options);
    EXPECT_OK(report);
    EXPECT_OK(refused);
    if (report.ok()) EXPECT_EQ(report->last.meta.log_root(), Meta().log_root());
    return backup;
  }
  static Records Registry(const store::Engine& engine) {
    Records records;
    EXPECT_OK(engine.NewSnapshot()->Scan(Family::kRegistry, "", "",
                                         [&](absl::string_view key, absl::string_view value) {
                                           records[std::string(key)] = std::string(value);
                                           return true;
                                         }));
    return records;
  }
  static std::string Suspended(const std::string& bytes) {
    storage::v1::SealRecord seal;
    EXPECT_TRUE(seal.ParseFromString(bytes));
    seal.set_suspended(true);
    return seal.SerializeAsString();
  }
  static std::string Retired(const std::string& bytes) {
    storage::v1::Operator who;
    EXPECT_TRUE(who.ParseFromString(bytes));
    who.set_active(false);
    return who.SerializeAsString();
  }
  // The registry as it is now, but nobody acts for the hospital with that seal or those operators.
  Records Expected(bool seal_suspended, bool operators_retired) {
    Records expected = Registry(engine_);
    std::string& seal = expected.at(RegistryKey(RegistryKind::kSeal, kHospital));
    if (seal_suspended) seal = Suspended(seal);
    for (const char* id : {"one", "two", "gone"}) {
      std::string& who = expected.at(RegistryKey(RegistryKind::kOperator, id));
      if (operators_retired) who = Retired(who);
    }
    return expected;
  }
  static int StateIn(const store::Engine& engine, uint64_t status_index) {
    return Stored<storage::v1::CertificateHead>(engine, Family::kCertificates,
                                                store::IndexKey(status_index))
        .state();
  }

  int version_ = 0;
};

TEST_F(RecoverKindsTest, EveryKindComesBackAndTheRegistryWaitsForPeople) {
  const auto first = driver_.Issued(driver_.Accept(BirthNo(1)));
  const auto second = driver_.Issued(driver_.Accept(BirthNo(2)));
  const auto waiting = ReservedBirth(3), given_up = ReservedBirth(4);
  const auto unissued = driver_.Accept(BirthNo(5));
  const Records expected = Expected(true, true);
  storage::v1::CertificateHead third;
  std::set<LeafKind> kinds;
  const auto recovered = Recovered(
      [&] {
        Revoke(first);
        Correct(second, 2);
        ASSERT_OK(driver_.Call1(driver_.Issue(waiting.intent_index())));
        ASSERT_OK(driver_.Call1(CancellationOf(given_up)));
        third = driver_.Issued(unissued);
        PutSeal(kHospital, true);
        PutSeal(kHospital, false);
        PutOperator("one", kHospital, true);
        PutOperator("three", kHospital, true);
        ASSERT_OK(driver_.Call1(store::AnnounceProfile{"national-default", 2, certs::Sm3Of("p")}));
      },
      &kinds);
  // All but RECOVERY, which begins an epoch (recovery_test).
  for (int kind = 1; kind <= 10; ++kind) {
    EXPECT_EQ(kinds.count(static_cast<LeafKind>(kind)), kind == 9 ? 0u : 1u) << kind;
  }
  EXPECT_EQ(Registry(*recovered), expected);
  EXPECT_EQ(StateIn(*recovered, first.reservation().status_index()),
            static_cast<int>(CertificateState::kRevoked));
  for (const uint64_t index : {second.reservation().status_index(), waiting.status_index(),
                               third.reservation().status_index()}) {
    EXPECT_EQ(StateIn(*recovered, index), static_cast<int>(CertificateState::kValid)) << index;
  }
  EXPECT_FALSE(recovered->NewSnapshot()
                   ->Get(Family::kCertificates, store::IndexKey(given_up.status_index()))
                   .ok());
  size_t open = 0;
  EXPECT_OK(recovered->NewSnapshot()->Scan(Family::kReservations, "", "",
                                           [&](absl::string_view, absl::string_view) {
                                             ++open;
                                             return true;
                                           }));
  EXPECT_EQ(open, 0u);
  EXPECT_EQ(
      Stored<storage::v1::Newborn>(*recovered, Family::kNewborns, second.reservation().newborn_id())
          .map_labels_size(),
      2);
  store::FsckOptions options;
  options.index_key = kIndexKey;
  for (const auto& finding : store::CheckStore(*recovered->NewSnapshot(), options).findings) {
    ADD_FAILURE() << store::ToLine(finding);
  }
}

TEST_F(RecoverKindsTest, ASealThatChangedIsSuspendedWhetherEnrolledOrSuspended) {
  for (const bool suspended : {true, false}) {
    const Records expected = Expected(true, false);
    EXPECT_EQ(Registry(*Recovered([&] { PutSeal(kHospital, suspended); })), expected) << suspended;
  }
}

TEST_F(RecoverKindsTest, OperatorsAreRetiredTogetherAndThoseOfOthersStay) {
  const Records expected = Expected(false, true);
  EXPECT_EQ(Registry(*Recovered([&] { PutOperator("two", kHospital, true); })), expected);
}

TEST_F(RecoverKindsTest, CertificatesAloneLeaveTheRegistryAsItWas) {
  const Records expected = Expected(false, false);
  EXPECT_EQ(Registry(*Recovered([&] { driver_.Issued(driver_.Accept(BirthNo(1))); })), expected);
}

// The leaf names an institution that the backup has never heard of.
TEST_F(RecoverKindsTest, WhatTheBackupDoesNotKnowIsNotInvented) {
  const Records expected = Expected(false, false);
  const auto recovered = Recovered([&] {
    driver_.Enrol("12520000MB0000001X", 0);
    PutOperator("new", "12520000MB0000001X", true);
  });
  EXPECT_EQ(Registry(*recovered), expected);
}

}  // namespace
}  // namespace birthseal::tests
