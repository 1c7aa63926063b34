// SPDX-License-Identifier: Apache-2.0
// Receipts R2 and R3 fetched beside a document, on a small log and map made here.
#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/map_proof.h"
#include "certs/proof/merkle.h"
#include "certs/proof/receipt.h"
#include "gtest/gtest.h"
#include "signer/verify/note_key.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using certs::Digest;
using certs::Leaf;
using certs::LeafKind;
using certs::NoteSignature;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using tests::FixtureNow;
using tests::kTestLogName;
using tests::SharedPki;
using tests::SharedSealedCertificate;

constexpr uint64_t kStatusIndex = 7;  // of the shared certificate

// A witness whose "signature" is a keyed hash: who checks receipts only sees the callback.
NoteSignature Cosign(const std::string& name, absl::string_view body) {
  return {name, "wwww", certs::Bytes(certs::Sm3Of(absl::StrCat(name, body)))};
}
certs::WitnessPolicy Policy(size_t quorum) {
  certs::WitnessPolicy policy;
  policy.quorum = quorum;
  for (const char* name : {"police", "health", "audit"}) {
    policy.witnesses.push_back({name, [](absl::string_view body, const NoteSignature& s) {
                                  const NoteSignature good = Cosign(s.key_name, body);
                                  return s.key_hash == good.key_hash &&
                                         s.signature == good.signature;
                                }});
  }
  return policy;
}

// The log after the shared certificate was issued in exchange for another one:
// 0 an earlier leaf, 1 INTENT (the certificate's own), 2 VOIDED of the old, 3 ISSUED.
class ReceiptsTest : public testing::Test {
 protected:
  ReceiptsTest() {
    const std::string& file = SharedSealedCertificate().document.file;
    file_ = file;
    const certs::Receipt& r1 = SharedSealedCertificate().evidence.receipt;
    const Leaf intent = *certs::ParseLeaf(r1.leaf);
    leaves_ = {"an earlier leaf", r1.leaf};
    Leaf voided;
    voided.kind = LeafKind::kVoided;
    voided.log_minute = intent.log_minute;
    voided.institution_code = intent.institution_code;
    voided.status_index = 3;
    voided.commitment = certs::Commit(kSalt, "EXCHANGED");
    Leaf issued = intent;
    issued.kind = LeafKind::kIssued;
    issued.intent_index = r1.leaf_index + 1;
    issued.commitment = certs::Commit(kSalt, certs::View(certs::Sm3Of(file)));
    voided_ = voided;
    issued_ = issued;
  }

  Digest Hash(size_t i) const { return certs::LeafHash(leaves_[i]); }
  std::string Note(const std::vector<std::string>& cosigners) const {
    certs::TreeHead head;
    head.origin = certs::OriginOf(kTestLogName, certs::LogEpoch(epoch_));
    head.size = leaves_.size();
    std::vector<Digest> hashes;
    for (size_t i = 0; i < leaves_.size(); ++i) hashes.push_back(Hash(i));
    head.root = certs::RootOf(hashes);
    head.map_root = map_root_;
    head.time = FixtureNow();
    const std::string body = certs::CheckpointBody(head);
    std::vector<NoteSignature> signatures = {
        {kTestLogName, NoteKeyHash(kTestLogName, SharedPki().log_key->PublicSpki()),
         SignWith(SharedPki().log_key, body)}};
    for (const std::string& name : cosigners) signatures.push_back(Cosign(name, body));
    return certs::FormatCheckpoint(body, signatures);
  }

  // R3 as the service makes it; `edit` before the checkpoint is signed.
  certs::JointReceipt Joint(const std::function<void(certs::JointReceipt*)>& edit = {}) {
    leaves_.resize(2);
    leaves_.push_back(certs::Canonical(voided_));
    leaves_.push_back(certs::Canonical(issued_));
    certs::JointReceipt receipt;
    receipt.map.label = certs::MapLabel(certs::Sm3Of("a label"));
    receipt.map.terminal = certs::MapTerminal::kPresent;
    receipt.map.value = live_;
    map_root_ = certs::MapLeafHash(receipt.map.label, live_);
    const Digest left = certs::NodeHash(Hash(0), Hash(1));
    receipt.issued = {leaves_[3], 3, kSalt, {Hash(2), left}};
    receipt.voided = certs::ProvenLeaf{leaves_[2], 2, kSalt, {Hash(3), left}};
    receipt.void_reason = "EXCHANGED";
    if (edit) edit(&receipt);
    receipt.checkpoint = Note(cosigners_);
    return receipt;
  }
  certs::Receipt Witnessed() {
    leaves_.resize(2);
    certs::Receipt receipt = SharedSealedCertificate().evidence.receipt;
    receipt.checkpoint = Note(cosigners_);
    return receipt;
  }

