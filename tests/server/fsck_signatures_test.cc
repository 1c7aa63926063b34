// Signatures from stored bytes: all hold in a clean store; one altered byte in each kind is named,
// also when whoever altered it made the hashes fit.
#include "server/fsck_signatures.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/ofd/package.h"
#include "gmock/gmock.h"
#include "signer/note_key.h"
#include "signer/note_signer.h"
#include "store/keys.h"
#include "store/meta.h"
#include "store/uniqueness_map.h"
#include "tests/server/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using store::Family;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kWitness[] = "police.example";

class FsckSignaturesTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    IssueBirth(1);
    witness_key_ = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
    const std::string pem = signer::devpki::PublicKeyPem(*witness_key_);
    trust_.verifier = verifier_.get();
    trust_.log_name = kTestLogName;
    trust_.log_keys = {pki_.log_verifier};
    trust_.witnesses = {
        {kWitness, signer::NoteKeyIdFromPem(kWitness, pem, signer::NoteKeyUse::kCosigner)->hash,
         *signer::CosignerFromPem(kWitness, pem)}};
    trust_.quorum = 1;
    trust_.now = clock_.Now();
    StoreReceipt();
  }

  // The checkpoint and the receipt of certificate 1, as they are kept once a quorum is there.
  void StoreReceipt() {
    const auto snapshot = engine_->NewSnapshot();
    const storage::v1::Meta meta = *store::MetaOf(*snapshot);
    certs::TreeHead head;
    head.origin = certs::OriginOf(kTestLogName, 1);
    head.size = meta.log_size();
    ASSERT_TRUE(certs::DigestFrom(meta.log_root(), &head.root));
    head.map_root = store::MapRootOf(meta);
    head.time = clock_.Now();
    const std::string body = certs::CheckpointBody(head);
    const auto log_key = *signer::NewSm2NoteSigner(kTestLogName, pki_.log_key);
    const std::string cosignature = signer::CosignatureBlob(
        clock_.Now(),
        signer::SignWith(witness_key_, certs::CosignatureMessage(clock_.Now(), body)));
    checkpoint_key_ = store::IndexKey(store::LogPosition(1, head.size));
    Put(Family::kCheckpoints, checkpoint_key_,
        certs::FormatCheckpoint(
            body, {*log_key->Sign(body), {kWitness, trust_.witnesses[0].key_hash, cosignature}}));
    const auto newborn =
        Stored<storage::v1::Newborn>(Family::kNewborns, Head().reservation().newborn_id());
    certs::MapLabel label;
    ASSERT_TRUE(certs::DigestFrom(newborn.map_labels(0), &label));
    storage::v1::StoredReceipt receipt;
    receipt.set_epoch(1);
    receipt.set_size(head.size);
    receipt.set_map_proof(certs::Canonical(*store::ProveLabel(*snapshot, label)));
    Put(Family::kReceipts, store::IndexKey(1), receipt.SerializeAsString());
  }

  void Put(Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    const auto fence = engine_->AcquireFence();
    ASSERT_OK(fence);
    ASSERT_OK(engine_->Commit(batch, *fence));
  }
  std::string Bytes(Family family, const std::string& key) const {
    const auto bytes = engine_->NewSnapshot()->Get(family, key);
    EXPECT_OK(bytes);
    return bytes.value_or("");
  }
  template <typename Record>
  Record Stored(Family family, const std::string& key) const {
    Record record;
    EXPECT_TRUE(record.ParseFromString(Bytes(family, key)));
    return record;
  }
  storage::v1::CertificateHead Head() const {
    return Stored<storage::v1::CertificateHead>(Family::kCertificates, store::IndexKey(1));
  }
  // The case of certificate 1, with another approval.
  void ChangeCase(const std::function<void(storage::v1::ApplicationHead*)>& change) {
    const std::string key = Head().reservation().application_id();
    auto head = Stored<storage::v1::ApplicationHead>(Family::kApplications, key);
    change(&head);
    Put(Family::kApplications, key, head.SerializeAsString());
  }
  static void Flip(std::string* bytes, size_t at) {
    ASSERT_LT(at, bytes->size());
    (*bytes)[at] = static_cast<char>((*bytes)[at] ^ 1);
  }

  server::SignatureReport Check() const {
    store::FsckOptions options;
    options.sealer = &value_sealer_;
    return server::CheckSignatures(*engine_->NewSnapshot(), trust_, options);
  }
  // Family and code, without keys.
  static std::vector<std::string> Names(const std::vector<store::FsckFinding>& findings) {
    std::vector<std::string> names;
    for (const store::FsckFinding& finding : findings) {
      names.push_back(absl::StrCat(store::Name(finding.family), " ", finding.code));
    }
    return names;
  }
  // A signature of the checkpoint with one byte altered.
  void FlipInCheckpoint(const std::string& key_name) {
    certs::Checkpoint note = *certs::ParseCheckpoint(Bytes(Family::kCheckpoints, checkpoint_key_));
    for (certs::NoteSignature& signature : note.signatures) {
      if (signature.key_name == key_name) {
        Flip(&signature.signature, signature.signature.size() - 1);
      }
    }
    Put(Family::kCheckpoints, checkpoint_key_, certs::FormatCheckpoint(note.body, note.signatures));
  }
  storage::v1::DocumentRecipe Recipe(uint64_t index) const {
    const std::string key = store::IndexKey(index);
    storage::v1::DocumentRecipe recipe;
    EXPECT_TRUE(recipe.ParseFromString(
        *value_sealer_.Open(Family::kDocuments, key, Bytes(Family::kDocuments, key))));
    return recipe;
  }
  certs::Digest FileSm3(const storage::v1::DocumentRecipe& recipe) const {
    std::vector<certs::ofd::PartPtr> parts;
    for (const auto& stored : recipe.parts()) {
      auto part = std::make_shared<certs::ofd::Part>();
      part->path = stored.path();
      part->method = static_cast<certs::ofd::Method>(stored.method());
      part->crc32 = stored.crc32();
      part->size = stored.size();
      part->data = stored.constant_sm3().empty() ? stored.data()
                                                 : Bytes(Family::kConstants, stored.constant_sm3());
      parts.push_back(part);
    }
    return certs::Sm3Of(certs::ofd::WritePackage(parts));
  }
  // Document 1 becomes this one, with all hashes made to fit.
  void SetDocument(const storage::v1::DocumentRecipe& recipe) {
    const std::string key = store::IndexKey(1);
    Put(Family::kDocuments, key,
        value_sealer_.Seal(Family::kDocuments, key, recipe.SerializeAsString()));
    storage::v1::CertificateHead head = Head();
    head.set_file_sm3(certs::Bytes(FileSm3(recipe)));
    Put(Family::kCertificates, key, head.SerializeAsString());
  }

  std::shared_ptr<const signer::PrivateKey> witness_key_;
  server::SignatureTrust trust_;
  std::string checkpoint_key_;
};

