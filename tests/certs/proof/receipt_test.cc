// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/receipt.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/canonical.h"
#include "certs/proof/merkle.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;

// A stand-in for the log key: HMAC. What is tested here is everything but the algorithm.
std::string TestSign(absl::string_view body) { return Bytes(HmacSm3("log key", body)); }
bool TestVerify(absl::string_view body, const NoteSignature& s) {
  return s.key_name == "log" && s.key_hash == "keyh" && s.signature == TestSign(body);
}

class ReceiptTest : public testing::Test {
 protected:
  ReceiptTest() {
    subject_.face_digest = Sm3Of("face");
    subject_.licence_id = "licence";
    subject_.document_id = "document";
    Leaf leaf;
    leaf.log_minute = 29'000'000;
    leaf.institution_code = "91350100M000100Y43";
    leaf.status_index = 5;
    receipt_.salt = std::string(16, 's');
    leaf.commitment =
        Commit(receipt_.salt, IntentOpening(subject_.face_digest, "licence", "document"));
    receipt_.leaf = Canonical(leaf);
    receipt_.leaf_index = 2;
    std::vector<Digest> leaves = {LeafHash("a"), LeafHash("b"), LeafHash(receipt_.leaf)};
    before_ = NodeHash(leaves[0], leaves[1]);
    receipt_.path = {before_};
    receipt_.checkpoint = Note(kLog, 3, RootOf(leaves));
  }

  static std::string Note(const char* origin, uint64_t size, const Digest& root,
                          bool witnessed = false) {
    TreeHead head{origin, size, root, {}, absl::FromUnixSeconds(1'780'000'000)};
    std::string body = CheckpointBody(head);
    std::vector<NoteSignature> signatures = {{"log", "keyh", TestSign(body)}};
    if (witnessed) signatures.push_back({"witness", "keyh", "saw it"});
    return FormatCheckpoint(body, signatures);
  }
  // With the checkpoint of the first two leaves and the way from it.
  void AfterTwoLeaves() {
    receipt_.witnessed_checkpoint = Note(kLog, 2, before_, true);
    receipt_.consistency = {LeafHash(receipt_.leaf)};
  }

  absl::StatusOr<ReceiptFacts> Check(size_t quorum = 0) {
    const NoteVerifier saw = [](absl::string_view, const NoteSignature& s) {
      return s.signature == "saw it";
    };
    return CheckReceipt(receipt_, subject_, TestVerify, {{{"witness", saw}}, quorum});
  }

  static constexpr char kLog[] = "birthseal.example/log/1 sm3";
  Digest before_;  // root of the two leaves before

  ReceiptSubject subject_;
  Receipt receipt_;
};

TEST_F(ReceiptTest, ProvesThatTheLogKeyAcceptedThisFace) {
  absl::StatusOr<ReceiptFacts> facts = Check();
  ASSERT_OK(facts);
  EXPECT_EQ(facts->leaf.status_index, 5u);
  EXPECT_EQ(facts->head.size, 3u);
}

TEST_F(ReceiptTest, CanonicalBytesReadBackTheSame) {
  std::string bytes = Canonical(receipt_);
  absl::StatusOr<Receipt> read = ParseReceipt(bytes);
  ASSERT_OK(read);
  EXPECT_EQ(Canonical(*read), bytes);
}

TEST_F(ReceiptTest, BytesThatTheWriterCannotMakeAreRefused) {
  const auto form = StatusIs(absl::StatusCode::kInvalidArgument, "RECEIPT_FORM");
  const std::string node(32, 'n');
  for (const uint16_t tag : {4, 7}) {
    const auto with = [tag](const std::string& bytes) {
      return ParseReceipt(CanonicalWriter("birthseal/receipt/v1").Nested(tag, bytes).Finish());
    };
    EXPECT_OK(with(node));
    for (const std::string& other : {std::string(), node.substr(1), node + "n"}) {
      EXPECT_THAT(with(other), form) << tag << " " << other.size();
    }
  }
  EXPECT_THAT(ParseReceipt(Canonical(receipt_) + "x"),
              StatusIs(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

TEST_F(ReceiptTest, EveryFlippedBitIsRefused) {
  const std::string bytes = Canonical(receipt_);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    absl::StatusOr<Receipt> read = ParseReceipt(changed);
    if (!read.ok()) continue;
    EXPECT_FALSE(CheckReceipt(*read, subject_, TestVerify).ok()) << "bit " << bit;
  }
}

TEST_F(ReceiptTest, OfAnotherFaceLicenceOrDocumentIsRefused) {
  subject_.face_digest = Sm3Of("another face");
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss, "RECEIPT_OF_ANOTHER_FACE"));
  subject_.face_digest = Sm3Of("face");
  subject_.licence_id = "another";
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss, "RECEIPT_OF_ANOTHER_FACE"));
}

TEST_F(ReceiptTest, SignedByAnotherKeyIsRefused) {
  receipt_.checkpoint = absl::StrReplaceAll(receipt_.checkpoint, {{" log ", " fog "}});
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY"));
}

TEST_F(ReceiptTest, LeafThatIsNotInTheTreeIsRefused) {
  receipt_.checkpoint = Note(kLog, 3, Sm3Of("another root"));
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss, "PROOF_MISMATCH"));
}

TEST_F(ReceiptTest, TheWitnessedCheckpointInsideTellsAfterWhichTheLeafCame) {
  AfterTwoLeaves();
  const auto facts = Check(1);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->after_size, 2u);
  EXPECT_FALSE(facts->witnessed);     // the newer one is not
  const auto unwitnessed = Check(2);  // of another quorum than today's
  ASSERT_OK(unwitnessed);
  EXPECT_EQ(unwitnessed->after_size, 0u);
  EXPECT_FALSE(unwitnessed->witnessed);
}

TEST_F(ReceiptTest, AWitnessedCheckpointOfAnotherLogOrSignerIsRefused) {
  AfterTwoLeaves();
  receipt_.witnessed_checkpoint = Note("birthseal.example/log/2 sm3", 2, before_);
  EXPECT_THAT(Check(1), StatusIs(absl::StatusCode::kInvalidArgument, "RECEIPT_FORM"));
  AfterTwoLeaves();
  receipt_.witnessed_checkpoint =
      absl::StrReplaceAll(receipt_.witnessed_checkpoint, {{" log ", " fog "}});
  EXPECT_THAT(Check(1), StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY"));
}

TEST_F(ReceiptTest, AWitnessedCheckpointThatIsNoPartOfTheLogIsRefused) {
  AfterTwoLeaves();
  receipt_.witnessed_checkpoint = Note(kLog, 2, Sm3Of("a fork"));
  EXPECT_THAT(Check(1), StatusIs(absl::StatusCode::kDataLoss, "PROOF_MISMATCH"));
  AfterTwoLeaves();
  receipt_.consistency.push_back(before_);
  EXPECT_THAT(Check(1), StatusIs(absl::StatusCode::kInvalidArgument, "PROOF_FORM"));
  receipt_.witnessed_checkpoint.clear();
  EXPECT_THAT(Check(1), StatusIs(absl::StatusCode::kInvalidArgument, "RECEIPT_FORM"));
}

TEST_F(ReceiptTest, LeafOfAnotherKindIsRefused) {
  Leaf leaf = *ParseLeaf(receipt_.leaf);
  leaf.kind = LeafKind::kIssued;
  receipt_.leaf = Canonical(leaf);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, "RECEIPT_LEAF_KIND"));
}

}  // namespace
}  // namespace birthseal::certs
