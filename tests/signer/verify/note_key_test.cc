// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/note_key.h"

#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "signer/devpki/dev_pki.h"
#include "signer/verify/ed25519_verify.h"
#include "tests/signer/verify/openssl_oracle.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::StatusIs;

constexpr char kName[] = "witness.police.example";
const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

// A key pair by OpenSSL alone, and what it signs.
struct TestKey {
  explicit TestKey(bool sm2) {
    const auto sm2_key = PrivateKey::Generate(KeyAlgorithm::kSm2);
    key = sm2 ? tests::OpensslPrivateKey(sm2_key->DangerouslyExportPkcs8())
              : EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    is_sm2 = sm2;
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio.get(), key.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    pem = sm2 ? devpki::PublicKeyPem(*sm2_key) : std::string(data, static_cast<size_t>(size));
  }
  std::string Sign(const std::string& message) const {
    if (is_sm2) return tests::OpensslSign(key.get(), "1234567812345678", message);
    std::string signature(64, '\0');
    size_t size = signature.size();
    const EvpMdCtxPtr context(EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(&signature[0]), &size,
                   reinterpret_cast<const uint8_t*>(message.data()), message.size());
    return signature;
  }
  bool is_sm2 = false;
  EvpPkeyPtr key;
  std::string pem;
};

