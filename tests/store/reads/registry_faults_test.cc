// SPDX-License-Identifier: Apache-2.0
// Typed reads over a disk that fails, and over a log with damage in its midst: never an answer that
// has less, more or something else.
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "store/keys.h"
#include "store/ledger/step.h"
#include "store/log/merkle_log.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"
#include "tests/support/ids.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using tests::ExpectEveryFaultComesOut;
using tests::StatusIs;

IntentKey At(uint64_t index) { return IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(index)); }

class RegistryFaultsTest : public testing::Test {
 protected:
  void Put(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(engine_.Commit(batch, epoch_));
  }
  void Erase(Family family, const std::string& key) {
    WriteBatch batch;
    batch.Erase(family, key);
    ASSERT_OK(engine_.Commit(batch, epoch_));
  }
  void PutMeta(uint64_t log_epoch, uint64_t size) {
    storage::v1::Meta meta = FirstMeta();
    meta.set_log_epoch(log_epoch);
    meta.set_log_size(size);
    Put(Family::kMeta, MetaKey(), meta.SerializeAsString());
  }
  // A log epoch whose every leaf but the first brings one change of the map.
  void PutLog(uint64_t log_epoch, int size) {
    LogAppender log(0, {}, log_epoch);
    for (int i = 0; i < size; ++i) log.Append(absl::StrCat("leaf ", i));
    WriteBatch batch;
    log.PutInto(&batch);
    for (int i = 1; i < size; ++i) {
      batch.Put(Family::kMapChanges,
                MapChangeKey(PlaceOf(certs::LogEpoch(log_epoch), certs::LeafIndex(i)), 0),
                absl::StrCat("change ", i));
    }
    ASSERT_OK(engine_.Commit(batch, epoch_));
  }
  static std::string LeafKey(uint64_t log_epoch, uint64_t index) {
    return IndexKey(PlaceOf(certs::LogEpoch(log_epoch), certs::LeafIndex(index)));
  }

  MemoryEngine engine_;
  FenceEpoch epoch_ = *engine_.AcquireFence();
  tests::Faults faults_;
  tests::FailingEngine failing_{&engine_, &faults_};
  ValueSealer sealer_{"0123456789abcdef"};
  Registry registry_{&failing_, &sealer_};
};

TEST_F(RegistryFaultsTest, AReadOfTheLogThatFailsIsTold) {
  PutLog(1, 7);
  PutMeta(1, 7);
  Put(Family::kCheckpoints, LeafKey(1, 7), "note");
  const std::function<absl::Status()> reads[] = {
      [this] { return registry_.Leaves(certs::LeafIndex(0), 9, certs::kCurrentEpoch).status(); },
      [this] { return registry_.Updates(certs::kCurrentEpoch, certs::LeafIndex(0), 9).status(); },
      [this] {
        return registry_.InclusionPath(certs::LeafIndex(3), certs::LogSize(7), certs::kCurrentEpoch)
            .status();
      },
      [this] {
        return registry_.ConsistencyPath(certs::LogSize(3), certs::LogSize(7), certs::kCurrentEpoch)
            .status();
      },
      [this] {
        return registry_.Checkpoint({certs::LogEpoch(1), certs::LogSize(7)}).status();
      },
      [this] { return ReadState(*failing_.NewSnapshot()).status(); },
      [this] { return RootAt(7, StoredNodes(failing_.NewSnapshot().get(), 1)).status(); },
  };
  for (const auto& read : reads) ExpectEveryFaultComesOut(&faults_, read);
}

TEST_F(RegistryFaultsTest, ALedgerDoesNotStartFromADamagedState) {
  PutLog(1, 7);
  PutMeta(1, 7);
  EXPECT_OK(ReadState(*engine_.NewSnapshot()));
  Put(Family::kNodes, NodeKey(2, 0), "short");
  EXPECT_THAT(ReadState(*engine_.NewSnapshot()),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_NODE_DAMAGED"));
}

TEST_F(RegistryFaultsTest, CountersOfAnotherFormatOrDamagedAreNotTaken) {
  storage::v1::Meta meta = FirstMeta();
  const std::string damaged = meta.SerializeAsString() + "\xff";
  meta.set_format(kStoreFormat + 1);
  for (const std::string& bad : {damaged, meta.SerializeAsString(), std::string()}) {
    Put(Family::kMeta, MetaKey(), bad);
    EXPECT_THAT(MetaOf(*engine_.NewSnapshot()),
                StatusIs(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE"));
  }
}

TEST_F(RegistryFaultsTest, ADamagedRootOfTheLogIsNoRoot) {
  storage::v1::Meta meta = FirstMeta();
  EXPECT_EQ(*LogRootOf(meta), certs::EmptyRoot());
  for (const std::string& bad : {std::string(), std::string(31, 'x'), std::string(33, 'x')}) {
    meta.set_log_root(bad);
    EXPECT_THAT(LogRootOf(meta), StatusIs(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE"));
  }
}

TEST_F(RegistryFaultsTest, AnEpochOfTheLogEndsWhereTheNextBegins) {
  PutLog(1, 5);
  PutLog(2, 3);
  PutMeta(2, 3);
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(0), 100, certs::LogEpoch(1))->size(), 5u);
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(2), 2, certs::LogEpoch(1))->size(), 2u);
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(0), 100, certs::LogEpoch(2))->size(), 3u);
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(0), 100, certs::kCurrentEpoch)->size(), 3u);
  const auto updates = registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(1), 2);
  ASSERT_OK(updates);
  ASSERT_EQ(updates->size(), 2u);
  EXPECT_THAT((*updates)[1].changes, testing::ElementsAre("change 2"));
  EXPECT_EQ(registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(0), 100)->size(), 5u);
}

