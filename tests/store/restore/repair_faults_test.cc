// SPDX-License-Identifier: Apache-2.0
// A repair over a store that fails while it is read or written: the failure comes out, and what was
// whole stays.
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/newborn.h"
#include "certs/status_macros.h"
#include "gmock/gmock.h"
#include "store/keys.h"
#include "store/restore/repair.h"
#include "tests/store/fsck/fsck_fixture.h"
#include "tests/store/restore/recovery_fixture.h"
#include "tests/support/failing_engine.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

// Reads of one snapshot fail, the n-th that is taken; a family cannot be read behind a key until it
// is cleared.
class HurtEngine : public store::Engine {
 public:
  explicit HurtEngine(store::Engine* below) : below_(below) {}

  std::unique_ptr<store::Snapshot> NewSnapshot() const override {
    auto whole = below_->NewSnapshot();
    const bool hurt = ++taken_ == hurt_snapshot;
    if (hurt) faults.FailAfter(good_reads);
    return std::make_unique<HurtSnapshot>(std::move(whole), this, hurt);
  }
  absl::Status Commit(const store::WriteBatch& batch, store::FenceEpoch epoch) override {
    RETURN_IF_ERROR(commits.Next("commit"));
    return below_->Commit(batch, epoch);
  }
  absl::StatusOr<store::FenceEpoch> AcquireFence(store::FenceEpoch above) override {
    return below_->AcquireFence(above);
  }
  absl::Status Clear(Family family, store::FenceEpoch epoch) override {
    RETURN_IF_ERROR(commits.Next("clear"));
    if (hole == family) hole.reset();
    return below_->Clear(family, epoch);
  }

  int hurt_snapshot = 0, good_reads = 0;
  std::optional<Family> hole;
  std::string hole_behind;  // empty: all of the family
  Faults commits;
  mutable Faults faults;

 private:
  class HurtSnapshot : public store::Snapshot {
   public:
    HurtSnapshot(std::unique_ptr<store::Snapshot> whole, const HurtEngine* engine, bool hurt)
        : whole_(std::move(whole)), engine_(engine), hole_(engine->hole), hurt_(hurt) {}
    absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
      if (InHole(family, key)) return absl::DataLossError("checksum");
      RETURN_IF_ERROR(Read(family));
      return whole_->Get(family, key);
    }
    absl::Status Scan(
        Family family, absl::string_view prefix, absl::string_view from,
        const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
      bool met = false;
      RETURN_IF_ERROR(
          whole_->Scan(family, prefix, from, [&](absl::string_view key, absl::string_view value) {
            met = InHole(family, key);
            return !met && visit(key, value);
          }));
      return met ? absl::DataLossError("checksum") : Read(family);
    }

   private:
    bool InHole(Family family, absl::string_view key) const {
      return hole_ == family && key > engine_->hole_behind;
    }
    absl::Status Read(Family family) const {
      return hurt_ ? engine_->faults.Next(store::Name(family)) : absl::OkStatus();
    }
    const std::unique_ptr<store::Snapshot> whole_;
    const HurtEngine* const engine_;
    const std::optional<Family> hole_;
    const bool hurt_;
  };

  store::Engine* const below_;
  mutable int taken_ = 0;
};

class RepairFaultsTest : public FsckTest {
 protected:
  store::FsckOptions Options() const {
    store::FsckOptions options;
    options.sealer = &sealer_;
    options.index_key = kIndexKey;
    return options;
  }
  // Repairs what `damage` did while the `read` of the snapshot fails, and must say so.
  void ExpectFaultComesOut(const std::function<void()>& damage, int snapshot, int read) {
    SCOPED_TRACE(absl::StrCat("snapshot ", snapshot, " read ", read));
    damage();
    HurtEngine hurt(&engine_);
    hurt.hurt_snapshot = snapshot;
    hurt.good_reads = read;
    EXPECT_THAT(store::RepairIndexes(&hurt, Options()), StatusIs(StatusCode::kInternal, kInjected));
    hurt.faults.Stop();
    EXPECT_OK(store::RepairIndexes(&hurt, Options()));
  }
  std::string Number() const {
    return store::LicenceKey(Head(4).reservation().certificate_number());
  }
  std::string ClaimOfNumber() const {
    return store::DigestKey(
        certs::NumberClaim(kIndexKey, Head(4).reservation().certificate_number()));
  }
};

// The first snapshot is that of the check; a fault there is a finding.
TEST_F(RepairFaultsTest, ARecordThatAnIndexFollowsFromIsReadOrTheRepairEnds) {
  const auto lost = [this](Family family, const std::string& key) {
    return [this, family, key] { Erase(family, key); };
  };
  const auto licence = lost(Family::kLicences, Number());
  ExpectFaultComesOut(licence, 2, 0);  // certificates
  ExpectFaultComesOut(licence, 2, 1);  // reservations
  ExpectFaultComesOut(lost(Family::kReviews, All(Family::kReviews).at(0).first), 2, 0);
  ExpectFaultComesOut(lost(Family::kNodes, store::NodeKey(1, 0)), 2, 0);
  // Whether it is a number's claim is asked first, of a snapshot of its own.
  ExpectFaultComesOut(lost(Family::kClaims, ClaimOfNumber()), 2, 0);
  ExpectFaultComesOut(lost(Family::kClaims, ClaimOfNumber()), 3, 0);
}

