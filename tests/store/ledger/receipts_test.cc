// SPDX-License-Identifier: Apache-2.0
// Witnessed checkpoints with the receipts that stand on them, and announced profiles.
#include "absl/strings/str_cat.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"
#include "store/log/uniqueness_map.h"
#include "store/reads/registry.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

class ReceiptsTest : public LedgerTest {
 protected:
  storage::v1::CertificateHead Issue(int n) {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", n), birth.record = absl::StrCat("B", n);
    return driver_.Issued(driver_.Accept(birth));
  }
  // Of the newest checkpoint, for these certificates.
  store::StoreReceipts Receipts(const std::vector<uint64_t>& indexes,
                                const std::string& signature = "signature") {
    const store::DurableRoot root = ledger_->Head();
    head_ = {certs::OriginOf("log.example", root.epoch), root.size.value(), root.root,
             root.map_root, root.time};
    store::StoreReceipts command;
    command.position.size = root.size;
    command.checkpoint = Note(head_, signature);
    for (const uint64_t index : indexes) {
      const auto newborn = IdIn<certs::NewbornId>(CertificateOf(index).reservation().newborn_id());
      const certs::MapLabel label = certs::MapLabelFrom(NewbornOf(newborn).map_labels(0)).value();
      const auto proof = store::ProveLabel(*engine_.NewSnapshot(), label);
      EXPECT_OK(proof);
      command.items.push_back({certs::StatusIndex(index), certs::Canonical(*proof)});
    }
    return command;
  }
  static std::string Note(const certs::TreeHead& head, const std::string& signature) {
    return certs::FormatCheckpoint(certs::CheckpointBody(head),
                                   {{"log.example", "hash", signature}});
  }

  certs::TreeHead head_;
  store::Registry registry_{&engine_, nullptr};
};

TEST_F(ReceiptsTest, TheFirstReceiptOfACertificateStays) {
  Issue(1);
  const store::StoreReceipts first = Receipts({1});
  ASSERT_OK(driver_.Do(first).status);
  const uint64_t leaves = Meta().log_size();
  Issue(2);
  const store::StoreReceipts second = Receipts({1, 2});
  ASSERT_OK(driver_.Do(second).status);
  ASSERT_OK(driver_.Do(Receipts({1, 2}, "other cosignatures")).status);
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(1))->size(), first.position.size.value());
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(1))->map_proof(), first.items[0].map_proof);
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(2))->size(), second.position.size.value());
  EXPECT_EQ(*registry_.Checkpoint(first.position), first.checkpoint);
  EXPECT_EQ(*registry_.Checkpoint(second.position), second.checkpoint);
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(3)).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Meta().log_size(), leaves + 2);  // receipts write no leaf
}

TEST_F(ReceiptsTest, ACheckpointThatNoReceiptNeedsIsNotKept) {
  Issue(1);
  ASSERT_OK(driver_.Do(Receipts({1})).status);
  const uint64_t size = head_.size;
  driver_.Enrol(kOtherHospital, 0);
  ASSERT_OK(driver_.Do(Receipts({1})).status);
  EXPECT_TRUE(registry_.Checkpoint({certs::LogEpoch(1), certs::LogSize(size)}).ok());
  EXPECT_EQ(registry_.Checkpoint({certs::LogEpoch(1), certs::LogSize(head_.size)}).status().code(),
            StatusCode::kNotFound);
}

TEST_F(ReceiptsTest, ACheckpointOfAnotherLogIsRefused) {
  Issue(1);
  store::StoreReceipts command = Receipts({1});
  head_.root = certs::Sm3Of("another log");
  command.checkpoint = Note(head_, "signature");
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
  command = Receipts({1});
  command.position.size = command.position.size.Plus(1);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
  command = Receipts({1});
  command.position.epoch = certs::LogEpoch(2);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
  command = Receipts({1});
  head_.map_root = certs::Sm3Of("another map");
  command.checkpoint = Note(head_, "signature");
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(1)).status().code(), StatusCode::kNotFound);
}

// Only the first of these two sizes may be wrong in the note, only the second in the log.
TEST_F(ReceiptsTest, ACheckpointHasTheSizeOfItsLog) {
  Issue(1);
  store::StoreReceipts command = Receipts({1});
  const certs::TreeHead right = head_;
  head_.size += 7;
  command.checkpoint = Note(head_, "signature");
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
  command.position.size = command.position.size.Plus(7);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
  command.position.size = certs::LogSize(right.size);
  command.checkpoint = Note(right, "signature");
  EXPECT_OK(driver_.Do(command).status);
}

