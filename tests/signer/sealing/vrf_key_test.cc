// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/vrf_key.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "certs/proof/vrf_suite.h"
#include "signer/devpki/dev_pki.h"
#include "signer/sealing/sm2_sign.h"
#include "tests/support/status_matchers.h"
#include "tests/support/vrf_vectors.h"

namespace birthseal::signer {
namespace {

namespace vrf = certs::vrf;
using tests::FromHex;
using tests::StatusIs;
using tests::VrfVector;
using tests::VrfVectors;
using vrf::NumberPtr;

constexpr char kOrder[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

// PKCS#8 of a P-256 scalar as RFC 5915 allows it, without the public half.
std::string Pkcs8Of(const std::string& scalar_hex) {
  return FromHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" +
                 scalar_hex);
}

// The same with the public half of `pk_hex`, as openssl writes it.
std::string Pkcs8Of(const std::string& scalar_hex, const std::string& pk_hex) {
  const vrf::ScratchPtr scratch(BN_CTX_new());
  const vrf::PointPtr point = vrf::PointFrom(FromHex(pk_hex), scratch.get());
  std::string whole(65, '\0');
  EC_POINT_point2oct(vrf::P256(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                     reinterpret_cast<uint8_t*>(&whole[0]), whole.size(), scratch.get());
  return FromHex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420" +
                 scalar_hex + "a144034200") +
         whole;
}

std::string Pem(const std::string& der) {
  return "-----BEGIN PRIVATE KEY-----\n" + absl::Base64Escape(der) +
         "\n-----END PRIVATE KEY-----\n";
}

std::shared_ptr<const VrfKey> KeyOf(const VrfVector& vector) {
  return VrfKey::FromPkcs8(Pkcs8Of(vector.sk)).value();
}

std::string Hex(const BIGNUM* number) {
  std::string bytes(32, '\0');
  BN_bn2binpad(number, reinterpret_cast<uint8_t*>(&bytes[0]), 32);
  return absl::BytesToHexString(bytes);
}

std::string TimesHex(const EC_POINT* point, const BIGNUM* number, BN_CTX* scratch) {
  const vrf::PointPtr product = vrf::NewPoint();
  EC_POINT_mul(vrf::P256(), product.get(), point == nullptr ? number : nullptr, point,
               point == nullptr ? nullptr : number, scratch);
  return absl::BytesToHexString(vrf::PointString(product.get(), scratch));
}

class VrfKeyTest : public testing::TestWithParam<VrfVector> {
 protected:
  const std::string alpha_ = FromHex(GetParam().alpha);
  const std::shared_ptr<const VrfKey> key_ = KeyOf(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Rfc9381, VrfKeyTest, testing::ValuesIn(VrfVectors()));

TEST_P(VrfKeyTest, KeyProofAndOutputAreThoseOfTheRfc) {
  EXPECT_EQ(absl::BytesToHexString(key_->PublicKey()), GetParam().pk);
  const absl::StatusOr<std::string> proof = key_->Prove(alpha_);
  ASSERT_OK(proof);
  EXPECT_EQ(absl::BytesToHexString(*proof), GetParam().pi);
  const absl::StatusOr<certs::VrfOutput> label = key_->Label(alpha_);
  ASSERT_OK(label);
  EXPECT_EQ(absl::BytesToHexString(certs::View(*label)), GetParam().beta);
}

// k, U and V are nowhere shown; who knows x gets k back from s = k + c*x.
TEST_P(VrfKeyTest, NonceAndItsPointsAreThoseOfTheRfc) {
  const vrf::ScratchPtr scratch(BN_CTX_new());
  const std::string proof = key_->Prove(alpha_).value();
  const NumberPtr c = vrf::NumberFrom(proof.substr(33, 16)), k = vrf::NumberFrom(proof.substr(49));
  const NumberPtr x = vrf::NumberFrom(FromHex(GetParam().sk)), cx(BN_new());
  const BIGNUM* order = EC_GROUP_get0_order(vrf::P256());
  ASSERT_EQ(BN_mod_mul(cx.get(), c.get(), x.get(), order, scratch.get()), 1);
  ASSERT_EQ(BN_mod_sub(k.get(), k.get(), cx.get(), order, scratch.get()), 1);
  EXPECT_EQ(Hex(k.get()), GetParam().k);
  EXPECT_EQ(TimesHex(nullptr, k.get(), scratch.get()), GetParam().u);
  const vrf::PointPtr h = vrf::PointFrom(FromHex(GetParam().h), scratch.get());
  EXPECT_EQ(TimesHex(h.get(), k.get(), scratch.get()), GetParam().v);
}

TEST(VrfKeyPropertyTest, EveryProofOfEveryKeyGivesItsLabel) {
  for (int keys = 0; keys < 5; ++keys) {
    const auto key =
        VrfKey::FromPkcs8(PrivateKey::Generate(KeyAlgorithm::kP256)->DangerouslyExportPkcs8());
    ASSERT_OK(key);
    for (int i = 0; i < 20; ++i) {
      const std::string alpha = i == 0 ? "" : absl::StrCat("input ", i, std::string(i * 7, '\0'));
      const std::string proof = (*key)->Prove(alpha).value();
      EXPECT_EQ((*key)->Prove(alpha).value(), proof);
      EXPECT_EQ(certs::CheckVrf((*key)->PublicKey(), alpha, proof).value(),
                (*key)->Label(alpha).value());
      EXPECT_NE((*key)->Label(alpha).value(), (*key)->Label(alpha + "x").value());
      EXPECT_FALSE(certs::CheckVrf(FromHex(VrfVectors()[0].pk), alpha, proof).ok());
    }
  }
}

// With a nonce of zero U and V are the identity and s = c*x: it "proves", and gives x to everyone.
TEST(VrfKeyPropertyTest, ProofWithoutNonceIsRefused) {
  const VrfVector& vector = VrfVectors()[0];
  const std::string key = FromHex(vector.pk), gamma = FromHex(vector.pi).substr(0, 33);
  const vrf::ScratchPtr scratch(BN_CTX_new());
  const NumberPtr x = vrf::NumberFrom(FromHex(vector.sk)), s(BN_new());
  for (const std::string& identity : {std::string(1, '\0'), std::string()}) {
    const std::string c = vrf::Challenge(key, FromHex(vector.h), gamma, identity, identity);
    ASSERT_EQ(BN_mod_mul(s.get(), vrf::NumberFrom(c).get(), x.get(),
                         EC_GROUP_get0_order(vrf::P256()), scratch.get()),
              1);
    EXPECT_THAT(certs::CheckVrf(key, FromHex(vector.alpha), gamma + c + FromHex(Hex(s.get()))),
                StatusIs(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH"));
  }
}

TEST(VrfKeyLoadTest, ReadsPemAndDerWithOrWithoutPublicHalf) {
  const VrfVector& vector = VrfVectors()[0];
  for (const std::string& der : {Pkcs8Of(vector.sk), Pkcs8Of(vector.sk, vector.pk)}) {
    for (const std::string& bytes : {der, Pem(der)}) {
      const auto key = VrfKey::FromPkcs8(bytes);
      ASSERT_OK(key);
      EXPECT_EQ(absl::BytesToHexString((*key)->PublicKey()), vector.pk);
    }
  }
  const auto made = PrivateKey::Generate(KeyAlgorithm::kP256);
  EXPECT_EQ(VrfKey::FromPkcs8(devpki::PrivateKeyPem(*made)).value()->PublicKey(),
            VrfKey::FromPkcs8(made->DangerouslyExportPkcs8()).value()->PublicKey());
}

TEST(VrfKeyLoadTest, RefusesEverythingElse) {
  const auto refused = [](const std::string& bytes) {
    EXPECT_THAT(VrfKey::FromPkcs8(bytes),
                StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
  };
  const std::string good = Pkcs8Of(VrfVectors()[0].sk);
  refused("");
  refused("-----BEGIN PRIVATE KEY-----\n");
  refused(PrivateKey::Generate(KeyAlgorithm::kSm2)->DangerouslyExportPkcs8());
  for (size_t size = 1; size < good.size(); ++size) refused(good.substr(0, size));
  refused(good + "x");
  // The scalars 0 and q, and one above.
  refused(Pkcs8Of(std::string(64, '0')));
  refused(Pkcs8Of(kOrder));
  refused(Pkcs8Of(std::string(64, 'f')));
  // The public half of another key, and of the same key with the other sign.
  refused(Pkcs8Of(VrfVectors()[0].sk, VrfVectors()[2].pk));
  std::string negated = VrfVectors()[0].pk;
  negated[1] = '2';
  refused(Pkcs8Of(VrfVectors()[0].sk, negated));
}

TEST(VrfKeyThreadTest, OneKeyServesManyThreads) {
  const auto key = KeyOf(VrfVectors()[0]);
  const certs::VrfOutput sample = key->Label("sample").value();
  const std::string proof = key->Prove("sample").value();
  std::array<int, 4> wrong{};
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &key, &sample, &proof] {
      for (int i = 0; i < 50; ++i) {
        count += key->Label("sample").value() == sample ? 0 : 1;
        count += key->Prove("sample").value() == proof ? 0 : 1;
        const std::string alpha = absl::StrCat(i);
        const auto checked = certs::CheckVrf(key->PublicKey(), alpha, key->Prove(alpha).value());
        count += checked.value() == key->Label(alpha).value() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : wrong) EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace birthseal::signer