  Report Verify(const std::string& fetched, size_t quorum = 2) const {
    VerifierTrust trust = SharedPki().Trust();
    trust.witnesses = Policy(quorum);
    return DocumentVerifier(std::move(trust)).Verify(file_, FixtureNow(), {fetched});
  }
  // The document itself is not at fault.
  static void ExpectNotice(const Report& report, const std::string& code) {
    EXPECT_EQ(report.verdict, Verdict::kGenuineStatusNotChecked) << Name(report.verdict);
    EXPECT_EQ(report.receipt, ReceiptStrength::kLogged);
    EXPECT_THAT(report.notices, Contains(StartsWith(absl::StrCat("FETCHED_RECEIPT: ", code))));
  }

  // The receipt is about something else: whoever shows it beside this file is not believed.
  static void ExpectRefused(const Report& report, const std::string& code) {
    EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
    EXPECT_EQ(report.receipt, ReceiptStrength::kLogged);
    EXPECT_EQ(report.at(Layer::kReceipt).result, LayerResult::kFailed);
    EXPECT_THAT(report.at(Layer::kReceipt).reasons, Contains(absl::StrCat(code, ": fetched")));
  }

  static constexpr char kSalt[] = "fedcba9876543210";
  std::string file_;
  std::vector<std::string> leaves_;
  Leaf voided_, issued_;
  uint64_t live_ = kStatusIndex, epoch_ = 1;
  Digest map_root_{};
  std::vector<std::string> cosigners_ = {"police", "audit"};
};

TEST_F(ReceiptsTest, AJointReceiptRaisesTheStrengthToJoint) {
  const Report report = Verify(certs::Canonical(Joint()));
  EXPECT_THAT(report.notices, IsEmpty());
  EXPECT_EQ(report.receipt, ReceiptStrength::kJoint);
  EXPECT_EQ(report.log_size, 4u);
  EXPECT_EQ(report.verdict, Verdict::kGenuineStatusNotChecked);
}

TEST_F(ReceiptsTest, AWitnessedReceiptRaisesTheStrengthToWitnessed) {
  const Report report = Verify(certs::Canonical(Witnessed()));
  EXPECT_THAT(report.notices, IsEmpty());
  EXPECT_EQ(report.receipt, ReceiptStrength::kWitnessed);
}

TEST_F(ReceiptsTest, WithoutItsQuorumNothingIsWitnessed) {
  cosigners_ = {"police", "police"};
  ExpectNotice(Verify(certs::Canonical(Joint())), "CHECKPOINT_NOT_WITNESSED");
  ExpectNotice(Verify(certs::Canonical(Witnessed())), "CHECKPOINT_NOT_WITNESSED");
  cosigners_ = {"police", "audit"};
  ExpectNotice(Verify(certs::Canonical(Joint()), 0), "CHECKPOINT_NOT_WITNESSED");
}

TEST_F(ReceiptsTest, AReceiptOfAnotherFileIntentOrInstitutionEndsTheGenuineVerdict) {
  const Leaf good = issued_;
  issued_.commitment = certs::Commit(kSalt, certs::View(certs::Sm3Of("another file")));
  ExpectRefused(Verify(certs::Canonical(Joint())), "RECEIPT_OF_ANOTHER_FILE");
  // Whose receipt it is does not depend on who vouches for it.
  ExpectRefused(Verify(certs::Canonical(Joint()), 0), "RECEIPT_OF_ANOTHER_FILE");
  issued_ = good;
  issued_.intent_index = 1;
  ExpectRefused(Verify(certs::Canonical(Joint())), "RECEIPT_OF_ANOTHER_INTENT");
  issued_ = good;
  issued_.status_index = 8;
  ExpectRefused(Verify(certs::Canonical(Joint())), "RECEIPT_OF_ANOTHER_INTENT");
  issued_ = good;
  issued_.kind = LeafKind::kClaimAdded;
  ExpectNotice(Verify(certs::Canonical(Joint())), "RECEIPT_LEAF_KIND");
}