class NoteKeyTest : public ::testing::TestWithParam<bool> {
 protected:
  const TestKey key_{GetParam()};
  const std::string body_ = "birthseal.example/log/1 sm3\n7\nroot\n";
};
INSTANTIATE_TEST_SUITE_P(EdAndSm, NoteKeyTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Sm2" : "Ed25519"; });

TEST_P(NoteKeyTest, AcceptsASignatureOfTheBodyAndNothingElse) {
  const auto verifier = NoteVerifierFromPem(kName, key_.pem);
  ASSERT_OK(verifier);
  const auto id = NoteKeyIdFromPem(kName, key_.pem, NoteKeyUse::kLog);
  ASSERT_OK(id);
  const certs::NoteSignature good{kName, id->hash, key_.Sign(body_)};
  EXPECT_TRUE((*verifier)(body_, good));
  EXPECT_TRUE((*verifier)(body_, good));  // remembered
  EXPECT_FALSE((*verifier)(body_ + "\n", good));
  certs::NoteSignature bad = good;
  bad.key_name = "witness.other.example";
  EXPECT_FALSE((*verifier)(body_, bad));
  bad = good;
  bad.key_hash = std::string(4, '\0');
  EXPECT_FALSE((*verifier)(body_, bad));
  for (size_t bit = 0; bit < 8 * good.signature.size(); ++bit) {
    bad = good;
    bad.signature[bit / 8] = static_cast<char>(bad.signature[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE((*verifier)(body_, bad)) << bit;
  }
}

TEST_P(NoteKeyTest, ACosignatureCoversTheTime) {
  const auto verifier = CosignerFromPem(kName, key_.pem);
  ASSERT_OK(verifier);
  const auto id = NoteKeyIdFromPem(kName, key_.pem, NoteKeyUse::kCosigner);
  ASSERT_OK(id);
  const std::string signature = key_.Sign(certs::CosignatureMessage(kNow, body_));
  EXPECT_TRUE((*verifier)(body_, {kName, id->hash, CosignatureBlob(kNow, signature)}));
  EXPECT_FALSE(
      (*verifier)(body_, {kName, id->hash, CosignatureBlob(kNow + absl::Seconds(1), signature)}));
  EXPECT_FALSE((*verifier)(body_, {kName, id->hash, signature}));
  EXPECT_FALSE((*verifier)(body_, {kName, id->hash, "short"}));
  EXPECT_EQ(*CosignatureTime(CosignatureBlob(kNow, signature)), kNow);
}

TEST_P(NoteKeyTest, AKeyThatSignsNotesIsAnotherThanTheSameKeyThatCosigns) {
  const auto log = NoteKeyIdFromPem(kName, key_.pem, NoteKeyUse::kLog);
  const auto cosigner = NoteKeyIdFromPem(kName, key_.pem, NoteKeyUse::kCosigner);
  EXPECT_NE(log->hash, cosigner->hash);
  // A cosignature never passes as a signature of the log, nor the other way round.
  const std::string plain = key_.Sign(body_);
  EXPECT_FALSE((*CosignerFromPem(kName, key_.pem))(body_, {kName, cosigner->hash, plain}));
}

TEST_P(NoteKeyTest, RefusesNamesThatANoteCannotHold) {
  for (const char* name : {"", "a b", "a+b", "a\nb", "a\tb"}) {
    EXPECT_THAT(NoteVerifierFromPem(name, key_.pem),
                StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY_NAME"))
        << name;
  }
}

// The example of golang.org/x/mod/sumdb/note: others' notes verify here, ours verify there.
TEST(NoteKeyVectorTest, TheKnownNoteOfAnotherImplementationHolds) {
  std::string key;
  ASSERT_TRUE(absl::Base64Unescape("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", &key));
  const std::string spki = absl::StrCat(absl::HexStringToBytes("302a300506032b6570032100"),
                                        absl::string_view(key).substr(1));
  const std::string pem = absl::StrCat("-----BEGIN PUBLIC KEY-----\n", absl::Base64Escape(spki),
                                       "\n-----END PUBLIC KEY-----\n");
  const auto vkey = NoteVkey("PeterNeumann", pem, NoteKeyUse::kLog);
  ASSERT_OK(vkey);
  EXPECT_EQ(*vkey, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  std::string blob;
  ASSERT_TRUE(absl::Base64Unescape(
      "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
      &blob));
  EXPECT_TRUE((*NoteVerifierFromPem("PeterNeumann", pem))(
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n",
      {"PeterNeumann", blob.substr(0, 4), blob.substr(4)}));
}

TEST(NoteKeyFormTest, RefusesOtherKeys) {
  const auto p256 = PrivateKey::Generate(KeyAlgorithm::kP256);
  for (const std::string& pem :
       {devpki::PublicKeyPem(*p256), std::string("no key"), devpki::PrivateKeyPem(*p256),
        std::string("-----BEGIN PUBLIC KEY-----\nbm8ga2V5\n-----END PUBLIC KEY-----\n")}) {
    for (const auto& from_pem : {NoteVerifierFromPem, CosignerFromPem}) {
      EXPECT_THAT(from_pem(kName, pem), StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY"));
    }
  }
}

TEST(NoteKeyFormTest, AnEd25519KeyIs32BytesAndItsSignature64) {
  for (const size_t size : {0, 31, 33, 64}) {
    EXPECT_THAT(Ed25519Key::FromRaw(std::string(size, '\1')),
                StatusIs(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY"))
        << size;
  }
  const TestKey key(false);
  const auto id = NoteKeyIdFromPem(kName, key.pem, NoteKeyUse::kLog);
  ASSERT_OK(id);
  const auto read = Ed25519Key::FromRaw(id->public_key);
  ASSERT_OK(read);
  const std::string signature = key.Sign("body");
  EXPECT_TRUE(read->Verify("body", signature));
  EXPECT_FALSE(read->Verify("body", signature.substr(0, 63)));
  EXPECT_FALSE(read->Verify("body", signature + '\0'));
  EXPECT_FALSE(read->Verify("body", ""));
}

TEST(NoteKeyFormTest, ACosignatureBeyondTheCalendarIsRefused) {
  const absl::Time last =
      absl::FromCivil(absl::CivilSecond(9999, 12, 31, 23, 59, 59), absl::UTCTimeZone());
  EXPECT_EQ(*CosignatureTime(CosignatureBlob(last, "s")), last);
  for (const std::string& bad :
       {std::string(8, '\xff') + "signature", CosignatureBlob(last + absl::Seconds(1), "s"),
        CosignatureBlob(kNow, ""), std::string(7, '\0'), std::string()}) {
    EXPECT_THAT(CosignatureTime(bad),
                StatusIs(absl::StatusCode::kInvalidArgument, "COSIGNATURE_FORM"));
  }
}

}  // namespace
}  // namespace birthseal::signer