TEST_F(RepairFaultsTest, ARepairThatIsNotWrittenIsNone) {
  HurtEngine hurt(&engine_);
  Erase(Family::kLicences, Number());
  hurt.commits.FailAfter(0);
  EXPECT_THAT(store::RepairIndexes(&hurt, Options()), StatusIs(StatusCode::kInternal, kInjected));
  hurt.hole = Family::kLicences;
  hurt.commits.FailAfter(0);  // the clearing
  EXPECT_THAT(store::RepairIndexes(&hurt, Options()), StatusIs(StatusCode::kInternal, kInjected));
  hurt.commits.Stop();
  EXPECT_OK(store::RepairIndexes(&hurt, Options()));
  EXPECT_EQ(Get(Family::kLicences, Number()), store::IndexKey(4));
}

// Those of mothers and records cannot be derived from anything.
TEST_F(RepairFaultsTest, ClaimsThatCannotBeReadAreNotCleared) {
  const auto claims = All(Family::kClaims);
  HurtEngine hurt(&engine_);
  hurt.hole = Family::kClaims;
  EXPECT_THAT(store::RepairIndexes(&hurt, Options()),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
  EXPECT_EQ(All(Family::kClaims), claims);
  // Nor where all that the check names are claims of numbers: the hole begins behind one of them.
  hurt.hole_behind = ClaimOfNumber();
  ASSERT_LT(hurt.hole_behind, claims.back().first);
  EXPECT_THAT(store::RepairIndexes(&hurt, Options()),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
  EXPECT_EQ(All(Family::kClaims), claims);
}

// What is not kept of the findings might be anything.
TEST_F(RepairFaultsTest, MoreDamageThanIsLookedAtIsNotRepaired) {
  constexpr int kMoreThanKept = 100'001;
  store::WriteBatch batch;
  for (int i = 0; i < kMoreThanKept; ++i) {
    batch.Put(Family::kLicences, absl::StrCat("stray ", i), store::IndexKey(4));
  }
  ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
  EXPECT_THAT(store::RepairIndexes(&engine_, Options()),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
  EXPECT_OK(engine_.NewSnapshot()->Get(Family::kLicences, "stray 0"));
}

// What the check cannot read it names: nothing reads as absent.
TEST_F(RepairFaultsTest, ARecordThatCannotBeReadIsNamedAsSuch) {
  HurtEngine hurt(&engine_);
  hurt.hole = Family::kMeta;
  const auto report = store::CheckStore(*hurt.NewSnapshot(), Options());
  bool unreadable = false;
  for (const auto& finding : report.findings) {
    unreadable =
        unreadable || (finding.family == Family::kMeta && finding.key == store::MetaKey() &&
                       finding.code == "BLOCK_UNREADABLE");
  }
  EXPECT_TRUE(unreadable);
}

// A recovered store: one of its certificates is known from the log alone and has no number.
class RecoveredRepairTest : public RecoveryTest {
 protected:
  void SetUp() override {
    RecoveryTest::SetUp();
    LiveThroughABackup();
    EngineMirror mirror(engine_);
    ASSERT_OK(store::BringForward(backup_.get(), Options({&mirror})));
    ASSERT_EQ(In<storage::v1::CertificateHead>(*backup_, Family::kCertificates, Third())
                  .reservation()
                  .certificate_number(),
              "");
    indexes_.index_key = kIndexKey;
  }
  std::string Third() const { return store::IndexKey(third_.reservation().status_index()); }
  std::map<std::string, std::string> Licences() const {
    std::map<std::string, std::string> all;
    EXPECT_OK(backup_->NewSnapshot()->Scan(Family::kLicences, "", "",
                                           [&](absl::string_view key, absl::string_view value) {
                                             all[std::string(key)] = std::string(value);
                                             return true;
                                           }));
    return all;
  }
  void Put(Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(backup_->Commit(batch, *backup_->AcquireFence()));
  }

  store::FsckOptions indexes_;
};

TEST_F(RecoveredRepairTest, TheLicencesMadeAnewAreThoseOfTheRecovery) {
  const auto recovered = Licences();
  HurtEngine hurt(backup_.get());
  hurt.hole = Family::kLicences;
  ASSERT_OK(store::RepairIndexes(&hurt, indexes_));
  EXPECT_EQ(Licences(), recovered);
}

TEST_F(RecoveredRepairTest, AnIndexUnderNoTextIsNamedAndGoes) {
  const auto recovered = Licences();
  Put(Family::kLicences, store::LicenceKey(""), Third());
  const auto repaired = store::RepairIndexes(backup_.get(), indexes_);
  ASSERT_OK(repaired);
  ASSERT_EQ(repaired->before.findings.size(), 1u);
  EXPECT_EQ(repaired->before.findings[0].code, "INDEX_POINTS_ELSEWHERE");
  EXPECT_EQ(repaired->erased, 1u);
  EXPECT_EQ(Licences(), recovered);
}

TEST_F(RecoveredRepairTest, AClaimOfNoNumberIsNobodys) {
  Put(Family::kClaims, store::DigestKey(certs::NumberClaim(kIndexKey, "")), std::string(16, 'x'));
  EXPECT_THAT(store::RepairIndexes(backup_.get(), indexes_),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
}

}  // namespace
}  // namespace birthseal::tests
