// A recovery over a store that cannot be read or written, holds damaged records, or is given by a
// mirror that fails or says another thing when it is asked again.
#include <functional>

#include "certs/proof/leaf.h"
#include "store/journal.h"
#include "store/step.h"
#include "tests/ledger/recovery_fixture.h"
#include "tests/support/failing_engine.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/small_log.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CertificateState;
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
        kHospital, "one", "two", "撤回", given_up_.intent_index(), "sixteen bytes ok"}));
    Birth corrected = BirthNo(2);
    corrected.mother = "PASSPORT-CORRECTED";
    store::AcceptDelivery update = driver_.Delivery(corrected);
    store::ParseId(NewbornOf2().current_delivery(), &update.base);
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
    const auto step = store::Step(snapshot, *state, commands, clock_.Now(), kIndexKey);
    EXPECT_OK(step);
    std::vector<absl::Status> answers;
    if (step.ok()) {
      for (const store::Answer& answer : step->answers) answers.push_back(answer.status);
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
  store::OpenEpoch Lost() const { return {1000, certs::Sm3Of("the lost root")}; }
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
  nothing.lost_size = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size();
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
      {"the case is not reserved",
       [&] {
         Change<storage::v1::ApplicationHead>(Family::kApplications, waiting_.application_id(),
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
  ASSERT_OK((*journal)->Append(meta.batch_sequence(), meta.fencing_epoch(), {}));
  store::ForwardOptions options = Options({});
  options.journal = journal->get();
  ExpectEveryFaultComesOut(&faults,
                           [&] { return store::BringForward(backup_.get(), options).status(); });
}

// A mirror of which a test changes what it gives.
class AlteredMirror : public store::Mirror {
 public:
  using Alter = std::function<absl::Status(uint64_t epoch, uint64_t first, size_t count, Items*)>;
  AlteredMirror(store::Mirror* below, Alter alter) : below_(below), alter_(std::move(alter)) {}
  std::string name() const override { return below_->name(); }
  std::string note() const override { return below_->note(); }
  absl::StatusOr<Items> Read(uint64_t epoch, uint64_t first, size_t count) override {
    ASSIGN_OR_RETURN(Items items, below_->Read(epoch, first, count));
    RETURN_IF_ERROR(alter_(epoch, first, count, &items));
    return items;
  }

 private:
  store::Mirror* const below_;
  const Alter alter_;
};

TEST_F(RecoveryFaultsTest, AMirrorThatCannotBeReadIsRefusedOrEndsIt) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  Faults faults;
  AlteredMirror failing(&mirror,
                        [&](uint64_t, uint64_t, size_t, Items*) { return faults.Next("mirror"); });
  const uint64_t size = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size();
  bool struck = true;
  int tried = 0;
  for (; struck && tried < 100; ++tried) {
    const auto copy = CopyOf(*backup_);
    refused_ = absl::OkStatus();
    faults.FailAfter(tried);
    const auto report = store::BringForward(copy.get(), Options({&failing}));
    struck = !faults.Stop().empty();
    if (!struck) {
      EXPECT_OK(report);
      EXPECT_OK(refused_);
      EXPECT_EQ(report->last.meta.log_size(), mirror.head().size);
      continue;
    }
    EXPECT_THAT(report.ok() ? refused_ : report.status(),
                StatusIs(StatusCode::kInternal, kInjected));
    EXPECT_EQ(In<storage::v1::Meta>(*copy, Family::kMeta, store::MetaKey()).log_size(), size);
  }
  EXPECT_GE(tried, 4);
}

TEST_F(RecoveryFaultsTest, AMirrorThatGivesLessThanItSignedForIsRefused) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  // Half of what is asked for behind the store's own leaves; then nothing at all.
  AlteredMirror half(&mirror, [&](uint64_t, uint64_t first, size_t count, Items* items) {
    if (first >= meta.log_size() && count > 1) items->resize(count / 2);
    return absl::OkStatus();
  });
  EXPECT_OK(store::BringForward(backup_.get(), Options({&half})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "MIRROR_SHORT"));
  int reads = 0;
  AlteredMirror nothing(&mirror, [&](uint64_t, uint64_t, size_t, Items* items) {
    items->clear();
    return ++reads < 10 ? absl::OkStatus() : absl::CancelledError("it asks for ever");
  });
  EXPECT_OK(store::BringForward(backup_.get(), Options({&nothing})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size(),
            meta.log_size());
}

TEST_F(RecoveryFaultsTest, AMirrorWithoutTheBeginOfALaterEpochIsRefused) {
  LiveThroughABackup();
  const auto ended = CopyOf(*backup_);
  GoOnWith(ended.get());
  ASSERT_OK(driver_.Call1(Lost()));
  ledger_.reset();
  EngineMirror mirror(*ended);
  AlteredMirror lacking(&mirror, [&](uint64_t epoch, uint64_t, size_t, Items* items) {
    if (epoch == 2) items->clear();
    return absl::OkStatus();
  });
  EXPECT_OK(store::BringForward(backup_.get(), Options({&lacking})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
}

// Looked through before, another thing when it is written.
TEST_F(RecoveryFaultsTest, AMirrorThatSaysAnotherThingTheSecondTimeIsFoundOut) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const uint64_t size = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size();
  int times = 0;
  AlteredMirror alters(&mirror, [&](uint64_t, uint64_t first, size_t, Items* items) {
    if (first < size || ++times < 2) return absl::OkStatus();
    certs::Leaf leaf = *certs::ParseLeaf(items->at(0).leaf);
    leaf.commitment[0] ^= 1;
    items->at(0).leaf = certs::Canonical(leaf);
    return absl::OkStatus();
  });
  EXPECT_THAT(store::BringForward(backup_.get(), Options({&alters})),
              StatusIs(StatusCode::kInternal, "RECOVERY_ROOT"));
}

// A log in memory as a mirror.
class SmallMirror : public store::Mirror {
 public:
  explicit SmallMirror(const SmallLog& log) : log_(log) {}
  std::string name() const override { return "small"; }
  std::string note() const override {
    return certs::FormatCheckpoint(certs::CheckpointBody(log_.Head()),
                                   {{kLogName, "abcd", "the log's"}});
  }
  absl::StatusOr<Items> Read(uint64_t, uint64_t first, size_t count) override {
    Items items;
    for (uint64_t i = first; i < log_.updates.size() && items.size() < count; ++i) {
      items.push_back({log_.updates[i].leaf, log_.updates[i].changes, {}});
    }
    return items;
  }

 private:
  const SmallLog log_;
};

SmallLog LogOf(const std::function<void(SmallLog&)>& live) {
  SmallLog log;
  log.name = kLogName;
  live(log);
  return log;
}

// The leaves are the same, the labels are not in them.
TEST_F(RecoveryFaultsTest, AnotherMapUnderTheSameLeavesIsFoundOut) {
  ledger_.reset();
  const auto issued = [](int label) {
    return LogOf([label](SmallLog& log) {
      log.Intent(1);
      log.Issued(1, 1, {LabelOf(label)});
    });
  };
  const SmallLog one = issued(1), other = issued(2);
  ASSERT_EQ(one.Head().root, other.Head().root);
  SmallMirror mirror(one);
  int times = 0;
  AlteredMirror alters(&mirror, [&](uint64_t, uint64_t, size_t, Items* items) {
    if (++times == 2) items->at(1).changes = other.updates[1].changes;
    return absl::OkStatus();
  });
  store::MemoryEngine empty;
  EXPECT_THAT(store::BringForward(&empty, Options({&alters})),
              StatusIs(StatusCode::kInternal, "RECOVERY_ROOT"));
}

// A label that is freed and goes to a certificate that is there already: no successor.
TEST_F(RecoveryFaultsTest, OnlyAnIssueRightBehindAVoidingIsAnExchange) {
  ledger_.reset();
  SmallMirror mirror(LogOf([](SmallLog& log) {
    log.Intent(1);
    log.Issued(1, 1, {LabelOf(1)});
    log.Intent(2);
    log.Issued(2, 3, {LabelOf(2)});
    log.Voided(1, {LabelOf(1)});
    log.ClaimAdded(2, LabelOf(1));
    log.Intent(3);
    log.Voided(2, {LabelOf(1), LabelOf(2)});
    log.Issued(3, 7, {LabelOf(2)});
  }));
  store::MemoryEngine recovered;
  ASSERT_OK(store::BringForward(&recovered, Options({&mirror})));
  ASSERT_OK(refused_);
  const auto state = [&](uint64_t index) {
    return In<storage::v1::CertificateHead>(recovered, Family::kCertificates,
                                            store::IndexKey(index))
        .state();
  };
  EXPECT_EQ(state(1), static_cast<int>(CertificateState::kRevoked));
  EXPECT_EQ(state(2), static_cast<int>(CertificateState::kExchanged));
  EXPECT_EQ(state(3), static_cast<int>(CertificateState::kValid));
}

}  // namespace
}  // namespace birthseal::tests
