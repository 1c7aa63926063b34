// SPDX-License-Identifier: Apache-2.0
// What receipts are made of, over stores that the test writes: how many at once, from which leaves,
// and what a store that fails or is damaged does to them.
#include "server/witnessing/receipt_maker.h"

#include <utility>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "gtest/gtest.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "tests/support/failing_engine.h"
#include "tests/support/ids.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::StoreReceipts;

constexpr size_t kItemsAtOnce = 256;

class ReceiptMakerTest : public testing::Test {
 protected:
  void SetUp() override { fence_ = *memory_.AcquireFence(); }
  void Put(Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_OK(memory_.Commit(batch, fence_));
  }
  static certs::NewbornId NewbornOf(uint64_t status_index) {
    std::vector<uint8_t> bytes(16);
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(status_index >> (8 * i));
    bytes[15] = 1;
    return IdOf<certs::NewbornId>(bytes);
  }
  // A certificate whose newborn is in no map yet, and its ISSUED leaf.
  void Issue(uint64_t leaf_index, uint64_t status_index) {
    store::WriteBatch batch;
    certs::Leaf leaf;
    leaf.kind = certs::LeafKind::kIssued;
    leaf.log_minute = 1;
    leaf.institution_code = "12529901MB0A12342F";
    leaf.status_index = status_index;
    leaf.intent_index = 1;
    leaf.commitment = certs::Sm3Of("file");
    batch.Put(Family::kLeaves,
              store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(leaf_index))),
              certs::Canonical(leaf));
    storage::v1::CertificateHead head;
    head.mutable_reservation()->set_newborn_id(std::string(certs::View(NewbornOf(status_index))));
    batch.Put(Family::kCertificates, store::IndexKey(status_index), head.SerializeAsString());
    storage::v1::Newborn newborn;
    newborn.add_map_labels(certs::Bytes(certs::Sm3Of(std::to_string(status_index))));
    batch.Put(Family::kNewborns, store::IdKey(NewbornOf(status_index)),
              newborn.SerializeAsString());
    ASSERT_OK(memory_.Commit(batch, fence_));
  }
  void IssueMany(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) Issue(i, i + 1);
  }
  server::Witnessed At(uint64_t size) const {
    server::Witnessed now;
    now.head.size = size;
    now.note = "note";
    now.snapshot = engine_.NewSnapshot();
    return now;
  }
  absl::Status Make(uint64_t from, uint64_t size) {
    commands_.clear();
    return server::MakeReceipts(
        At(size), certs::LeafIndex(from),
        [this](StoreReceipts command) {
          commands_.push_back(std::move(command));
          return absl::OkStatus();
        },
        [] { return false; });
  }
  std::vector<size_t> Sizes() const {
    std::vector<size_t> sizes;
    for (const StoreReceipts& command : commands_) sizes.push_back(command.items.size());
    return sizes;
  }

  store::MemoryEngine memory_;
  store::FenceEpoch fence_;
  Faults reads_;
  FailingEngine engine_{&memory_, &reads_};
  std::vector<StoreReceipts> commands_;
};

TEST_F(ReceiptMakerTest, SomeHundredAtOnceAndNoEmptyCommandBehindThem) {
  IssueMany(kItemsAtOnce + 1);
  const std::pair<uint64_t, std::vector<size_t>> kCases[] = {
      {0, {0}},  // the checkpoint is kept all the same
      {1, {1}},
      {kItemsAtOnce - 1, {kItemsAtOnce - 1}},
      {kItemsAtOnce, {kItemsAtOnce}},
      {kItemsAtOnce + 1, {kItemsAtOnce, 1}},
  };
  for (const auto& [size, expected] : kCases) {
    ASSERT_OK(Make(0, size));
    EXPECT_EQ(Sizes(), expected) << size;
    for (const StoreReceipts& command : commands_) {
      EXPECT_EQ(command.position.size, certs::LogSize(size));
      EXPECT_EQ(command.checkpoint, "note");
    }
  }
}

