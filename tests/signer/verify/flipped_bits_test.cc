// SPDX-License-Identifier: Apache-2.0
// A complete certificate under our strict verifier, and SignedValue.dat bit by bit.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/document_verifier.h"
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

std::set<Layer> FailedLayers(const Report& report) {
  std::set<Layer> failed;
  for (const signer::LayerReport& layer : report.layers) {
    if (layer.result == LayerResult::kFailed) failed.insert(layer.layer);
  }
  return failed;
}

// Which layer a change of a byte must fail, by the part of the value that it is in. The signer's
// certificate is under no signature of the value, but the seal lists it.
class Parts {
 public:
  explicit Parts(const std::string& value) {
    const auto read = signer::ParseDocumentSignature(value);
    EXPECT_OK(read);
    signed_ = Find(value, read->signed_bytes);
    info_ = Find(value, read->seal.signed_bytes);
    maker_signature_ = Find(value, read->seal.signature);
    signer_ = {value.rfind(read->signer_certificate),
               value.rfind(read->signer_certificate) + read->signer_certificate.size()};
    EXPECT_GT(signer_.first, signed_.second - 1);
  }
  std::set<Layer> MustFail(size_t byte, bool parsed) const {
    if (!parsed) return {Layer::kSignature};
    if (In(signer_, byte)) return {Layer::kSeal};
    if (In(info_, byte) || In(maker_signature_, byte)) return {Layer::kSignature, Layer::kSeal};
    return {Layer::kSignature};
  }

 private:
  using Range = std::pair<size_t, size_t>;
  static Range Find(const std::string& in, const std::string& part) {
    const size_t at = in.find(part);
    EXPECT_NE(at, std::string::npos);
    return {at, at + part.size()};
  }
  static bool In(const Range& range, size_t byte) {
    return byte >= range.first && byte < range.second;
  }
  Range signed_, info_, maker_signature_, signer_;
};

// Forged, and for the reason of the part that was changed.
void ExpectForged(const Report& report, const std::set<Layer>& must_fail) {
  ASSERT_EQ(report.verdict, Verdict::kForgedOrAltered) << Reasons(report);
  const std::set<Layer> failed = FailedLayers(report);
  ASSERT_TRUE(std::includes(failed.begin(), failed.end(), must_fail.begin(), must_fail.end()))
      << Reasons(report);
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
  const signer::SealedDocument again = SealCertificate(SharedPki(), first.evidence);
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
  ASSERT_TRUE(FailedLayers(Verifier().VerifySignatureValue(value, FixtureNow())).empty());
  const Parts parts(value);
  for (size_t byte = 0; byte < value.size(); ++byte) {
    const bool in_picture = byte >= picture_begin && byte < picture_end;
    if (in_picture && byte % 16 != 0) continue;
    for (int bit = in_picture ? 7 : 0; bit < 8; ++bit) {
      std::string flipped = value;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      const Report report = Verifier().VerifySignatureValue(flipped, FixtureNow());
      SCOPED_TRACE(absl::StrCat("byte ", byte, " bit ", bit));
      ASSERT_NO_FATAL_FAILURE(ExpectForged(report, parts.MustFail(byte, !report.format.empty())));
    }
  }
}

// The same within the whole file, where the verdict of the document is at stake.
TEST(SealedCertificateTest, AFlippedByteOfTheSignatureValueMakesTheFileForged) {
  const std::string value = SharedSealedCertificate().document.parts.back()->data;
  const Parts parts(value);
  for (size_t byte = 0; byte < value.size(); byte += 97) {
    std::string flipped = value;
    flipped[byte] = static_cast<char>(flipped[byte] ^ 0x10);
    const Report report = Verifier().Verify(WithValue(flipped), FixtureNow());
    SCOPED_TRACE(absl::StrCat("byte ", byte));
    ASSERT_NO_FATAL_FAILURE(ExpectForged(report, parts.MustFail(byte, !report.format.empty())));
  }
}

}  // namespace
}  // namespace birthseal::tests
