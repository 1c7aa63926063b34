// SPDX-License-Identifier: Apache-2.0
// Checkpoints and receipts from stored bytes: whatever one of them says that is not so is named.
#include "gmock/gmock.h"
#include "store/log/merkle_log.h"
#include "tests/server/at_rest/fsck_signatures_fixture.h"

namespace birthseal::tests {
namespace {

using store::Family;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(FsckSignaturesTest, ASignatureOfACheckpointIsNamed) {
  const std::string good = Bytes(Family::kCheckpoints, checkpoint_key_);
  FlipInCheckpoint(kTestLogName);
  EXPECT_THAT(Names(Check().findings), ElementsAre("checkpoints CHECKPOINT_LOG_SIGNATURE"));
  Put(Family::kCheckpoints, checkpoint_key_, good);
  FlipInCheckpoint(kWitness);
  EXPECT_THAT(Names(Check().findings), ElementsAre("checkpoints COSIGNATURE"));
  certs::Checkpoint alone = *certs::ParseCheckpoint(good);
  alone.signatures.pop_back();
  Put(Family::kCheckpoints, checkpoint_key_, certs::FormatCheckpoint(alone.body, alone.signatures));
  EXPECT_THAT(Names(Check().findings), ElementsAre("checkpoints CHECKPOINT_NOT_WITNESSED"));
  Put(Family::kCheckpoints, checkpoint_key_, good);
  trust_.witnesses[0].key_hash = "else";
  EXPECT_THAT(Names(Check().findings), IsEmpty());
  EXPECT_THAT(Names(Check().not_checkable), ElementsAre("checkpoints COSIGNER_KEY_UNKNOWN"));
}

TEST_F(FsckSignaturesTest, ACheckpointOfAnotherLogOrPlaceIsNamed) {
  Put(Family::kNodes, store::NodeKey(0, 0), certs::Bytes(certs::Sm3Of("another leaf")));
  Put(Family::kNodes, store::NodeKey(1, 0), certs::Bytes(certs::Sm3Of("another pair")));
  Put(Family::kNodes, store::NodeKey(2, 0), certs::Bytes(certs::Sm3Of("another four")));
  Put(Family::kNodes, store::NodeKey(3, 0), certs::Bytes(certs::Sm3Of("another eight")));
  Put(Family::kCheckpoints,
      store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(1))),
      Bytes(Family::kCheckpoints, checkpoint_key_));
  EXPECT_THAT(Names(Check().findings),
              ElementsAre("checkpoints CHECKPOINT_PLACE", "checkpoints CHECKPOINT_ROOT"));
}

TEST_F(FsckSignaturesTest, AMapProofIsNamed) {
  auto receipt = Stored<storage::v1::StoredReceipt>(Family::kReceipts, store::IndexKey(1));
  certs::MapProof proof = *certs::ParseMapProof(receipt.map_proof());
  proof.value = 2;
  receipt.set_map_proof(certs::Canonical(proof));
  Put(Family::kReceipts, store::IndexKey(1), receipt.SerializeAsString());
  EXPECT_THAT(Names(Check().findings), ElementsAre("receipts RECEIPT_MAP_PROOF"));
  receipt.set_size(1);
  Put(Family::kReceipts, store::IndexKey(1), receipt.SerializeAsString());
  const auto found = Check().findings;
  EXPECT_THAT(Names(found), ElementsAre("checkpoints MISSING"));
  EXPECT_EQ(found[0].named, "receipts/0000000000000001");
}

TEST_F(FsckSignaturesTest, ACheckpointThatIsNoneOrOfNoLogHereIsNamed) {
  const std::string good = Bytes(Family::kCheckpoints, checkpoint_key_);
  const certs::Checkpoint note = *certs::ParseCheckpoint(good);
  certs::TreeHead other_log = note.head, longer = note.head;
  other_log.origin = "other.example/log/1 sm3";
  longer.size += 1000;
  const std::string longer_key =
      store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(longer.size)));
  const auto text = [&](const certs::TreeHead& head) {
    return certs::FormatCheckpoint(certs::CheckpointBody(head), note.signatures);
  };
  Put(Family::kCheckpoints, checkpoint_key_, "junk");
  EXPECT_THAT(Names(Check().findings), ElementsAre("checkpoints CHECKPOINT_FORM"));
  Put(Family::kCheckpoints, checkpoint_key_, text(other_log));
  EXPECT_THAT(Names(Check().findings), ElementsAre("checkpoints CHECKPOINT_PLACE"));
  Put(Family::kCheckpoints, checkpoint_key_, good);
  Put(Family::kCheckpoints, longer_key, text(longer));
  EXPECT_THAT(Names(Check().findings), Contains("checkpoints CHECKPOINT_ROOT"));
}

