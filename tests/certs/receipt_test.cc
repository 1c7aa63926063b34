#include "certs/proof/receipt.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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
    receipt_.path = {NodeHash(leaves[0], leaves[1])};
    receipt_.checkpoint = Note(RootOf(leaves));
  }

  static std::string Note(const Digest& root) {
    TreeHead head{"birthseal.example/log/1 sm3", 3, root, {}, absl::FromUnixSeconds(1'780'000'000)};
    std::string body = CheckpointBody(head);
    return FormatCheckpoint(body, {{"log", "keyh", TestSign(body)}});
  }

  absl::StatusOr<ReceiptFacts> Check() { return CheckReceipt(receipt_, subject_, TestVerify); }

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
  receipt_.checkpoint = Note(Sm3Of("another root"));
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss, "PROOF_MISMATCH"));
}

TEST_F(ReceiptTest, LeafOfAnotherKindIsRefused) {
  Leaf leaf = *ParseLeaf(receipt_.leaf);
  leaf.kind = LeafKind::kIssued;
  receipt_.leaf = Canonical(leaf);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInvalidArgument, "RECEIPT_LEAF_KIND"));
}

TEST(CheckpointTest, RefusesEveryLineThatIsNotCanonical) {
  TreeHead head{"o", 3, Sm3Of("r"), {}, absl::FromUnixSeconds(1'780'000'000)};
  const std::string note = FormatCheckpoint(CheckpointBody(head), {{"k", "hash", "sig"}});
  EXPECT_OK(ParseCheckpoint(note));
  for (auto [from, to] : {std::pair<const char*, const char*>{"\n3\n", "\n03\n"},
                          {"\n3\n", "\n-3\n"},
                          {"o\n", "\n"},
                          {"time ", "tyme "},
                          {"Z\n", "Z \n"},
                          {"=\n", "\n"},
                          {"\n\n", "\n"},
                          {"k ", "k  "}}) {
    std::string changed = absl::StrReplaceAll(note, {{from, to}});
    ASSERT_NE(changed, note) << from;
    EXPECT_THAT(ParseCheckpoint(changed), StatusIs(absl::StatusCode::kInvalidArgument)) << to;
  }
}

}  // namespace
}  // namespace birthseal::certs
