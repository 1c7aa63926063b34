// SPDX-License-Identifier: Apache-2.0
// Thieves of the seal key, of the log key, of both: what a file and receipts beside it can show.
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "signer/verify/note_key.h"
#include "tests/integration/operator_fixture.h"

namespace birthseal::tests {
namespace {

using certs::LeafKind;
using signer::ReceiptStrength;
using signer::Verdict;
using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

constexpr uint64_t kStatusIndex = 7;  // sealed_fixture.h puts it on the page
constexpr char kVerifier[] = "signer/verify/document_verifier";

class OperatorDocumentTest : public OperatorTest {
 protected:
  static constexpr char kSalt[] = "0123456789abcdef";

  certs::ReceiptSubject Subject() const {
    return {certs::FaceDigest(evidence_.face), evidence_.licence_id, evidence_.document_id};
  }
  // The INTENT of a face and what follows, written past the ledger.
  void AddToLog(store::Engine* engine, const std::vector<LogEntry>& more) {
    Attacker attacker(engine);
    std::vector<LogEntry> log = attacker.Log();
    log.insert(log.end(), more.begin(), more.end());
    attacker.SetLog(log);
  }
  LogEntry Intent(const certs::ReceiptSubject& subject) const {
    certs::Leaf leaf = LeafOf(LeafKind::kIntent, kStatusIndex);
    leaf.institution_code = SharedPki().institution.code;
    leaf.commitment = certs::Commit(
        kSalt, certs::IntentOpening(subject.face_digest, subject.licence_id, subject.document_id));
    return {leaf, {}};
  }
  certs::Receipt ReceiptOf(const store::Engine& engine, uint64_t index,
                           const std::string& checkpoint) const {
    const store::Registry registry(&engine, nullptr);
    const uint64_t size = certs::ParseCheckpoint(checkpoint)->head.size;
    certs::Receipt receipt;
    receipt.leaf = registry.Leaves(certs::LeafIndex(index), 1, certs::kCurrentEpoch)->at(0);
    receipt.leaf_index = index;
    receipt.salt = kSalt;
    receipt.path = *registry.InclusionPath(certs::LeafIndex(index), certs::LogSize(size),
                                           certs::kCurrentEpoch);
    receipt.checkpoint = checkpoint;
    return receipt;
  }
  // R3 of the newest leaf, which is ISSUED of `file`.
  certs::JointReceipt JointOf(const store::Engine& engine, const certs::MapLabel& label,
                              const std::string& checkpoint) const {
    const store::Registry registry(&engine, nullptr);
    const uint64_t size = certs::ParseCheckpoint(checkpoint)->head.size;
    certs::JointReceipt receipt;
    receipt.issued = {registry.Leaves(certs::LeafIndex(size - 1), 1, certs::kCurrentEpoch)->at(0),
                      size - 1, kSalt,
                      *registry.InclusionPath(certs::LeafIndex(size - 1), certs::LogSize(size),
                                              certs::kCurrentEpoch)};
    receipt.map = *store::ProveLabel(*engine.NewSnapshot(), label);
    receipt.checkpoint = checkpoint;
    return receipt;
  }
  LogEntry Issued(const std::string& file, uint64_t intent_index,
                  const certs::MapLabel& label) const {
    certs::Leaf leaf = LeafOf(LeafKind::kIssued, kStatusIndex, intent_index + 1);
    leaf.institution_code = SharedPki().institution.code;
    leaf.commitment = certs::Commit(kSalt, certs::View(certs::Sm3Of(file)));
    return {leaf, {{label, kStatusIndex}}};
  }
  absl::Time ThisSecond() const { return absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now())); }
  // Sealed with the institution's stolen seal key, R1 as the evidence says.
  std::string Seal(const certs::NoteVerifier& thief_trusts) const {
    TestSealer thief(SharedPki(), thief_trusts);
    auto plan = thief.Plan(ApprovalsOf(SharedPki(), evidence_.face), evidence_);
    EXPECT_OK(plan);
    auto sealed = thief.Seal(*std::move(plan), *thief.Open(SharedPki().seal));
    EXPECT_OK(sealed);
    return sealed->file;
  }
  signer::Report Verify(const std::string& file, const std::vector<std::string>& fetched = {}) {
    signer::VerifierTrust trust = SharedPki().Trust();
    trust.witnesses = Policy();
    return signer::DocumentVerifier(std::move(trust)).Verify(file, clock_.Now(), fetched);
  }

  signer::SealEvidence evidence_ = CompleteEvidence(SharedPki(), SyntheticFace(SharedPki()));
};

