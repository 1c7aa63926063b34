// SPDX-License-Identifier: Apache-2.0
// A recovery over a store that cannot be read or written, or holds damaged records.
#include <functional>

#include "certs/proof/leaf.h"
#include "store/journal/journal.h"
#include "store/ledger/step.h"
#include "store/meta.h"
#include "tests/store/restore/recovery_fixture.h"
#include "tests/support/failing_engine.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/ids.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::LeafKind;
using store::Family;
using Items = std::vector<store::RecoverLeaves::Item>;

class RecoveryFaultsTest : public RecoveryTest {
 protected:
  // As RecoveryTest, with every kind of leaf behind the backup.
  void LiveThroughEveryKind() {
    PutOperator("one");
    given_up_ = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(BirthNo(8))));
    LiveUntilTheBackup();
    const uint64_t size = Meta().log_size();
    LiveOn();
    ASSERT_OK(driver_.Call1(store::CancelReservation{
        kHospital, "one", "two", "撤回", store::IntentKeyOf(given_up_), "sixteen bytes ok"}));
    Birth corrected = BirthNo(2);
    corrected.mother = "PASSPORT-CORRECTED";
    store::AcceptDelivery update = driver_.Delivery(corrected);
    update.base = IdIn<certs::DeliveryId>(NewbornOf2().current_delivery());
    driver_.Accept(update);
    storage::v1::SealRecord seal;
    seal.set_institution_code(kHospital);
    seal.set_seal_sm3(certs::Bytes(certs::Sm3Of("another seal")));
    ASSERT_OK(
        driver_.Call1(store::PutSeal{kHospital, seal.SerializeAsString(), "sixteen bytes ok"}));
    PutOperator("two");
    ledger_.reset();
    items_ = *EngineMirror(engine_).Read(1, size, 1000);
    for (auto& item : items_) {
      const auto leaf = certs::ParseLeaf(item.leaf);
      const bool third = leaf->kind == LeafKind::kIssued &&
                         leaf->status_index == third_.reservation().status_index();
      if (third) item.newborn = unissued_.newborn_id;
    }
  }
  storage::v1::Newborn NewbornOf2() {
    return Stored<storage::v1::Newborn>(engine_, Family::kNewborns,
                                        second_.reservation().newborn_id());
  }
  void PutOperator(const std::string& id) {
    storage::v1::Operator who;
    who.set_id(id);
    who.set_institution_code(kHospital);
    who.set_active(true);
    ASSERT_OK(
        driver_.Call1(store::PutOperator{kHospital, who.SerializeAsString(), "sixteen bytes ok"}));
  }
  // What the ledger would answer over the backup, of which nothing is changed.
  std::vector<absl::Status> Answers(const store::Snapshot& snapshot,
                                    std::vector<store::Command> commands) {
    const auto state = store::ReadState(*backup_->NewSnapshot());
    EXPECT_OK(state);
    const auto step = store::Step(snapshot, *state, commands, clock_.Now(), kIndexKey,
                                  store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
    EXPECT_OK(step);
    std::vector<absl::Status> answers;
    if (step.ok()) {
      for (const store::AnyAnswer& answer : step->answers) answers.push_back(answer.status);
    }
    return answers;
  }
  absl::Status AnswerOf(store::Command command) {
    return Answers(*backup_->NewSnapshot(), {std::move(command)}).at(0);
  }
  void ExpectEveryReadComesOut(const store::Command& command) {
    Faults faults;
    FailingEngine failing(backup_.get(), &faults);
    ExpectEveryFaultComesOut(&faults,
                             [&] { return Answers(*failing.NewSnapshot(), {command}).at(0); });
  }
  store::OpenEpoch Lost() const { return {certs::LogSize(1000), certs::Sm3Of("the lost root")}; }
  // In the backup.
  void Put(Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(backup_->Commit(batch, *backup_->AcquireFence()));
  }
  template <typename Record>
  void Change(Family family, const std::string& key, const std::function<void(Record&)>& change) {
    auto record = In<Record>(*backup_, family, key);
    change(record);
    Put(family, key, record.SerializeAsString());
  }

  storage::v1::Reservation given_up_;
  Items items_;
};

TEST_F(RecoveryFaultsTest, EachReadOfRecoveredLeavesComesOut) {
  LiveThroughEveryKind();
  ExpectEveryReadComesOut(store::RecoverLeaves{items_});
}

TEST_F(RecoveryFaultsTest, EachReadOfANewEpochComesOut) {
  LiveThroughABackup();
  ExpectEveryReadComesOut(Lost());
  // And of a RECOVERY that a mirror brings.
  const auto ended = CopyOf(*backup_);
  GoOnWith(ended.get());
  ASSERT_OK(driver_.Call1(Lost()));
  ledger_.reset();
  ExpectEveryReadComesOut(store::RecoverLeaves{*EngineMirror(*ended).Read(2, 0, 1)});
}