// The key of a witness under another's name is nobody's.
TEST_F(FsckSignaturesTest, ACosignerIsKnownByNameAndKey) {
  certs::Checkpoint note = *certs::ParseCheckpoint(Bytes(Family::kCheckpoints, checkpoint_key_));
  for (auto& signature : note.signatures) {
    if (signature.key_name == kWitness) signature.key_name = "other.example";
  }
  Put(Family::kCheckpoints, checkpoint_key_, certs::FormatCheckpoint(note.body, note.signatures));
  EXPECT_THAT(Names(Check().findings), IsEmpty());
  EXPECT_THAT(Names(Check().not_checkable), ElementsAre("checkpoints COSIGNER_KEY_UNKNOWN"));
}

class FsckReceiptsTest : public FsckSignaturesTest {
 protected:
  std::string Receipt() const { return Bytes(Family::kReceipts, store::IndexKey(1)); }
  void ChangeReceipt(const std::function<void(storage::v1::StoredReceipt&)>& change) {
    auto receipt = Stored<storage::v1::StoredReceipt>(Family::kReceipts, store::IndexKey(1));
    change(receipt);
    Put(Family::kReceipts, store::IndexKey(1), receipt.SerializeAsString());
  }
  // A receipt more, and the head that it would be of.
  void ExpectNamed(const std::string& key, bool with_head, const std::string& name) {
    Put(Family::kReceipts, key, Receipt());
    if (with_head) Put(Family::kCertificates, key, Head().SerializeAsString());
    const auto found = Check().findings;
    EXPECT_THAT(Names(found), ElementsAre(name));
    if (!found.empty()) EXPECT_EQ(found[0].key, key);
  }
};

TEST_F(FsckReceiptsTest, OneWithoutAProofIsNamed) {
  ChangeReceipt([](auto& receipt) { receipt.set_map_proof("junk"); });
  EXPECT_THAT(Names(Check().findings), ElementsAre("receipts RECEIPT_FORM"));
}

TEST_F(FsckReceiptsTest, OneUnderNoStatusIndexIsNamed) {
  ExpectNamed("odd", true, "receipts RECEIPT_FORM");
}

TEST_F(FsckReceiptsTest, OneOfNoCertificateIsNamed) {
  ExpectNamed(store::IndexKey(77), false, "receipts RECEIPT_FORM");
}

TEST_F(FsckReceiptsTest, OneOfAnotherCertificateOfTheNewbornIsNamed) {
  ExpectNamed(store::IndexKey(77), true, "receipts RECEIPT_MAP_PROOF");
}

TEST_F(FsckReceiptsTest, OneOfALabelThatIsNotTheNewbornsIsNamed) {
  const std::string key = Head().reservation().newborn_id();
  auto newborn = Stored<storage::v1::Newborn>(Family::kNewborns, key);
  newborn.clear_map_labels();
  Put(Family::kNewborns, key, newborn.SerializeAsString());
  EXPECT_THAT(Names(Check().findings), ElementsAre("receipts RECEIPT_MAP_PROOF"));
}

TEST_F(FsckReceiptsTest, OneOfACheckpointBeforeTheIssueIsNamed) {
  storage::v1::CertificateHead head = Head();
  head.set_issued_leaf(1000);
  Put(Family::kCertificates, store::IndexKey(1), head.SerializeAsString());
  EXPECT_THAT(Names(Check().findings), ElementsAre("receipts RECEIPT_BEFORE_ISSUE"));
}

}  // namespace
}  // namespace birthseal::tests