TEST_F(ReceiptMakerTest, EachLeafOnceAlsoWhereOneReadingEndsAndTheNextBegins) {
  constexpr uint64_t kLeavesAtOnce = 1024;
  for (const uint64_t leaf : {uint64_t{0}, kLeavesAtOnce - 1, kLeavesAtOnce, kLeavesAtOnce + 1}) {
    Issue(leaf, leaf + 1);
  }
  ASSERT_OK(Make(0, kLeavesAtOnce + 2));
  EXPECT_EQ(Sizes(), std::vector<size_t>{4});
  ASSERT_OK(Make(1, kLeavesAtOnce + 1));
  ASSERT_EQ(Sizes(), std::vector<size_t>{2});
  EXPECT_EQ(commands_[0].items[0].status_index, certs::StatusIndex(kLeavesAtOnce));
  EXPECT_EQ(commands_[0].items[1].status_index, certs::StatusIndex(kLeavesAtOnce + 1));
}

TEST_F(ReceiptMakerTest, AnErrorOfWhoeverStoresThemEndsIt) {
  IssueMany(kItemsAtOnce + 1);
  int asked = 0;
  const auto refuse = [&asked](const StoreReceipts&) {
    ++asked;
    return certs::Error(StatusCode::kResourceExhausted, "QUEUE_FULL", "");
  };
  for (const uint64_t size : {uint64_t{1}, uint64_t{kItemsAtOnce + 1}}) {
    asked = 0;
    EXPECT_THAT(server::MakeReceipts(At(size), certs::LeafIndex(0), refuse, [] { return false; }),
                StatusIs(StatusCode::kResourceExhausted, "QUEUE_FULL"));
    EXPECT_EQ(asked, 1);
  }
}

TEST_F(ReceiptMakerTest, StoppingEndsItBeforeAnythingIsStored) {
  IssueMany(2);
  int stored = 0;
  EXPECT_THAT(server::MakeReceipts(
                  At(2), certs::LeafIndex(0),
                  [&stored](const StoreReceipts&) {
                    ++stored;
                    return absl::OkStatus();
                  },
                  [] { return true; }),
              StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(stored, 0);
}

TEST_F(ReceiptMakerTest, EveryReadThatFailsComesOut) {
  IssueMany(2);
  ExpectEveryFaultComesOut(&reads_, [this] { return Make(0, 2); });
  for (const uint64_t size : {2, 5}) {
    Put(Family::kCheckpoints,
        store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(size))), "note");
  }
  ExpectEveryFaultComesOut(&reads_, [this] {
    return server::ReceiptsFrom(*engine_.NewSnapshot(), certs::LogEpoch(1)).status();
  });
}

TEST_F(ReceiptMakerTest, ARecordThatCannotBeReadIsSaidToBe) {
  const std::string leaf = store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(1)));
  storage::v1::CertificateHead without;
  storage::v1::CertificateHead cut;
  cut.mutable_reservation()->set_newborn_id(std::string(15, 'x'));
  const struct {
    Family family;
    std::string key, value;
  } kDamage[] = {
      {Family::kLeaves, leaf, "no leaf"},
      {Family::kCertificates, store::IndexKey(2), "\xFF\xFF"},
      {Family::kCertificates, store::IndexKey(2), without.SerializeAsString()},
      {Family::kCertificates, store::IndexKey(2), cut.SerializeAsString()},
      {Family::kNewborns, store::IdKey(NewbornOf(2)), "\xFF\xFF"},
  };
  for (const auto& damage : kDamage) {
    IssueMany(3);
    ASSERT_OK(Make(0, 3));
    Put(damage.family, damage.key, damage.value);
    EXPECT_THAT(Make(0, 3), StatusIs(StatusCode::kDataLoss, "RECORD_UNREADABLE"))
        << store::Name(damage.family);
    EXPECT_TRUE(commands_.empty()) << store::Name(damage.family);
  }
}

// Certificates from before the map have no label, and none is made up.
TEST_F(ReceiptMakerTest, ANewbornWithoutALabelHasNoItem) {
  IssueMany(2);
  for (const std::string& label : {std::string(), std::string(31, 'x')}) {
    storage::v1::Newborn newborn;
    if (!label.empty()) newborn.add_map_labels(label);
    Put(Family::kNewborns, store::IdKey(NewbornOf(1)), newborn.SerializeAsString());
    ASSERT_OK(Make(0, 2));
    ASSERT_EQ(Sizes(), std::vector<size_t>{1});
    EXPECT_EQ(commands_[0].items[0].status_index, certs::StatusIndex(2));
  }
}

}  // namespace
}  // namespace birthseal::tests
