// SPDX-License-Identifier: Apache-2.0
// A store with one issued certificate, its witnessed checkpoint and its receipt, all by real keys.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/ofd/package.h"
#include "server/at_rest/fsck_signatures.h"
#include "signer/sealing/note_signer.h"
#include "signer/verify/note_key.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {

inline constexpr char kWitness[] = "police.example";

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
    head.origin = certs::OriginOf(kTestLogName, certs::LogEpoch(1));
    head.size = meta.log_size();
    head.root = store::LogRootOf(meta).value();
    head.map_root = store::MapRootOf(meta);
    head.time = clock_.Now();
    const std::string body = certs::CheckpointBody(head);
    const auto log_key = *signer::NewSm2NoteSigner(kTestLogName, pki_.log_key);
    const std::string cosignature = signer::CosignatureBlob(
        clock_.Now(),
        signer::SignWith(witness_key_, certs::CosignatureMessage(clock_.Now(), body)));
    checkpoint_key_ =
        store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(head.size)));
    Put(store::Family::kCheckpoints, checkpoint_key_,
        certs::FormatCheckpoint(
            body, {*log_key->Sign(body), {kWitness, trust_.witnesses[0].key_hash, cosignature}}));
    const auto newborn =
        Stored<storage::v1::Newborn>(store::Family::kNewborns, Head().reservation().newborn_id());
    const certs::MapLabel label = certs::MapLabelFrom(newborn.map_labels(0)).value();
    storage::v1::StoredReceipt receipt;
    receipt.set_epoch(1);
    receipt.set_size(head.size);
    receipt.set_map_proof(certs::Canonical(*store::ProveLabel(*snapshot, label)));
    Put(store::Family::kReceipts, store::IndexKey(1), receipt.SerializeAsString());
  }

  void Put(store::Family family, const std::string& key, const std::string& value) {
    store::WriteBatch batch;
    batch.Put(family, key, value);
    const auto fence = engine_->AcquireFence();
    ASSERT_OK(fence);
    ASSERT_OK(engine_->Commit(batch, *fence));
  }
  std::string Bytes(store::Family family, const std::string& key) const {
    const auto bytes = engine_->NewSnapshot()->Get(family, key);
    EXPECT_OK(bytes);
    return bytes.value_or("");
  }
  template <typename Record>
  Record Stored(store::Family family, const std::string& key) const {
    Record record;
    EXPECT_TRUE(record.ParseFromString(Bytes(family, key)));
    return record;
  }
  storage::v1::CertificateHead Head() const {
    return Stored<storage::v1::CertificateHead>(store::Family::kCertificates, store::IndexKey(1));
  }
  // The case of certificate 1, with another approval.
  void ChangeCase(const std::function<void(storage::v1::CaseHead*)>& change) {
    const std::string key = Head().reservation().case_id();
    auto head = Stored<storage::v1::CaseHead>(store::Family::kCases, key);
    change(&head);
    Put(store::Family::kCases, key, head.SerializeAsString());
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
    certs::Checkpoint note =
        *certs::ParseCheckpoint(Bytes(store::Family::kCheckpoints, checkpoint_key_));
    for (certs::NoteSignature& signature : note.signatures) {
      if (signature.key_name == key_name) {
        Flip(&signature.signature, signature.signature.size() - 1);
      }
    }
    Put(store::Family::kCheckpoints, checkpoint_key_,
        certs::FormatCheckpoint(note.body, note.signatures));
  }
  storage::v1::DocumentRecipe Recipe(uint64_t index) const {
    const std::string key = store::IndexKey(index);
    storage::v1::DocumentRecipe recipe;
    EXPECT_TRUE(recipe.ParseFromString(*value_sealer_.Open(store::Family::kDocuments, key,
                                                           Bytes(store::Family::kDocuments, key))));
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
      part->data = stored.constant_sm3().empty()
                       ? stored.data()
                       : Bytes(store::Family::kConstants, stored.constant_sm3());
      parts.push_back(part);
    }
    return certs::Sm3Of(certs::ofd::WritePackage(parts));
  }
  // Document 1 becomes this one, with all hashes made to fit.
  void SetDocument(const storage::v1::DocumentRecipe& recipe) {
    const std::string key = store::IndexKey(1);
    Put(store::Family::kDocuments, key,
        value_sealer_.Seal(store::Family::kDocuments, key, recipe.SerializeAsString()));
    storage::v1::CertificateHead head = Head();
    head.set_file_sm3(certs::Bytes(FileSm3(recipe)));
    Put(store::Family::kCertificates, key, head.SerializeAsString());
  }

  std::shared_ptr<const signer::PrivateKey> witness_key_;
  server::SignatureTrust trust_;
  std::string checkpoint_key_;
};

}  // namespace birthseal::tests
