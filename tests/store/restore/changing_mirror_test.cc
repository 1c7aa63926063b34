// SPDX-License-Identifier: Apache-2.0
// A mirror that cannot be read, gives less than it signed for, or says another thing when it is
// asked again: refused with nothing changed, or found out.
#include <functional>

#include "certs/proof/leaf.h"
#include "certs/status_macros.h"
#include "tests/store/restore/recovery_fixture.h"
#include "tests/support/faults.h"
#include "tests/support/small_log.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CertificateState;
using store::Family;
using Items = std::vector<store::RecoverLeaves::Item>;

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

using ChangingMirrorTest = RecoveryTest;

TEST_F(ChangingMirrorTest, AMirrorThatCannotBeReadIsRefusedOrEndsIt) {
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

TEST_F(ChangingMirrorTest, AMirrorThatGivesLessThanItSignedForIsRefused) {
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

TEST_F(ChangingMirrorTest, AMirrorWithoutTheBeginOfALaterEpochIsRefused) {
  LiveThroughABackup();
  const auto ended = CopyOf(*backup_);
  GoOnWith(ended.get());
  ASSERT_OK(driver_.Call1(store::OpenEpoch{certs::LogSize(1000), certs::Sm3Of("the lost root")}));
  ledger_.reset();
  EngineMirror mirror(*ended);
  AlteredMirror lacking(&mirror, [&](uint64_t epoch, uint64_t, size_t, Items* items) {
    if (epoch == 2) items->clear();
    return absl::OkStatus();
  });
  EXPECT_OK(store::BringForward(backup_.get(), Options({&lacking})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
}

// The same each time, but not what its checkpoint says.
TEST_F(ChangingMirrorTest, AMirrorWhoseLeavesAreNotThoseItSignedForIsRefused) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  AlteredMirror altered(&mirror, [&](uint64_t, uint64_t first, size_t, Items* items) {
    if (first < meta.log_size()) return absl::OkStatus();
    certs::Leaf leaf = *certs::ParseLeaf(items->at(0).leaf);
    leaf.commitment[0] ^= 1;
    items->at(0).leaf = certs::Canonical(leaf);
    return absl::OkStatus();
  });
  EXPECT_OK(store::BringForward(backup_.get(), Options({&altered})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
  EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).log_size(),
            meta.log_size());
}

// Looked through before, another thing when it is written.
TEST_F(ChangingMirrorTest, AMirrorThatSaysAnotherThingTheSecondTimeIsFoundOut) {
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

// Written over, it would be refused as well, but the store would tell of a command it never had.
TEST_F(ChangingMirrorTest, AChangeThatIsNoneTheSecondTimeDoesNotReachTheLedger) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  int times = 0;
  AlteredMirror alters(&mirror, [&](uint64_t, uint64_t first, size_t, Items* items) {
    if (first >= meta.log_size() && ++times == 2) items->at(0).changes = {"x"};
    return absl::OkStatus();
  });
  EXPECT_THAT(store::BringForward(backup_.get(), Options({&alters})),
              StatusIs(StatusCode::kInvalidArgument, "CANONICAL_FORM"));
  EXPECT_EQ(times, 2);
  EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).next_audit(),
            meta.next_audit());
}

TEST_F(ChangingMirrorTest, ARecoveryThatIsNoneTheSecondTimeDoesNotReachTheLedger) {
  LiveThroughABackup();
  const auto ended = CopyOf(*backup_);
  GoOnWith(ended.get());
  ASSERT_OK(driver_.Call1(store::OpenEpoch{certs::LogSize(1000), certs::Sm3Of("the lost root")}));
  ASSERT_OK(driver_.Call1(store::AnnounceProfile{"national-default", 2, certs::Sm3Of("p")}));
  ledger_.reset();
  EngineMirror mirror(*ended);
  // Asked for twice each time: where does the old epoch end, and what does the new one begin with.
  int times = 0;
  AlteredMirror alters(&mirror, [&](uint64_t epoch, uint64_t first, size_t, Items* items) {
    if (epoch == 2 && first == 0 && ++times == 4) items->at(0).leaf = "x";
    return absl::OkStatus();
  });
  const auto meta = In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey());
  EXPECT_THAT(store::BringForward(backup_.get(), Options({&alters})),
              StatusIs(StatusCode::kInvalidArgument, "CANONICAL_FORM"));
  EXPECT_EQ(times, 4);
  EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).next_audit(),
            meta.next_audit());
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
TEST_F(ChangingMirrorTest, AnotherMapUnderTheSameLeavesIsFoundOut) {
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

// The change behind the fork does not start from our map either: that is not what is told.
TEST_F(ChangingMirrorTest, AForkIsCalledOneThoughTheMapHasForkedAsWell) {
  ledger_.reset();
  SmallMirror ours(LogOf([](SmallLog& log) {
    log.Intent(1);
    log.Issued(1, 1, {LabelOf(1)});
  }));
  SmallMirror theirs(LogOf([](SmallLog& log) {
    log.Intent(1);
    certs::Leaf issued = SmallLog::LeafOf(certs::LeafKind::kIssued, 1, 1);
    issued.commitment = certs::Sm3Of("another certificate");
    log.Add(issued, {log.Change(LabelOf(2), 1)});
    log.ClaimAdded(1, LabelOf(3));
  }));
  store::MemoryEngine brought;
  ASSERT_OK(store::BringForward(&brought, Options({&ours})));
  ASSERT_OK(refused_);
  EXPECT_OK(store::BringForward(&brought, Options({&theirs})));
  EXPECT_THAT(refused_, StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
}

// A label that is freed and goes to a certificate that is there already: no successor.
TEST_F(ChangingMirrorTest, OnlyAnIssueRightBehindAVoidingIsAnExchange) {
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
