// SPDX-License-Identifier: Apache-2.0
// SM2 of Botan against SM2 of OpenSSL, both ways; key formats both ways.
#include "signer/sealing/message_signer.h"

#include <openssl/rsa.h>

#include <thread>

#include "absl/strings/escaping.h"
#include "signer/der/der.h"
#include "signer/devpki/dev_pki.h"
#include "signer/verify/sm2_verify.h"
#include "tests/signer/verify/openssl_oracle.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

constexpr char kDefaultId[] = "1234567812345678";
constexpr char kMessage[] = "message digest";

PublicKey PublicOf(const PrivateKey& key) { return *PublicKey::FromSpki(key.PublicSpki()); }

class EveryAlgorithm : public testing::TestWithParam<KeyAlgorithm> {};

TEST_P(EveryAlgorithm, SignatureVerifiesAndCoversTheMessage) {
  const auto key = PrivateKey::Generate(GetParam());
  const PublicKey public_key = PublicOf(*key);
  ASSERT_EQ(public_key.algorithm(), GetParam());
  const std::string signature = SignWith(key, kMessage);
  EXPECT_TRUE(public_key.Verify(kMessage, signature));
  EXPECT_FALSE(public_key.Verify("another message", signature));
  EXPECT_FALSE(PublicOf(*PrivateKey::Generate(GetParam())).Verify(kMessage, signature));
}

TEST_P(EveryAlgorithm, SurvivesPkcs8AsDerAndAsPem) {
  const auto key = PrivateKey::Generate(GetParam());
  for (const std::string& bytes : {key->DangerouslyExportPkcs8(), devpki::PrivateKeyPem(*key)}) {
    const auto loaded = PrivateKey::FromPkcs8(bytes);
    ASSERT_OK(loaded);
    EXPECT_EQ((*loaded)->algorithm(), GetParam());
    EXPECT_EQ((*loaded)->PublicSpki(), key->PublicSpki());
    EXPECT_TRUE(PublicOf(*key).Verify(kMessage, SignWith(*loaded, kMessage)));
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, EveryAlgorithm,
                         testing::Values(KeyAlgorithm::kSm2, KeyAlgorithm::kP256));

TEST(Sm2SignTest, OpensslVerifiesWhatWeSignWithTheDefaultIdOnly) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  const EvpPkeyPtr openssl = tests::OpensslPublicKey(key->PublicSpki());
  ASSERT_NE(openssl, nullptr);
  const std::string signature = SignWith(key, kMessage);
  EXPECT_TRUE(tests::OpensslVerify(openssl.get(), kDefaultId, kMessage, signature));
  EXPECT_FALSE(tests::OpensslVerify(openssl.get(), "", kMessage, signature));
  EXPECT_FALSE(tests::OpensslVerify(openssl.get(), "SM3", kMessage, signature));
}

TEST(Sm2SignTest, WeVerifyWhatOpensslSignsWithTheDefaultIdOnly) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  const EvpPkeyPtr openssl = tests::OpensslPrivateKey(key->DangerouslyExportPkcs8());
  ASSERT_NE(openssl, nullptr);
  const PublicKey public_key = PublicOf(*key);
  EXPECT_TRUE(public_key.Verify(kMessage, tests::OpensslSign(openssl.get(), kDefaultId, kMessage)));
  EXPECT_FALSE(public_key.Verify(kMessage, tests::OpensslSign(openssl.get(), "", kMessage)));
}

TEST(Sm2SignTest, AKeyMadeByOpensslLoadsHere) {
  const EvpPkeyPtr made(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  ASSERT_NE(made, nullptr);
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(made.get()));
  uint8_t* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  ASSERT_GT(length, 0);
  const auto key =
      PrivateKey::FromPkcs8({reinterpret_cast<char*>(der), static_cast<size_t>(length)});
  OPENSSL_free(der);
  ASSERT_OK(key);
  EXPECT_EQ((*key)->algorithm(), KeyAlgorithm::kSm2);
  EXPECT_TRUE(tests::OpensslVerify(made.get(), kDefaultId, kMessage, SignWith(*key, kMessage)));
}

TEST(Sm2SignTest, DigestOverTheCachedPrefixIsTheSameSignature) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  MessageSigner signer(key);
  certs::Sm3 state = signer.prefix();
  const std::string signature = signer.SignDigest(state.Add("message ").Add("digest").Finish());
  EXPECT_TRUE(PublicOf(*key).Verify(kMessage, signature));
  EXPECT_TRUE(PublicOf(*key).Verify(kMessage, SignDigestWith(key, [&] {
                                      certs::Sm3 again = signer.prefix();
                                      return again.Add(kMessage).Finish();
                                    }())));
}

