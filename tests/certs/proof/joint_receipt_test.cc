// SPDX-License-Identifier: Apache-2.0
// R3, the joint receipt, by itself: each thing that it must prove, and the reason when it does not.
#include <functional>

#include "certs/canonical.h"
#include "certs/proof/merkle.h"
#include "certs/proof/receipt.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr char kType[] = "birthseal/receipt-joint/v1", kProven[] = "birthseal/proven-leaf/v1";
constexpr char kLog[] = "birthseal.example/log/1 sm3", kInstitution[] = "91350100M000100Y43";
constexpr char kSalt[] = "fedcba9876543210";

// A log of four leaves: 0 another, 1 the INTENT, 2 the VOIDED of the predecessor, 3 the ISSUED.
struct World {
  World() {
    intent.leaf_index = 1;
    intent.leaf.status_index = 7;
    intent.leaf.institution_code = kInstitution;
    intent.head.origin = kLog;
    issued.kind = LeafKind::kIssued;
    issued.intent_index = 2;
    issued.status_index = 7;
    issued.institution_code = kInstitution;
    issued.commitment = Commit(kSalt, View(file));
    voided.kind = LeafKind::kVoided;
    voided.status_index = 3;
    voided.commitment = Commit(kSalt, "EXCHANGED");
    receipt.void_reason = "EXCHANGED";
    receipt.map.label = MapLabel(Sm3Of("label"));
    receipt.map.terminal = MapTerminal::kPresent;
    receipt.map.value = 7;
  }
  // Puts the leaves in their places and signs.
  JointReceipt& Receipt() {
    const Digest left = NodeHash(LeafHash("0"), LeafHash("1"));
    receipt.issued = {Canonical(issued), 3, kSalt, {LeafHash(Canonical(voided)), left}};
    receipt.voided = ProvenLeaf{Canonical(voided), 2, kSalt, {LeafHash(Canonical(issued)), left}};
    const Digest root = RootOf(
        {LeafHash("0"), LeafHash("1"), LeafHash(Canonical(voided)), LeafHash(Canonical(issued))});
    const TreeHead head{origin, 4, root, RootOf(receipt.map), absl::FromUnixSeconds(1'780'000'000)};
    receipt.checkpoint = FormatCheckpoint(
        CheckpointBody(head), {{signer, "keyh", "signature"}, {witness, "keyh", "signature"}});
    return receipt;
  }
  absl::StatusOr<JointFacts> Check() const {
    const NoteVerifier log = [](absl::string_view, const NoteSignature& s) {
      return s.key_name == "log";
    };
    const NoteVerifier any = [](absl::string_view, const NoteSignature&) { return true; };
    return CheckJointReceipt(receipt, file, intent, log, {{{"witness", any}}, 1});
  }

  Digest file = Sm3Of("file");
  const char *origin = kLog, *signer = "log", *witness = "witness";
  ReceiptFacts intent;
  Leaf issued, voided;
  JointReceipt receipt;
};

TEST(JointReceiptTest, ProvesTheIssueTheVoidingAndTheMap) {
  World world;
  world.Receipt();
  const auto facts = world.Check();
  ASSERT_OK(facts);
  EXPECT_EQ(facts->issued.status_index, 7u);
  EXPECT_EQ(facts->voided->status_index, 3u);
  EXPECT_EQ(facts->head.size, 4u);
  world.receipt.voided.reset();
  world.receipt.void_reason.clear();
  const auto first = world.Check();
  ASSERT_OK(first);
  EXPECT_FALSE(first->voided.has_value());
}

// Changed before the leaves are put in their places, and after: as who signs the log could, and as
// who hands on the receipt could.
struct Row {
  const char* what;
  absl::StatusCode code;
  const char* reason;
  std::function<void(World&)> before, after;
};

TEST(JointReceiptTest, OneThingWrongIsRefusedForItsReason) {
  const std::function<void(World&)> none = [](World&) {};
  const Row rows[] = {
      {"ISSUED of another kind", kInvalid, "RECEIPT_LEAF_KIND",
       [](World& w) { w.issued.kind = LeafKind::kClaimAdded; }, none},
      {"another file", kDataLoss, "RECEIPT_OF_ANOTHER_FILE", none,
       [](World& w) { w.file = Sm3Of("another"); }},
      {"not by the log key", absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY",
       [](World& w) { w.signer = "fog"; }, none},
      {"without quorum", absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED",
       [](World& w) { w.witness = "stranger"; }, none},
      {"ISSUED not in the tree", kDataLoss, "PROOF_MISMATCH", none,
       [](World& w) { w.receipt.issued.path[1] = Sm3Of("x"); }},
      {"ISSUED with a short path", kInvalid, "PROOF_FORM", none,
       [](World& w) { w.receipt.issued.path.pop_back(); }},
      {"another intent", kDataLoss, "RECEIPT_OF_ANOTHER_INTENT",
       [](World& w) { w.issued.intent_index = 1; }, none},
      {"another status index", kDataLoss, "RECEIPT_OF_ANOTHER_INTENT",
       [](World& w) { w.issued.status_index = 8; }, none},
      {"another institution", kDataLoss, "RECEIPT_OF_ANOTHER_INTENT",
       [](World& w) { w.issued.institution_code.clear(); }, none},
      {"another log", kDataLoss, "RECEIPT_OF_ANOTHER_INTENT",
       [](World& w) { w.origin = "birthseal.example/log/2 sm3"; }, none},
      {"a reason without VOIDED", kInvalid, "RECEIPT_FORM", none,
       [](World& w) { w.receipt.voided.reset(); }},
      {"VOIDED of another kind", kInvalid, "RECEIPT_LEAF_KIND",
       [](World& w) { w.voided.kind = LeafKind::kIssued; }, none},
      {"VOIDED for another reason", kDataLoss, "RECEIPT_OF_ANOTHER_FILE",
       [](World& w) { w.receipt.void_reason = "REPLACED"; }, none},
      {"VOIDED not in the tree", kDataLoss, "PROOF_MISMATCH", none,
       [](World& w) { w.receipt.voided->path[0] = Sm3Of("x"); }},
      {"VOIDED of this certificate", kDataLoss, "RECEIPT_PREDECESSOR",
       [](World& w) { w.voided.status_index = 7; }, none},
      {"a label of another certificate", kDataLoss, "RECEIPT_MAP",
       [](World& w) { w.receipt.map.value = 8; }, none},
      {"a label that is void", kDataLoss, "RECEIPT_MAP", [](World& w) { w.receipt.map.value = 0; },
       none},
      {"a label that is absent", kDataLoss, "RECEIPT_MAP",
       [](World& w) { w.receipt.map = MapProof(); }, none},
      {"a map that is not the checkpoint's", kDataLoss, "MAP_PROOF_MISMATCH", none,
       [](World& w) { w.receipt.map.label = MapLabel(Sm3Of("x")); }},
  };
  for (const Row& row : rows) {
    World world;
    row.before(world);
    world.Receipt();
    row.after(world);
    EXPECT_THAT(world.Check(), StatusIs(row.code, row.reason)) << row.what;
  }
}

// Both in the tree and in their own right, but somebody else's stands between them.
TEST(JointReceiptTest, AVoidingElsewhereIsOfAnotherCertificate) {
  World world;
  world.Receipt();
  const std::string voided = Canonical(world.voided), issued = Canonical(world.issued);
  const TreeHead head{kLog, 4,
                      RootOf({LeafHash("0"), LeafHash(voided), LeafHash("2"), LeafHash(issued)}),
                      RootOf(world.receipt.map), absl::FromUnixSeconds(1'780'000'000)};
  const Digest left = NodeHash(LeafHash("0"), LeafHash(voided));
  const Digest right = NodeHash(LeafHash("2"), LeafHash(issued));
  world.receipt.issued.path = {LeafHash("2"), left};
  world.receipt.voided = ProvenLeaf{voided, 1, kSalt, {LeafHash("0"), right}};
  world.receipt.checkpoint = FormatCheckpoint(
      CheckpointBody(head), {{"log", "keyh", "signature"}, {"witness", "keyh", "signature"}});
  EXPECT_THAT(world.Check(), StatusIs(kDataLoss, "RECEIPT_PREDECESSOR"));
}

TEST(JointReceiptTest, BytesThatTheWriterCannotMakeAreRefused) {
  World world;
  const std::string good = Canonical(world.Receipt());
  const auto read = ParseJointReceipt(good);
  ASSERT_OK(read);
  EXPECT_EQ(Canonical(*read), good);
  EXPECT_THAT(ParseJointReceipt(good + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
  const std::string leaf = CanonicalWriter(kProven).Text(1, "leaf").Finish();
  const std::string map = Canonical(world.receipt.map);
  const auto parse = [](CanonicalWriter& w) { return ParseJointReceipt(w.Finish()); };
  EXPECT_OK(parse(CanonicalWriter(kType).Nested(1, leaf).Nested(4, map)));
  EXPECT_THAT(parse(CanonicalWriter(kType).Nested(4, map)), StatusIs(kInvalid, "RECEIPT_FORM"));
  EXPECT_THAT(parse(CanonicalWriter(kType).Nested(1, leaf)), StatusIs(kInvalid, "RECEIPT_FORM"));
  for (const uint16_t tag : {1, 2}) {
    const auto with = [&](const std::string& proven) {
      CanonicalWriter writer(kType);
      writer.Nested(1, tag == 1 ? proven : leaf);
      if (tag == 2) writer.Nested(2, proven);
      return parse(writer.Nested(4, map));
    };
    EXPECT_OK(with(CanonicalWriter(kProven).Nested(4, std::string(32, 'n')).Finish()));
    EXPECT_THAT(with(CanonicalWriter(kProven).Nested(4, std::string(31, 'n')).Finish()),
                StatusIs(kInvalid, "RECEIPT_FORM"));
    EXPECT_THAT(with(leaf + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
  }
}

}  // namespace
}  // namespace birthseal::certs
