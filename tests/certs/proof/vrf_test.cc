// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/vrf.h"

#include <openssl/err.h>

#include "certs/proof/vrf_suite.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/vrf_vectors.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::FromHex;
using ::birthseal::tests::StatusIs;
using ::birthseal::tests::VrfVector;
using ::birthseal::tests::VrfVectors;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kPrime[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
constexpr char kOrder[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

std::string Flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

// Big-endian 32 bytes of a number in hex plus a small one.
std::string Sum(const char* hex, uint64_t small) {
  const vrf::NumberPtr sum = vrf::NumberFrom(FromHex(hex));
  BN_add_word(sum.get(), small);
  std::string bytes(32, '\0');
  BN_bn2binpad(sum.get(), reinterpret_cast<uint8_t*>(&bytes[0]), 32);
  return bytes;
}

class VrfTest : public testing::TestWithParam<VrfVector> {
 protected:
  const std::string key_ = FromHex(GetParam().pk), alpha_ = FromHex(GetParam().alpha),
                    proof_ = FromHex(GetParam().pi), beta_ = FromHex(GetParam().beta);
};
INSTANTIATE_TEST_SUITE_P(Rfc9381, VrfTest, testing::ValuesIn(VrfVectors()));

TEST_P(VrfTest, ProofOfTheRfcGivesItsOutput) {
  const absl::StatusOr<VrfOutput> output = CheckVrf(key_, alpha_, proof_);
  ASSERT_OK(output);
  EXPECT_EQ(absl::BytesToHexString(View(*output)), GetParam().beta);
  EXPECT_EQ(ERR_peek_error(), 0u);  // tries that hit no point leave nothing behind
}

TEST_P(VrfTest, StepsOfTheRfcAreReproduced) {
  const vrf::ScratchPtr scratch(BN_CTX_new());
  const vrf::HashedPoint h = vrf::EncodeToCurve(key_, alpha_, scratch.get());
  EXPECT_EQ(absl::BytesToHexString(h.bytes), GetParam().h);
  EXPECT_EQ(vrf::PointString(h.point.get(), scratch.get()), h.bytes);
  const std::string gamma = proof_.substr(0, 33);
  EXPECT_EQ(vrf::Challenge(key_, h.bytes, gamma, FromHex(GetParam().u), FromHex(GetParam().v)),
            proof_.substr(33, 16));
  EXPECT_EQ(Bytes(vrf::OutputOf(gamma)), beta_);
}

TEST_P(VrfTest, EveryFlippedBitIsRefused) {
  for (size_t bit = 0; bit < 8 * proof_.size(); ++bit) {
    EXPECT_FALSE(CheckVrf(key_, alpha_, Flipped(proof_, bit)).ok()) << bit;
  }
  for (size_t bit = 0; bit < 8 * alpha_.size(); ++bit) {
    EXPECT_THAT(CheckVrf(key_, Flipped(alpha_, bit), proof_),
                StatusIs(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH"))
        << bit;
  }
  for (size_t bit = 0; bit < 8 * key_.size(); ++bit) {
    EXPECT_FALSE(CheckVrf(Flipped(key_, bit), alpha_, proof_).ok()) << bit;
  }
}

TEST_P(VrfTest, WrongLengthsAreRefused) {
  for (size_t size = 0; size < proof_.size(); ++size) {
    EXPECT_THAT(CheckVrf(key_, alpha_, proof_.substr(0, size)),
                StatusIs(kInvalid, "VRF_PROOF_FORM"));
  }
  EXPECT_THAT(CheckVrf(key_, alpha_, proof_ + '\0'), StatusIs(kInvalid, "VRF_PROOF_FORM"));
  for (size_t size = 0; size < key_.size(); ++size) {
    EXPECT_THAT(CheckVrf(key_.substr(0, size), alpha_, proof_), StatusIs(kInvalid, "VRF_KEY"));
  }
  EXPECT_THAT(CheckVrf(key_ + '\0', alpha_, proof_), StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckVrf(key_, alpha_ + '\0', proof_),
              StatusIs(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH"));
}

TEST_P(VrfTest, OnlyTheReducedResponseIsAProof) {
  const std::string front = proof_.substr(0, 49);
  for (const std::string& s : {Sum(kOrder, 0), Sum(kOrder, 1), std::string(32, '\xff')}) {
    EXPECT_THAT(CheckVrf(key_, alpha_, front + s), StatusIs(kInvalid, "VRF_PROOF_FORM"));
  }
  // In range, yet not the response.
  EXPECT_THAT(CheckVrf(key_, alpha_, front + std::string(32, '\0')),
              StatusIs(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH"));
}

TEST_P(VrfTest, PointAtInfinityIsNeitherKeyNorGamma) {
  const std::string identity(1, '\0'), padded(33, '\0');
  EXPECT_THAT(CheckVrf(identity, alpha_, proof_), StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckVrf(padded, alpha_, proof_), StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckVrf(key_, alpha_, padded + proof_.substr(33)),
              StatusIs(kInvalid, "VRF_PROOF_FORM"));
  EXPECT_THAT(CheckVrf(key_, alpha_, identity + proof_.substr(33)),
              StatusIs(kInvalid, "VRF_PROOF_FORM"));
}

// A nonce of zero: whoever knows the secret key makes U and V the identity, and all the rest fits.
TEST_P(VrfTest, AProofThatGivesTheSecretKeyAwayIsNone) {
  const vrf::ScratchPtr scratch(BN_CTX_new());
  const std::string gamma = proof_.substr(0, 33);
  const std::string h = vrf::EncodeToCurve(key_, alpha_, scratch.get()).bytes;
  const std::string c = vrf::Challenge(key_, h, gamma, "", "");
  const vrf::NumberPtr s = vrf::NumberFrom(c), x = vrf::NumberFrom(FromHex(GetParam().sk));
  ASSERT_EQ(BN_mod_mul(s.get(), s.get(), x.get(), EC_GROUP_get0_order(vrf::P256()), scratch.get()),
            1);
  std::string response(32, '\0');
  BN_bn2binpad(s.get(), reinterpret_cast<uint8_t*>(&response[0]), 32);
  EXPECT_THAT(CheckVrf(key_, alpha_, gamma + c + response),
              StatusIs(absl::StatusCode::kDataLoss, "VRF_PROOF_MISMATCH"));
}

TEST(VrfKeyCheckTest, NothingAtAllIsNoKey) {
  EXPECT_THAT(CheckVrfKey(absl::string_view()), StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckVrf(absl::string_view(), "alpha", absl::string_view()),
              StatusIs(kInvalid, "VRF_KEY"));
  EXPECT_THAT(CheckVrf(FromHex(VrfVectors()[0].pk), "alpha", absl::string_view()),
              StatusIs(kInvalid, "VRF_PROOF_FORM"));
}

TEST(VrfKeyCheckTest, AcceptsCompressedPointsOfTheCurveOnly) {
  const std::string key = FromHex(VrfVectors()[0].pk);
  EXPECT_OK(CheckVrfKey(key));
  for (int front = 0; front < 256; ++front) {
    std::string other = key;
    other[0] = static_cast<char>(front);
    EXPECT_EQ(CheckVrfKey(other).ok(), front == 2 || front == 3) << front;
  }
  // Uncompressed and hybrid forms of the generator.
  for (const char* front : {"04", "06", "07"}) {
    EXPECT_THAT(
        CheckVrfKey(FromHex(std::string(front) +
                            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")),
        StatusIs(kInvalid, "VRF_KEY"));
  }
}

// x and x + p are the same coordinate: only the smaller one is an encoding.
TEST(VrfKeyCheckTest, CoordinatesAreBelowThePrime) {
  int points = 0;
  for (uint64_t x = 0; x < 40; ++x) {
    const std::string zero(64, '0');
    points += CheckVrfKey("\2" + Sum(zero.c_str(), x)).ok() ? 1 : 0;
    EXPECT_THAT(CheckVrfKey("\2" + Sum(kPrime, x)), StatusIs(kInvalid, "VRF_KEY")) << x;
  }
  EXPECT_GT(points, 10);  // half of all x are of points
  EXPECT_LT(points, 30);
}

}  // namespace
}  // namespace birthseal::certs