TEST_F(RecoveryFaultsTest, AnEpochEndsAloneAndOnlyWhenSomethingIsLost) {
  LiveThroughABackup();
  const store::AnnounceProfile leaf{"national-default", 2, certs::Sm3Of("p")};
  const auto answers = Answers(*backup_->NewSnapshot(), {leaf, Lost()});
  ASSERT_OK(answers.at(0));
  EXPECT_THAT(answers.at(1), StatusIs(StatusCode::kAborted, "BATCH_HAS_LEAVES"));
  store::OpenEpoch nothing = Lost();
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  nothing.lost_size = certs::LogSize(meta.log_size());
  EXPECT_THAT(AnswerOf(nothing), StatusIs(StatusCode::kFailedPrecondition, "NOTHING_LOST"));
}

TEST_F(RecoveryFaultsTest, ARecordThatDoesNotFitItsLeafIsNotPassedOver) {
  LiveThroughEveryKind();
  ASSERT_OK(AnswerOf(store::RecoverLeaves{items_}));
  const std::string number = store::NumberKey(waiting_.certificate_number());
  const struct {
    const char* name;
    std::function<void()> change;
    StatusCode code;
    const char* reason;
  } rows[] = {
      {"an earlier reservation cannot be read",
       [&] { Put(Family::kReservations, store::IndexKey(0), "\xff"); }, StatusCode::kDataLoss,
       "RECORD_UNREADABLE"},
      {"the certificate is gone",
       [&] {
         store::WriteBatch batch;
         batch.Erase(Family::kCertificates, store::IndexKey(first_.reservation().status_index()));
         ASSERT_OK(backup_->Commit(batch, *backup_->AcquireFence()));
       },
       StatusCode::kFailedPrecondition, "MIRROR_DOES_NOT_CONTINUE"},
      {"the case is not reserved",
       [&] {
         Change<storage::v1::CaseHead>(Family::kCases, waiting_.case_id(),
                                       [](auto& head) { head.set_state(3); });
       },
       StatusCode::kFailedPrecondition, "CASE_STATE"},
      {"the number is not allotted",
       [&] {
         Change<storage::v1::NumberRecord>(Family::kNumbers, number,
                                           [](auto& record) { record.set_state(3); });
       },
       StatusCode::kFailedPrecondition, "NUMBER_STATE"},
      {"the newborn has a certificate",
       [&] {
         Change<storage::v1::Newborn>(Family::kNewborns, waiting_.newborn_id(),
                                      [](auto& newborn) { newborn.set_valid_certificate(1); });
       },
       StatusCode::kFailedPrecondition, "MIRROR_DOES_NOT_CONTINUE"},
  };
  const auto whole = CopyOf(*backup_);
  for (const auto& row : rows) {
    row.change();
    EXPECT_THAT(AnswerOf(store::RecoverLeaves{items_}), StatusIs(row.code, row.reason)) << row.name;
    backup_ = CopyOf(*whole);
  }
}

// The one that is asked for is found before.
TEST_F(RecoveryFaultsTest, AReservationBehindTheOneAskedForIsNotRead) {
  LiveThroughABackup();
  const Items items = *EngineMirror(engine_).Read(
      1, In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size(), 2);
  ASSERT_EQ(certs::ParseLeaf(items.at(1).leaf)->kind, LeafKind::kIssued);
  Put(Family::kReservations, store::IndexKey(1000), "\xff");
  EXPECT_OK(AnswerOf(store::RecoverLeaves{items}));
}

// Asked through all layers. What the ledger cannot read it takes for another writer's work.
TEST_F(RecoveryFaultsTest, EachFaultUnderARecoveryComesOut) {
  LiveThroughABackup();
  EngineMirror mirror(engine_), lacking(engine_, 2);
  const certs::TreeHead newest = mirror.head();
  for (const bool to_the_end : {true, false}) {
    store::ForwardOptions options = Options({to_the_end ? &mirror : &lacking});
    options.high_water = newest;
    bool struck = true;
    int tried = 0;
    for (; struck && tried < 10'000; ++tried) {
      const auto copy = CopyOf(*backup_);
      Faults faults;
      FailingEngine failing(copy.get(), &faults, &faults);
      faults.FailAfter(tried);
      const auto report = store::BringForward(&failing, options);
      const std::string call = faults.Stop();
      struck = !call.empty();
      if (!struck) {
        EXPECT_OK(report);
        continue;
      }
      const std::string reason = certs::ReasonOf(report.status());
      EXPECT_TRUE(reason == kInjected || (call == "get from meta" && reason == "FENCED") ||
                  (call == "commit" && reason == "OUTCOME_UNKNOWN"))
          << call << ": " << report.status();
    }
    EXPECT_GT(tried, 30);
  }
}

TEST_F(RecoveryFaultsTest, AJournalThatCannotBeReadIsNotPassedOver) {
  LiveThroughABackup();
  TempDir temp;
  Faults faults;
  FailingFileSystem files(store::FileSystem::Posix(), &faults);
  auto journal = store::Journal::Open(temp.Join("journal"), &files);
  ASSERT_OK(journal);
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  ASSERT_OK((*journal)->Append(meta.batch_sequence(), store::FenceEpoch(meta.fencing_epoch()), {}));
  store::ForwardOptions options = Options({});
  options.journal = journal->get();
  ExpectEveryFaultComesOut(&faults,
                           [&] { return store::BringForward(backup_.get(), options).status(); });
}

}  // namespace
}  // namespace birthseal::tests