TEST_F(ReceiptsTest, AWitnessedReceiptOfAnotherFaceEndsTheGenuineVerdict) {
  certs::Receipt receipt = Witnessed();
  receipt.salt = "0000000000000000";  // opens to nothing of this document
  ExpectRefused(Verify(certs::Canonical(receipt)), "RECEIPT_OF_ANOTHER_FACE");
}

TEST_F(ReceiptsTest, OneReceiptOfAnotherFileIsNotOutweighedByAGoodOne) {
  const std::string good = certs::Canonical(Joint());
  const Leaf leaf = issued_;
  issued_.commitment = certs::Commit(kSalt, certs::View(certs::Sm3Of("another file")));
  const std::string other = certs::Canonical(Joint());
  issued_ = leaf;
  Joint();
  VerifierTrust trust = SharedPki().Trust();
  trust.witnesses = Policy(2);
  const DocumentVerifier verifier(std::move(trust));
  for (const auto& both : {std::vector<std::string>{good, other}, {other, good}}) {
    const Report report = verifier.Verify(file_, FixtureNow(), both);
    EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
    EXPECT_EQ(report.receipt, ReceiptStrength::kJoint);
  }
}

TEST_F(ReceiptsTest, TheMapMustGiveTheLabelToThisCertificate) {
  live_ = 8;
  ExpectNotice(Verify(certs::Canonical(Joint())), "RECEIPT_MAP");
  live_ = 0;
  ExpectNotice(Verify(certs::Canonical(Joint())), "RECEIPT_MAP");
  live_ = kStatusIndex;
  const auto swapped = [](certs::JointReceipt* r) {
    r->map.label = certs::MapLabel(certs::Sm3Of("made up"));
  };
  ExpectNotice(Verify(certs::Canonical(Joint(swapped))), "MAP_PROOF_MISMATCH");
}

TEST_F(ReceiptsTest, ThePredecessorStandsRightBeforeItsSuccessor) {
  voided_.status_index = kStatusIndex;
  ExpectNotice(Verify(certs::Canonical(Joint())), "RECEIPT_PREDECESSOR");
  voided_.status_index = 3;
  const auto other_reason = [](certs::JointReceipt* r) { r->void_reason = "REPLACED"; };
  ExpectRefused(Verify(certs::Canonical(Joint(other_reason))), "RECEIPT_OF_ANOTHER_FILE");
  const auto none = [](certs::JointReceipt* r) {
    r->voided.reset();
    r->void_reason.clear();
  };
  EXPECT_EQ(Verify(certs::Canonical(Joint(none))).receipt, ReceiptStrength::kJoint);
}

TEST_F(ReceiptsTest, AReceiptOfAnotherEpochIsNotThisDocuments) {
  epoch_ = 2;
  ExpectRefused(Verify(certs::Canonical(Joint())), "RECEIPT_OF_ANOTHER_INTENT");
  ExpectRefused(Verify(certs::Canonical(Witnessed())), "RECEIPT_OTHER_PLACE");
}

TEST_F(ReceiptsTest, EveryFlippedBitIsRefused) {
  const std::string joint = certs::Canonical(Joint()), witnessed = certs::Canonical(Witnessed());
  Joint();
  VerifierTrust trust = SharedPki().Trust();
  trust.witnesses = Policy(2);
  const DocumentVerifier verifier(std::move(trust));
  for (const std::string& good : {joint, witnessed}) {
    // Each byte, one of its bits: the document is verified anew each time.
    for (size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      const Report report = verifier.Verify(file_, FixtureNow(), {bad});
      // A cosigner's name or signature spoilt leaves the quorum unmet; nothing else may pass.
      EXPECT_EQ(report.receipt, ReceiptStrength::kLogged) << "byte " << at;
    }
  }
}

TEST_F(ReceiptsTest, CanonicalBytesReadBackTheSame) {
  const std::string bytes = certs::Canonical(Joint());
  const auto read = certs::ParseJointReceipt(bytes);
  ASSERT_OK(read);
  EXPECT_EQ(certs::Canonical(*read), bytes);
}

}  // namespace
}  // namespace birthseal::signer