TEST_F(FsckSignaturesTest, InACleanStoreAllHold) {
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), IsEmpty());
  EXPECT_THAT(Names(report.not_checkable), IsEmpty());
  EXPECT_EQ(report.documents, 1u);
  EXPECT_EQ(report.approvals, 2u);
  EXPECT_EQ(report.checkpoints, 1u);
  EXPECT_EQ(report.map_proofs, 1u);
}

TEST_F(FsckSignaturesTest, ASealThatIsOfAnotherDocumentIsNamed) {
  Restart();
  IssueBirth(2);
  storage::v1::DocumentRecipe recipe = Recipe(1);
  const storage::v1::DocumentRecipe other = Recipe(2);
  bool replaced = false;
  for (int i = 0; i < recipe.parts_size(); ++i) {
    if (!absl::EndsWith(recipe.parts(i).path(), "SignedValue.dat")) continue;
    *recipe.mutable_parts(i) = other.parts(i);
    replaced = true;
  }
  ASSERT_TRUE(replaced);
  SetDocument(recipe);
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), Contains("documents DOCUMENT_SIGNATURE"));
  EXPECT_EQ(report.findings[0].key, store::IndexKey(1));
  EXPECT_EQ(report.documents, 1u);  // the other one
}

TEST_F(FsckSignaturesTest, AGenuineDocumentInTheWrongPlaceIsNamed) {
  Restart();
  IssueBirth(2);
  SetDocument(Recipe(2));
  EXPECT_THAT(Names(Check().findings), ElementsAre("documents DOCUMENT_OF_ANOTHER_CERTIFICATE"));
}

TEST_F(FsckSignaturesTest, ADamagedDocumentIsNamed) {
  std::string sealed = Bytes(Family::kDocuments, store::IndexKey(1));
  Flip(&sealed, sealed.size() - 1);
  Put(Family::kDocuments, store::IndexKey(1), sealed);
  EXPECT_THAT(Names(Check().findings), ElementsAre("documents DOCUMENT_DAMAGED"));
}

TEST_F(FsckSignaturesTest, AnApprovalThatIsNotTheOperatorsIsNamed) {
  ChangeCase([](storage::v1::ApplicationHead* head) {
    Flip(head->mutable_issuer()->mutable_signature(), 20);
  });
  EXPECT_THAT(Names(Check().findings), ElementsAre("applications ISSUER_SIGNATURE"));
  EXPECT_EQ(Check().findings[0].key, Head().reservation().application_id());
  ChangeCase([](storage::v1::ApplicationHead* head) {
    Flip(head->mutable_issuer()->mutable_signature(), 20);
    Flip(head->mutable_sealer()->mutable_signature(), 20);
  });
  EXPECT_THAT(Names(Check().findings), ElementsAre("applications SEALER_SIGNATURE"));
}

TEST_F(FsckSignaturesTest, AnApprovalOfNobodyAndOfOnePersonIsNamed) {
  ChangeCase([](storage::v1::ApplicationHead* head) {
    head->mutable_issuer()->set_operator_id("nobody");
  });
  EXPECT_THAT(Names(Check().findings), ElementsAre("applications ISSUER_UNKNOWN"));
  ChangeCase([](storage::v1::ApplicationHead* head) { *head->mutable_issuer() = head->sealer(); });
  EXPECT_THAT(Names(Check().findings), ElementsAre("applications ISSUER_SIGNATURE",
                                                   "applications SAME_PERSON_APPROVED_AND_SEALED"));
}

TEST_F(FsckSignaturesTest, AKeyThatWasReplacedSinceIsSaidToBe) {
  clock_.Advance(absl::Hours(1));
  Restart();
  const std::string id = "issuer-" + hospital();
  auto who = Stored<storage::v1::Operator>(Family::kRegistry,
                                           store::RegistryKey(store::RegistryKind::kOperator, id));
  who.set_public_key(signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2)->PublicSpki());
  ASSERT_OK(server::PutOperator(*services_, As(kManaging, server::Role::kAdministrator), who));
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), IsEmpty());
  EXPECT_THAT(Names(report.not_checkable), ElementsAre("applications ISSUER_KEY_CHANGED_SINCE"));
  EXPECT_EQ(report.approvals, 1u);
}

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
  Put(Family::kCheckpoints, store::IndexKey(store::LogPosition(1, 1)),
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

}  // namespace
}  // namespace birthseal::tests