TEST_F(RegistryFaultsTest, ALeafThatIsMissingInTheMidstIsDataLoss) {
  PutLog(1, 5);
  PutLog(2, 3);
  Erase(Family::kLeaves, LeafKey(1, 2));
  EXPECT_EQ(registry_.Leaves(certs::LeafIndex(0), 2, certs::LogEpoch(1))->size(), 2u);
  for (const size_t count : {3, 100}) {
    EXPECT_THAT(registry_.Leaves(certs::LeafIndex(0), count, certs::LogEpoch(1)),
                StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
    EXPECT_THAT(registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(0), count),
                StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  }
}

TEST_F(RegistryFaultsTest, AKeyOfAnotherFormInTheLogIsDataLoss) {
  PutLog(1, 5);
  const std::string leaf = LeafKey(1, 2) + "x",
                    change =
                        MapChangeKey(PlaceOf(certs::LogEpoch(1), certs::LeafIndex(0)), 0) + "x";
  Put(Family::kLeaves, leaf, "leaf");
  EXPECT_THAT(registry_.Leaves(certs::LeafIndex(0), 100, certs::LogEpoch(1)),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  Erase(Family::kLeaves, leaf);
  Put(Family::kMapChanges, change, "change");
  EXPECT_THAT(registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(0), 100),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
}

TEST_F(RegistryFaultsTest, AChangeThatIsMissingBeforeAnotherIsDataLoss) {
  PutLog(1, 5);
  Put(Family::kMapChanges, MapChangeKey(PlaceOf(certs::LogEpoch(1), certs::LeafIndex(2)), 2),
      "third");
  EXPECT_THAT(registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(0), 100),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  Put(Family::kMapChanges, MapChangeKey(PlaceOf(certs::LogEpoch(1), certs::LeafIndex(2)), 1),
      "second");
  EXPECT_EQ((*registry_.Updates(certs::LogEpoch(1), certs::LeafIndex(0), 100))[2].changes.size(),
            3u);
}

TEST_F(RegistryFaultsTest, ADamagedReservationIsNotPassedOver) {
  storage::v1::Reservation reservation;
  reservation.set_intent_index(9);
  Put(Family::kReservations, IndexKey(1), "\xff");
  Put(Family::kReservations, IndexKey(9), reservation.SerializeAsString());
  EXPECT_THAT(registry_.OpenReservations(9),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  EXPECT_EQ(registry_.OpenReservations(9, At(2))->size(), 1u);
  EXPECT_THAT(registry_.OpenReservation(At(1)),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  // Nor is one under a key that is no place in the log, where the next page begins.
  Put(Family::kReservations, IndexKey(9) + "x", reservation.SerializeAsString());
  EXPECT_THAT(registry_.OpenReservations(1, At(2)),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
}

TEST_F(RegistryFaultsTest, ACaseBodyHasBothItsPartsAndNothingMore) {
  const std::string good = EncodeCaseBody(CaseBody());
  EXPECT_OK(DecodeCaseBody(good));
  const std::string content = certs::Canonical(certs::FaceContent());
  const std::string without = good.substr(0, good.size() - content.size() - 6);
  const std::string more = good + std::string({0, 3, 0, 0, 0, 1, 'x'});
  for (const std::string& bad : {without, more}) {
    EXPECT_THAT(DecodeCaseBody(bad), StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
  }
}

TEST_F(RegistryFaultsTest, APageTokenIsAKeyOfTheFacilityInOneSpelling) {
  const auto id = tests::IdOf<DeliveryId>({0xab});
  const std::string hex = absl::BytesToHexString(ReviewKey("facility-a", 1, id));
  EXPECT_OK(registry_.Reviews("facility-a", hex, 2));
  EXPECT_OK(registry_.Reviews("", hex, 2));
  const std::pair<const char*, std::string> wrong[] = {
      {"facility-b", hex},                         // another's
      {"facility-a", absl::AsciiStrToUpper(hex)},  // another spelling
      {"", absl::BytesToHexString("facility-a")},  // no key
      {"", hex.substr(0, hex.size() - 2)}};
  for (const auto& [facility, token] : wrong) {
    EXPECT_THAT(registry_.Reviews(facility, token, 2),
                StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN"))
        << token;
  }
}

TEST_F(RegistryFaultsTest, AKeyThatNamesNoReviewIsNotTheReviewOfNobody) {
  Put(Family::kReviews, "no review", "");
  Put(Family::kDeliveries, IdKey(DeliveryId()), storage::v1::DeliveryHead().SerializeAsString());
  EXPECT_THAT(registry_.Reviews("", "", 9),
              StatusIs(absl::StatusCode::kDataLoss, "RECORD_DAMAGED"));
}

// An engine that has no way of its own to empty a family.
TEST_F(RegistryFaultsTest, AFamilyThatCannotBeReadWholeIsNotHalfEmptied) {
  Put(Family::kReviews, "k", "v");
  faults_.FailAfter(0);
  EXPECT_THAT(failing_.Engine::Clear(Family::kReviews, epoch_),
              StatusIs(absl::StatusCode::kInternal, tests::kInjected));
  EXPECT_OK(engine_.NewSnapshot()->Get(Family::kReviews, "k"));
}

}  // namespace
}  // namespace birthseal::store
