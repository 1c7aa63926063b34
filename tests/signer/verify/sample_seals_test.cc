// SPDX-License-Identifier: Apache-2.0
// Stand-alone seals and signature values made by others (README.md of the samples).

#include <string>

#include "gtest/gtest.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/electronic_seal.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::signer {
namespace {

using tests::StatusIs;

class SampleSealsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::SamplesDir().empty()) GTEST_SKIP() << "no samples: set BIRTHSEAL_SAMPLES";
  }
  static std::string Sample(const std::string& name) {
    return tests::ReadFile(tests::SamplesDir() + "/ofd/" + name);
  }
};

TEST_F(SampleSealsTest, SealsOfEveryVersionParseAndTheirSignaturesHold) {
  const std::pair<const char*, int> samples[] = {{"ofdrw-gm__UserV1.esl", 1},
                                                 {"ofdrw-gm__UserV4.esl", 4},
                                                 {"ofdrw-gm__UserV5.esl", 5},
                                                 {"ofdrw-gm__UserV5_ts.esl", 5}};
  for (const auto& [name, version] : samples) {
    SCOPED_TRACE(name);
    const auto seal = ParseElectronicSeal(Sample(name));
    ASSERT_OK(seal);
    EXPECT_EQ(seal->version, version);
    EXPECT_TRUE(SealSignatureHolds(*seal));
  }
}

TEST_F(SampleSealsTest, ExplicitCriticalFalseParsesAndTheBrokenSealDoesNotHold) {
  const auto seal = ParseElectronicSeal(Sample("ofdrw-sign__SESealData.DER"));
  ASSERT_OK(seal);
  EXPECT_EQ(seal->signer_certificates.size(), 2u);
  EXPECT_FALSE(SealSignatureHolds(*seal));
}

TEST_F(SampleSealsTest, SignatureValuesHoldWithTheSealsInThem) {
  for (const char* name : {"ofdrw-gm__SignedValueV4.dat", "ofdrw-gm__SignedValueV5.dat"}) {
    SCOPED_TRACE(name);
    const auto signature = ParseDocumentSignature(Sample(name));
    ASSERT_OK(signature);
    EXPECT_TRUE(DocumentSignatureHolds(*signature));
    EXPECT_TRUE(SealSignatureHolds(signature->seal));
  }
}

TEST_F(SampleSealsTest, EveryFlippedBitOfASignatureValueIsRefused) {
  const std::string whole = Sample("ofdrw-gm__SignedValueV4.dat");
  const auto good = ParseDocumentSignature(whole);
  ASSERT_OK(good);
  const size_t at = whole.rfind(good->signature);
  ASSERT_NE(at, std::string::npos);
  for (size_t bit = 0; bit < good->signature.size() * 8; ++bit) {
    std::string bad = whole;
    bad[at + bit / 8] = static_cast<char>(bad[at + bit / 8] ^ (1 << (bit % 8)));
    const auto signature = ParseDocumentSignature(bad);
    EXPECT_FALSE(signature.ok() && DocumentSignatureHolds(*signature)) << "bit " << bit;
  }
}

TEST_F(SampleSealsTest, BytesAfterASealAreRefused) {
  EXPECT_THAT(ParseElectronicSeal(Sample("ofdrw-gm__UserV4.esl") + '\0'),
              StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
}

TEST_F(SampleSealsTest, AV4SealSignedInTheV1WayDoesNotHold) {
  auto seal = ParseElectronicSeal(Sample("ofdrw-gm__UserV1.esl"));
  ASSERT_OK(seal);
  seal->signed_bytes = seal->signed_bytes.substr(4);  // the info alone, as V4 signs
  EXPECT_FALSE(SealSignatureHolds(*seal));
}

}  // namespace
}  // namespace birthseal::signer