// 10
TEST_F(OperatorDocumentTest, SealAndLogKeyStolenTogether) {
  Something(&driver_);
  const certs::MapLabel label(certs::Sm3Of("a label"));
  store::MemoryEngine forked;
  CopyStore(engine_, &forked);
  Something(&driver_);
  const std::string known = ShowAll(engine_);  // the true log: as long, with another leaf

  AddToLog(&forked, {Intent(Subject())});
  const uint64_t intent = HeadOf(forked).size - 1;
  evidence_.receipt = ReceiptOf(forked, intent, NoteOf(forked));
  evidence_.signing_time = ThisSecond();
  const std::string file = Seal(SharedPki().log_verifier);
  const signer::Report offline = Verify(file);
  EXPECT_EQ(offline.verdict, Verdict::kGenuineStatusNotChecked) << Name(offline.verdict);
  EXPECT_EQ(offline.receipt, ReceiptStrength::kLogged);
  Noted({"10", "印章密钥与日志密钥同时失窃：离线出示伪造日志的 R1",
         "seal key and log key stolen: R1 of a forked log, shown offline",
         "要求 R2 或 R3 者（证明力只到 LOGGED）",
         "whoever asks for R2 or R3 (strength stays LOGGED)",
         absl::StrCat("receipt strength ", Name(offline.receipt), ", no quorum"), kVerifier,
         Outcome::kStatedLimit});

  Noted({"10b", "同上，与任一见证方的检查点对照", "the same, compared with a witness's checkpoint",
         "任何人：birthseal audit compare", "anyone: birthseal audit compare",
         ForkProof(evidence_.receipt.checkpoint, known), "clients/witness Compare"});

  AddToLog(&forked, {Issued(file, intent, label)});
  const certs::JointReceipt joint = JointOf(forked, label, NoteOf(forked));
  const signer::Report with_r3 = Verify(file, {certs::Canonical(joint)});
  EXPECT_EQ(with_r3.receipt, ReceiptStrength::kLogged);
  EXPECT_THAT(with_r3.notices, Contains(StartsWith("FETCHED_RECEIPT: CHECKPOINT_NOT_WITNESSED")));
  Noted({"10c", "同上，并伪造没有见证的 R3", "the same, with an R3 that no witness cosigned",
         "每一核验者", "every verifier", Joined(with_r3.notices), kVerifier});
  EXPECT_THAT(Show(0, forked).status(), StatusIs(absl::StatusCode::kDataLoss));
}

// 11
TEST_F(OperatorDocumentTest, SealKeyAlone) {
  const auto thief = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
  evidence_.receipt = MakeReceipt(Subject(), SharedPki().institution.code, thief);
  const auto thief_trusts =
      signer::NoteVerifierFromPem(kTestLogName, signer::devpki::PublicKeyPem(*thief));
  ASSERT_OK(thief_trusts);
  const signer::Report report = Verify(Seal(*thief_trusts));
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
  const auto& reasons = report.at(signer::Layer::kReceipt).reasons;
  Noted({"11", "只有印章密钥失窃", "seal key stolen alone", "每一核验者，离线",
         "every verifier, offline", absl::StrCat(Name(report.verdict), ": ", Joined(reasons)),
         kVerifier});
}

// 13
TEST_F(OperatorDocumentTest, ReceiptsOfAnotherCertificate) {
  const certs::MapLabel label(certs::Sm3Of("a label"));
  certs::ReceiptSubject other = Subject();
  other.licence_id += "X";
  AddToLog(&engine_, {Intent(other)});
  const uint64_t intent = HeadOf(engine_).size - 1;
  AddToLog(&engine_, {Issued("another file", intent, label)});
  const std::string checkpoint = ShowAll(engine_);
  const std::string r2 = certs::Canonical(ReceiptOf(engine_, intent, checkpoint));
  const std::string r3 = certs::Canonical(JointOf(engine_, label, checkpoint));
  const signer::Report report = Verify(SharedSealedCertificate().document.file, {r2, r3});
  EXPECT_EQ(report.receipt, ReceiptStrength::kLogged);
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
  const auto& reasons = report.at(signer::Layer::kReceipt).reasons;
  EXPECT_THAT(reasons, testing::ElementsAre("RECEIPT_OF_ANOTHER_FACE: fetched",
                                            "RECEIPT_OF_ANOTHER_FILE: fetched"));
  Noted({"13", "附上另一份证照的回执 R2、R3", "receipts R2 and R3 of another certificate attached",
         "每一核验者", "every verifier", absl::StrCat(Name(report.verdict), ": ", Joined(reasons)),
         kVerifier});
}

// The detectors do not cry wolf: with the true log and its quorum the same file is JOINT.
TEST_F(OperatorDocumentTest, AnHonestCertificateReachesJoint) {
  const certs::MapLabel label(certs::Sm3Of("a label"));
  AddToLog(&engine_, {Intent(Subject())});
  const uint64_t intent = HeadOf(engine_).size - 1;
  evidence_.receipt = ReceiptOf(engine_, intent, ShowAll(engine_));
  evidence_.signing_time = ThisSecond();
  const std::string file = Seal(SharedPki().log_verifier);
  AddToLog(&engine_, {Issued(file, intent, label)});
  const signer::Report report =
      Verify(file, {certs::Canonical(JointOf(engine_, label, ShowAll(engine_)))});
  EXPECT_THAT(report.notices, IsEmpty());
  EXPECT_EQ(report.receipt, ReceiptStrength::kJoint);
}

}  // namespace
}  // namespace birthseal::tests
