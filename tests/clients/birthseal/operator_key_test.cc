// SPDX-License-Identifier: Apache-2.0
// Private keys of operators and witnesses: what can sign is read, and nothing else.
#include "clients/birthseal/operator_key.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "signer/verify/sm2_verify.h"
#include "tests/clients/birthseal/fresh_key.h"
#include "tests/support/failing_random.h"
#include "tests/support/status_matchers.h"

namespace birthseal::cli {
namespace {

using tests::FreshPrivatePem;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kMessage[] = "what is approved";
// AlgorithmIdentifier of PKCS#8, DER in hex.
constexpr char kSm2[] = "301306072a8648ce3d020106082a811ccf5501822d";
constexpr char kP256[] = "301306072a8648ce3d020106082a8648ce3d030107";
constexpr char kZero[] = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr char kOne[] = "0000000000000000000000000000000000000000000000000000000000000001";

// PKCS#8 PEM of a scalar without the public half, as RFC 5915 allows it.
std::string PemOf(const char* algorithm, const char* scalar) {
  const std::string der =
      absl::HexStringToBytes(absl::StrCat("3041020100", algorithm, "042730250201010420", scalar));
  return absl::StrCat("-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(der),
                      "\n-----END PRIVATE KEY-----\n");
}

void ExpectSigns(const std::string& pem) {
  const auto key = OperatorKey::FromPem(pem);
  ASSERT_OK(key);
  const auto signature = (*key)->Sign(kMessage);
  ASSERT_OK(signature);
  const auto public_key = signer::PublicKey::FromSpki((*key)->PublicSpki());
  ASSERT_OK(public_key);
  EXPECT_TRUE(public_key->Verify(kMessage, *signature));
}

// From 1 to the order less one; of SM2 less two, since it divides by the key and one.
TEST(OperatorKeyTest, AScalarThatCannotSignIsRefused) {
  struct Row {
    const char *algorithm, *scalar;
    bool good;
  };
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
    SCOPED_TRACE(absl::StrCat(row.algorithm, " ", row.scalar));
    const std::string pem = PemOf(row.algorithm, row.scalar);
    if (row.good) {
      ExpectSigns(pem);
    } else {
      EXPECT_THAT(OperatorKey::FromPem(pem).status(), StatusIs(kInvalid, "OPERATOR_KEY"));
    }
  }
}

TEST(OperatorKeyTest, FreshKeysOfEachKindSign) {
  for (const char* kind : {"SM2", "P-256"}) ExpectSigns(FreshPrivatePem(kind));
  const auto ed25519 = OperatorKey::FromPem(FreshPrivatePem("ED25519"));
  ASSERT_OK(ed25519);
  EXPECT_EQ((*ed25519)->Sign(kMessage).value().size(), 64u);
}

TEST(OperatorKeyTest, WithoutARandomSourceNothingIsSigned) {
  tests::Faults faults;
  const tests::FailingRandom random(&faults);
  for (const char* kind : {"SM2", "P-256"}) {
    const auto key = OperatorKey::FromPem(FreshPrivatePem(kind));
    ASSERT_OK(key);
    tests::ExpectEveryFaultComesOut(
        &faults, [&] { return (*key)->Sign(kMessage).status(); }, kInvalid, "OPERATOR_KEY");
  }
}

}  // namespace
}  // namespace birthseal::cli
