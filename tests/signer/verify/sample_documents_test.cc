// SPDX-License-Identifier: Apache-2.0
// Sealed documents and seals made by others get the verdicts of the samples' README.md.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/verify/document_verifier.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class SampleDocumentsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::SamplesDir().empty()) GTEST_SKIP() << "no samples: set BIRTHSEAL_SAMPLES";
  }
  static std::string Sample(const std::string& name) {
    return tests::ReadFile(tests::SamplesDir() + "/ofd/" + name);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  const DocumentVerifier verifier_{VerifierTrust{}};
};

TEST_F(SampleDocumentsTest, SealedDocumentsAreIntactAndTheirIssuerIsNotTrusted) {
  for (const char* name : {"ofdrw-reader__SESV4SignDoc.ofd", "ofdrw-converter__V4RideRight.ofd"}) {
    SCOPED_TRACE(name);
    const Report report = verifier_.Verify(Sample(name), now_);
    EXPECT_EQ(report.format, "SES V4");
    for (const Layer layer : {Layer::kPackage, Layer::kSignature, Layer::kSeal}) {
      EXPECT_EQ(report.at(layer).result, LayerResult::kOk) << Name(layer);
      EXPECT_THAT(report.at(layer).reasons, IsEmpty()) << Name(layer);
    }
    EXPECT_THAT(report.at(Layer::kCoverage).reasons, IsEmpty());
    EXPECT_THAT(report.at(Layer::kCertificates).reasons,
                Contains(testing::StartsWith("CHAIN_UNTRUSTED")));
    EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted) << Name(report.verdict);
  }
}

TEST_F(SampleDocumentsTest, ASealWithADummyTimeStampHoldsAndTheStampIsBroken) {
  const Report report = verifier_.VerifySeal(Sample("ofdrw-gm__UserV5_ts.esl"), now_);
  EXPECT_THAT(report.at(Layer::kSeal).reasons, testing::Not(Contains("SEAL_SIGNATURE_BROKEN")));
  EXPECT_EQ(report.at(Layer::kTime).result, LayerResult::kFailed);
  EXPECT_THAT(report.at(Layer::kTime).reasons, ElementsAre("TIME_STAMP_BROKEN"));
  EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
}

TEST_F(SampleDocumentsTest, StandAloneSealsHoldAndTheirMakerIsNotTrusted) {
  const std::pair<const char*, const char*> seals[] = {{"ofdrw-gm__UserV1.esl", "SES V1 seal"},
                                                       {"ofdrw-gm__UserV4.esl", "SES V4 seal"},
                                                       {"ofdrw-gm__UserV5.esl", "SES V5 seal"}};
  for (const auto& [name, format] : seals) {
    SCOPED_TRACE(name);
    const Report report = verifier_.VerifySeal(Sample(name), now_);
    EXPECT_EQ(report.format, format);
    EXPECT_THAT(report.at(Layer::kSeal).reasons, testing::Not(Contains("SEAL_SIGNATURE_BROKEN")));
    EXPECT_EQ(report.at(Layer::kCertificates).result, LayerResult::kFailed);
  }
}

TEST_F(SampleDocumentsTest, TheBrokenSealIsReportedBroken) {
  const Report report = verifier_.VerifySeal(Sample("ofdrw-sign__SESealData.DER"), now_);
  EXPECT_THAT(report.at(Layer::kSeal).reasons, Contains("SEAL_SIGNATURE_BROKEN"));
  EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
}

TEST_F(SampleDocumentsTest, StandAloneSignatureValuesHold) {
  for (const char* name : {"ofdrw-gm__SignedValueV4.dat", "ofdrw-gm__SignedValueV5.dat"}) {
    SCOPED_TRACE(name);
    const Report report = verifier_.VerifySignatureValue(Sample(name), now_);
    EXPECT_EQ(report.at(Layer::kSignature).result, LayerResult::kOk);
    EXPECT_THAT(report.at(Layer::kSeal).reasons, testing::Not(Contains("SEAL_SIGNATURE_BROKEN")));
    EXPECT_THAT(report.notices, Contains("DOCUMENT_NOT_GIVEN"));
  }
}

TEST_F(SampleDocumentsTest, ABareSignatureWithoutCertificateIsNotVerifiable) {
  const Report report = verifier_.Verify(Sample("ofdrw-sign__DigitalSign.ofd"), now_);
  EXPECT_EQ(report.verdict, Verdict::kNotVerifiable) << Name(report.verdict);
  EXPECT_EQ(report.at(Layer::kSignature).result, LayerResult::kNotChecked);
  EXPECT_THAT(report.at(Layer::kSignature).reasons, ElementsAre("SIGN_WITHOUT_CERTIFICATE"));
}

TEST_F(SampleDocumentsTest, AnAlteredSampleIsForged) {
  std::string file = Sample("ofdrw-reader__SESV4SignDoc.ofd");
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
  EXPECT_EQ(verifier_.Verify(file, now_).verdict, Verdict::kForgedOrAltered);
}

}  // namespace
}  // namespace birthseal::signer