TEST(Sm2SignTest, P256HasNoSm2Digest) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kP256);
  EXPECT_EQ(SignDigestWith(key, certs::Digest{}), "");
}

TEST(Sm2SignTest, EveryFlippedBitOfASignatureIsRefused) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  const PublicKey public_key = PublicOf(*key);
  const std::string signature = SignWith(key, kMessage);
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(public_key.Verify(kMessage, flipped)) << "bit " << bit;
  }
}

TEST(Sm2SignTest, UnreadableKeysAreRefused) {
  const std::string good = PrivateKey::Generate(KeyAlgorithm::kSm2)->DangerouslyExportPkcs8();
  const std::string other_curve = [] {
    const EvpPkeyPtr key(EVP_EC_gen("P-384"));
    const Pkcs8Ptr info(EVP_PKEY2PKCS8(key.get()));
    uint8_t* der = nullptr;
    const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(length));
    OPENSSL_free(der);
    return bytes;
  }();
  const std::string ed25519 = [] {
    const auto pem = devpki::MakeEd25519Key();
    return pem.ok() ? pem->private_key : "";
  }();
  ASSERT_NE(ed25519, "");
  // What one library passes over, the other does not read.
  const std::string attributes = [] {
    const std::string p256 = PrivateKey::Generate(KeyAlgorithm::kP256)->DangerouslyExportPkcs8();
    absl::string_view whole = p256;
    return der::Tlv(der::kSequence,
                    std::string(der::Read(&whole)->content) + der::Tlv(der::kUtf8, "more"));
  }();
  for (const std::string& bytes :
       {std::string(), std::string("not a key"), good + "x", good.substr(0, good.size() - 1),
        other_curve, ed25519, attributes}) {
    EXPECT_THAT(PrivateKey::FromPkcs8(bytes),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
  }
}

// Without the public half, as RFC 5915 allows it.
std::string Pkcs8Of(const char* curve, const std::string& scalar) {
  const std::string key =
      der::Tlv(der::kSequence, der::Integer(1) + der::Tlv(der::kOctetString, scalar));
  const std::string algorithm =
      der::Tlv(der::kSequence, der::Oid("1.2.840.10045.2.1") + der::Oid(curve));
  return der::Tlv(der::kSequence, der::Integer(0) + algorithm + der::Tlv(der::kOctetString, key));
}