TEST_F(ReceiptsTest, ASizeHasOneMap) {
  Issue(1);
  store::StoreReceipts command = Receipts({1});
  ASSERT_OK(driver_.Do(command).status);
  command.items.clear();
  EXPECT_OK(driver_.Do(command).status);
  head_.map_root = certs::Sm3Of("another map");
  command.checkpoint = Note(head_, "signature");
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "CHECKPOINT_NOT_OF_LOG"));
}

// Leaves of two epochs have the same indexes.
TEST_F(ReceiptsTest, ACheckpointCoversItsOwnEpochOnly) {
  Issue(1);
  const store::StoreReceipts old = Receipts({});
  ASSERT_OK(driver_.Do(store::OpenEpoch{old.position.size.Plus(1), certs::Sm3Of("lost")}).status);
  ASSERT_OK(driver_
                .Do(store::ConfirmStock{kHospital, kHospital, "A520000001", "A520000002", "one",
                                        "two", driver_.NewKey()})
                .status);
  Issue(2);
  const uint64_t later = Issue(3).reservation().status_index();  // those of the lost are not used
  store::StoreReceipts command = Receipts({1});
  command.position.epoch = certs::LogEpoch(2);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "RECEIPT_NOT_COVERED"));
  command = Receipts({later});
  command.position.epoch = certs::LogEpoch(2);
  EXPECT_OK(driver_.Do(command).status);
}

TEST_F(ReceiptsTest, AProofThatIsNotOfTheCertificateIsRefusedWithAllOthers) {
  Issue(1);
  const store::StoreReceipts old = Receipts({1});
  Issue(2);
  store::StoreReceipts command = Receipts({1, 2});
  std::swap(command.items[0].map_proof, command.items[1].map_proof);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "LABEL_OF_ANOTHER"));
  command = Receipts({1, 2});
  command.items[1].status_index = certs::StatusIndex(3);
  EXPECT_THAT(driver_.Do(command).status, StatusIs(StatusCode::kNotFound, "CERTIFICATE_UNKNOWN"));
  EXPECT_EQ(registry_.StoredReceipt(certs::StatusIndex(1)).status().code(), StatusCode::kNotFound);
  command = old;
  command.items[0].status_index = certs::StatusIndex(2);
  EXPECT_THAT(driver_.Do(command).status,
              StatusIs(StatusCode::kInvalidArgument, "RECEIPT_NOT_COVERED"));
}

TEST_F(ReceiptsTest, ReceiptsNeverGoBeforeFinishing) {
  EXPECT_GT(store::LaneOf(store::StoreReceipts()),
            store::LaneOf(
                store::CommitIssue(store::IntentKeyAt(certs::LogEpoch(1), certs::LeafIndex(0)))));
  EXPECT_GT(store::LaneOf(store::StoreReceipts()), store::LaneOf(store::AcceptDelivery()));
  EXPECT_EQ(store::NameOf(store::StoreReceipts()), "StoreReceipts");
  EXPECT_EQ(store::NameOf(store::AnnounceProfile()), "AnnounceProfile");
}

// Rule J9.
TEST_F(ReceiptsTest, AProfileIsAnnouncedOnceUntilItChanges) {
  const uint64_t first = Meta().log_size();
  store::AnnounceProfile command{"national-default", 3, certs::Sm3Of("file")};
  ASSERT_OK(driver_.Do(command).status);
  ASSERT_OK(driver_.Do(command).status);
  ASSERT_OK(driver_.Do(store::AnnounceProfile{"province", 1, certs::Sm3Of("other")}).status);
  ASSERT_OK(driver_.Do(command).status);
  command.version = 4;
  ASSERT_OK(driver_.Do(command).status);
  command.version = 3;
  ASSERT_OK(driver_.Do(command).status);  // back again is a change too
  const auto leaves = registry_.Leaves(certs::LeafIndex(first), 10, certs::kCurrentEpoch);
  ASSERT_OK(leaves);
  ASSERT_EQ(leaves->size(), 4u);
  const auto leaf = certs::ParseLeaf(leaves->at(2));
  ASSERT_OK(leaf);
  EXPECT_EQ(leaf->kind, certs::LeafKind::kProfileChanged);
  EXPECT_EQ(leaf->commitment, certs::Commit("", leaf->detail));
  const auto said = certs::ParseProfileAnnounced(leaf->detail);
  ASSERT_OK(said);
  EXPECT_EQ(said->name, "national-default");
  EXPECT_EQ(said->version, 4u);
  EXPECT_EQ(said->digest, certs::Sm3Of("file"));
  EXPECT_THAT(driver_.Do(store::AnnounceProfile{"", 1, certs::Sm3Of("file")}).status,
              StatusIs(StatusCode::kInvalidArgument, "RECORD_WITHOUT_ID"));
}

}  // namespace
}  // namespace birthseal::tests
