// SPDX-License-Identifier: Apache-2.0
// A complete certificate under our strict verifier, and SignedValue.dat bit by bit.
#include <algorithm>
#include <string>
#include <vector>

#include "signer/document_verifier.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using signer::DocumentVerifier;
using signer::Layer;
using signer::LayerResult;
using signer::Report;
using signer::Verdict;

constexpr char kValuePath[] = "Doc_0/Signs/Sign_0/SignedValue.dat";

const DocumentVerifier& Verifier() {
  static const auto* const verifier = new DocumentVerifier(SharedPki().Trust());
  return *verifier;
}

std::string Reasons(const Report& report) {
  std::string text = std::string(signer::Name(report.verdict)) + ":";
  for (const signer::LayerReport& layer : report.layers) {
    for (const std::string& reason : layer.reasons) text += " " + reason;
  }
  return text;
}

// Some layer failed: what the good value must not do and every altered one must.
bool Refused(const Report& report) {
  return std::any_of(
      report.layers.begin(), report.layers.end(),
      [](const signer::LayerReport& layer) { return layer.result == LayerResult::kFailed; });
}

// SignedValue.dat stands stored, once, in the file: its bits can be flipped in place only with a
// new check sum, so the package is written again.
std::string WithValue(const std::string& value) {
  std::vector<certs::ofd::PartPtr> parts = SharedSealedCertificate().document.parts;
  parts.back() = certs::ofd::MakePart(kValuePath, value, certs::ofd::Method::kStored);
  return certs::ofd::WritePackage(parts);
}

TEST(SealedCertificateTest, OurVerifierFindsItGenuineInEveryLayer) {
  const Report report = Verifier().Verify(SharedSealedCertificate().document.file, FixtureNow());
  EXPECT_EQ(report.verdict, Verdict::kGenuineStatusNotChecked) << Reasons(report);
  for (const Layer layer : {Layer::kPackage, Layer::kCoverage, Layer::kSignature, Layer::kSeal,
                            Layer::kCertificates, Layer::kTime, Layer::kReceipt, Layer::kData}) {
    EXPECT_EQ(report.at(layer).result, LayerResult::kOk)
        << signer::Name(layer) << " " << Reasons(report);
  }
  ASSERT_TRUE(report.certificate.has_value());
  EXPECT_EQ(certs::FaceDigest(report.certificate->face),
            certs::FaceDigest(SharedSealedCertificate().evidence.face));
}

TEST(SealedCertificateTest, TheSameDraftSealedTwiceDiffersInTheSignatureValueOnly) {
  const SealedCertificate& first = SharedSealedCertificate();
  const signer::SealedDocument again = SealDraft(SharedPki(), first.evidence, first.draft);
  ASSERT_EQ(again.parts.size(), first.document.parts.size());
  for (size_t i = 0; i + 1 < again.parts.size(); ++i) {
    EXPECT_EQ(again.parts[i]->data, first.document.parts[i]->data) << again.parts[i]->path;
  }
  EXPECT_EQ(again.to_be_signed_digest, first.document.to_be_signed_digest);
  EXPECT_NE(again.parts.back()->data, first.document.parts.back()->data);
}

// Every bit of the structure, keys, times and signatures; of the picture, which is one opaque
// string under the same two signatures, one bit of every sixteenth byte.
TEST(SealedCertificateTest, EveryFlippedBitOfTheSignatureValueIsRefused) {
  const std::string value = SharedSealedCertificate().document.parts.back()->data;
  const std::string& picture = SharedPki().seal->seal.picture;
  const size_t picture_begin = value.find(picture);
  ASSERT_NE(picture_begin, std::string::npos);
  const size_t picture_end = picture_begin + picture.size();
  ASSERT_FALSE(Refused(Verifier().VerifySignatureValue(value, FixtureNow())));
  for (size_t byte = 0; byte < value.size(); ++byte) {
    const bool in_picture = byte >= picture_begin && byte < picture_end;
    if (in_picture && byte % 16 != 0) continue;
    for (int bit = in_picture ? 7 : 0; bit < 8; ++bit) {
      std::string flipped = value;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      const Report report = Verifier().VerifySignatureValue(flipped, FixtureNow());
      ASSERT_TRUE(Refused(report)) << "byte " << byte << " bit " << bit << " " << Reasons(report);
    }
  }
}

// The same within the whole file, where the verdict of the document is at stake.
TEST(SealedCertificateTest, AFlippedByteOfTheSignatureValueMakesTheFileForged) {
  const std::string value = SharedSealedCertificate().document.parts.back()->data;
  for (size_t byte = 0; byte < value.size(); byte += 97) {
    std::string flipped = value;
    flipped[byte] = static_cast<char>(flipped[byte] ^ 0x10);
    const Report report = Verifier().Verify(WithValue(flipped), FixtureNow());
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered) << "byte " << byte << Reasons(report);
  }
}

}  // namespace
}  // namespace birthseal::tests