// From 1 to the order less one; of SM2 less two, since it divides by the key and one.
TEST(Sm2SignTest, AScalarThatCannotSignIsRefused) {
  struct Row {
    const char *curve, *scalar;
    bool good;
  };
  constexpr char kSm2[] = "1.2.156.10197.1.301", kP256[] = "1.2.840.10045.3.1.7";
  constexpr char kZero[] = "0000000000000000000000000000000000000000000000000000000000000000";
  constexpr char kOne[] = "0000000000000000000000000000000000000000000000000000000000000001";
  for (const Row& row : std::vector<Row>{
           {kSm2, kZero, false},
           {kSm2, kOne, true},
           {kSm2, "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121", true},
           {kSm2, "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122", false},
           {kSm2, "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123", false},
           {kSm2, "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54124", false},
           {kP256, kZero, false},
           {kP256, kOne, true},
           {kP256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", true},
           {kP256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", false},
           {kP256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552", false}}) {
    SCOPED_TRACE(absl::StrCat(row.curve, " ", row.scalar));
    const auto key = PrivateKey::FromPkcs8(Pkcs8Of(row.curve, absl::HexStringToBytes(row.scalar)));
    if (row.good) {
      ASSERT_OK(key);
      EXPECT_TRUE(PublicOf(**key).Verify(kMessage, SignWith(*key, kMessage)));
    } else {
      EXPECT_THAT(key,
                  tests::StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
    }
  }
}

// PKCS#8 of an SM2 scalar with the public half that is given.
std::string Sm2Pkcs8(const std::string& scalar, const std::string& spki) {
  const std::string point = spki.substr(spki.size() - 66);  // unused bits, then 04 || x || y
  const std::string key =
      der::Tlv(der::kSequence, der::Integer(1) + der::Tlv(der::kOctetString, scalar) +
                                   der::Tlv(der::kContext1, der::Tlv(der::kBitString, point)));
  const std::string algorithm =
      der::Tlv(der::kSequence, der::Oid("1.2.840.10045.2.1") + der::Oid("1.2.156.10197.1.301"));
  return der::Tlv(der::kSequence, der::Integer(0) + algorithm + der::Tlv(der::kOctetString, key));
}

// Signatures of such a key would hold for nobody: better not to have it.
TEST(Sm2SignTest, AKeyWithThePublicHalfOfAnotherIsRefused) {
  const std::string scalar(32, '\1');
  const auto alone = PrivateKey::FromPkcs8(Pkcs8Of("1.2.156.10197.1.301", scalar));
  ASSERT_OK(alone);
  EXPECT_OK(PrivateKey::FromPkcs8(Sm2Pkcs8(scalar, (*alone)->PublicSpki())));
  const std::string other = PrivateKey::Generate(KeyAlgorithm::kSm2)->PublicSpki();
  EXPECT_THAT(PrivateKey::FromPkcs8(Sm2Pkcs8(scalar, other)),
              tests::StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
  // Neither half is one.
  EXPECT_THAT(PrivateKey::FromPkcs8(Sm2Pkcs8(std::string(32, '\0'), (*alone)->PublicSpki())),
              tests::StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
}

std::string SpkiOf(EVP_PKEY* key) {
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  std::string spki(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return spki;
}

// The point at infinity as public key, of P-256 and of SM2. OpenSSL reads both and writes neither.
std::vector<std::string> KeysAtInfinity() {
  std::vector<std::string> keys;
  for (const char* curve : {"1.2.840.10045.3.1.7", "1.2.156.10197.1.301"}) {
    const std::string algorithm =
        der::Tlv(der::kSequence, der::Oid("1.2.840.10045.2.1") + der::Oid(curve));
    keys.push_back(
        der::Tlv(der::kSequence, algorithm + der::BitString(absl::string_view("\0", 1))));
  }
  return keys;
}

TEST(PublicKeyTest, ThePointAtInfinityIsNoKey) {
  EXPECT_EQ(absl::BytesToHexString(KeysAtInfinity()[0]),
            "3019301306072a8648ce3d020106082a8648ce3d03010703020000");
  for (const std::string& spki : KeysAtInfinity()) {
    EXPECT_THAT(PublicKey::FromSpki(spki),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY"));
    tests::RawCertificate raw;
    raw.not_before = tests::FixtureNow();
    raw.not_after = tests::FixtureNow() + absl::Hours(24);
    raw.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
    EXPECT_OK(PublicKey::FromCertificate(tests::MakeRaw(raw)));
    raw.spki = spki;
    EXPECT_THAT(PublicKey::FromCertificate(tests::MakeRaw(raw)),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY"));
  }
}

TEST(PublicKeyTest, OnlyKeysOfTheTwoNamedCurvesAreRead) {
  const std::string good = PrivateKey::Generate(KeyAlgorithm::kSm2)->PublicSpki();
  for (const std::string& spki :
       {std::string(), std::string("no key"), good + "x", good.substr(0, good.size() - 1),
        SpkiOf(EvpPkeyPtr(EVP_EC_gen("P-384")).get()),
        SpkiOf(EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")).get()),
        SpkiOf(EvpPkeyPtr(EVP_RSA_gen(1024)).get())}) {
    EXPECT_THAT(PublicKey::FromSpki(spki),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY"));
  }
  EXPECT_OK(PublicKey::FromSpki(good));
}

TEST(PublicKeyTest, ACertificateIsReadWholeAndNothingBehindIt) {
  const std::string good = tests::SharedPki().seal->signer_certificate;
  EXPECT_OK(PublicKey::FromCertificate(good));
  for (const std::string& bytes : {std::string(), std::string("no certificate"), good + "x",
                                   good.substr(0, good.size() - 1)}) {
    EXPECT_THAT(PublicKey::FromCertificate(bytes),
                tests::StatusIs(absl::StatusCode::kInvalidArgument, "PUBLIC_KEY"));
  }
}

TEST(Sm2SignTest, OneKeySignsOnManyThreads) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  const PublicKey public_key = PublicOf(*key);
  std::vector<std::string> signatures(8);
  std::vector<std::thread> threads;
  for (std::string& signature : signatures) {
    threads.emplace_back([&signature, &key] { signature = SignWith(key, kMessage); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& signature : signatures) {
    EXPECT_TRUE(public_key.Verify(kMessage, signature));
  }
}

}  // namespace
}  // namespace birthseal::signer
