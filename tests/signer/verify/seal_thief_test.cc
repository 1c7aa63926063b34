// SPDX-License-Identifier: Apache-2.0
// Sealing outside the service with the right key: the thief has the seal, not the log.

#include <functional>
#include <string>

#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/document_verifier.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using tests::Files;
using tests::FixtureNow;
using tests::SharedPki;
using tests::SharedSealedCertificate;
using tests::Unpack;

class SealThiefTest : public testing::Test {
 protected:
  Report Verify(const std::string& file) const { return verifier_.Verify(file, FixtureNow()); }
  static void ExpectForged(const Report& report, Layer layer, const std::string& reason) {
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered) << Name(report.verdict);
    EXPECT_EQ(report.at(layer).result, LayerResult::kFailed) << Name(layer);
    EXPECT_THAT(report.at(layer).reasons, Contains(reason));
  }
  // Renders `input` and seals it with the `stolen` seal, past every plan.
  Report SealAndVerify(
      const certs::ofd::DocumentInput& input, const devpki::InstitutionIdentity& stolen,
      const std::function<void(Files*)>& edit = [](Files*) {},
      const std::function<void(tests::Sealing*)>& how = [](tests::Sealing*) {}) const {
    static const auto* const renderer = new certs::ofd::Renderer(tests::TestFonts());
    const auto draft = renderer->Render(input);
    EXPECT_OK(draft);
    tests::Sealing sealing;
    sealing.files.clear();
    for (const auto& part : draft->parts()) {
      std::string zip = certs::ofd::WritePackage({part});
      sealing.files[part->path] = Unpack(zip).at(part->path);
    }
    edit(&sealing.files);
    sealing.page_ref = draft->page_id();
    sealing.seal = stolen.seal;
    sealing.signer = stolen.signer;
    sealing.time = draft->signing_time();
    how(&sealing);
    return Verify(tests::Seal(sealing));
  }
  static certs::ofd::DocumentInput Input() {
    return tests::InputFor(SharedSealedCertificate().evidence);
  }
  static std::string ReceiptFor(const std::string& institution_code) {
    const certs::ofd::DocumentInput input = Input();
    return certs::Canonical(
        tests::MakeReceipt({certs::FaceDigest(input.face), input.licence_id, input.document_id},
                           institution_code, SharedPki().log_key));
  }
  const DocumentVerifier verifier_{SharedPki().Trust()};
};

TEST_F(SealThiefTest, TheSameBytesSealedByHandAreStillGenuine) {
  // The log accepted this face; who held the pen is not visible.
  EXPECT_EQ(SealAndVerify(Input(), SharedPki().identity).verdict,
            Verdict::kGenuineStatusNotChecked);
}

// Rule F13.
TEST_F(SealThiefTest, WithoutAReceiptItIsSealedOutsideTheLog) {
  certs::ofd::DocumentInput input = Input();
  input.receipt.clear();
  const Report report = SealAndVerify(input, SharedPki().identity);
  EXPECT_THAT(report.at(Layer::kReceipt).reasons, Contains("RECEIPT_MISSING"));
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
}

TEST_F(SealThiefTest, WithTheReceiptCutOutItIsSealedOutsideTheLog) {
  std::string path;
  const Report report = SealAndVerify(Input(), SharedPki().identity, [&](Files* files) {
    for (const auto& [name, content] : *files) {
      if (content == Input().receipt) path = name;
    }
    files->erase(path);
  });
  EXPECT_FALSE(path.empty());
  EXPECT_THAT(report.at(Layer::kReceipt).reasons, Contains("RECEIPT_MISSING"));
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
}

// Rule F13.
TEST_F(SealThiefTest, WithTheReceiptOfAnotherFaceItIsSealedOutsideTheLog) {
  certs::ofd::DocumentInput input = Input();
  input.face.content.birth_weight_g += 10;
  const Report report = SealAndVerify(input, SharedPki().identity);
  EXPECT_THAT(report.at(Layer::kReceipt).reasons, Contains("RECEIPT_OF_ANOTHER_FACE"));
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
}

TEST_F(SealThiefTest, WithAReceiptOfAnotherLogItIsSealedOutsideTheLog) {
  certs::ofd::DocumentInput input = Input();
  const certs::ReceiptSubject subject{certs::FaceDigest(input.face), input.licence_id,
                                      input.document_id};
  input.receipt =
      certs::Canonical(tests::MakeReceipt(subject, input.face.content.issuing_institution_code,
                                          PrivateKey::Generate(KeyAlgorithm::kSm2)));
  const Report report = SealAndVerify(input, SharedPki().identity);
  EXPECT_EQ(report.at(Layer::kReceipt).result, LayerResult::kFailed);
  EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
}

// Rule F11.
TEST_F(SealThiefTest, AnotherInstitutionsSealIsRefused) {
  const auto other = devpki::MakeInstitutionSeal(
      SharedPki().hierarchy, {"12990000MA00000001", "云岭市另一医院", "云岭市"}, FixtureNow());
  ASSERT_OK(other);
  const Report report = SealAndVerify(Input(), *other);
  ExpectForged(report, Layer::kData, "SIGNER_OF_OTHER_INSTITUTION");
}

// The leaf is of this face, but stands elsewhere than the document says.
TEST_F(SealThiefTest, AReceiptOfAnotherPlaceIsNotThisDocuments) {
  const std::function<void(certs::ofd::DocumentInput*)> elsewhere[] = {
      [](certs::ofd::DocumentInput* input) { input->status_index = 8; },
      [](certs::ofd::DocumentInput* input) { input->intent_index = 2; },
      [](certs::ofd::DocumentInput* input) { input->log_epoch = 2; },
      [](certs::ofd::DocumentInput* input) { input->receipt = ReceiptFor("11529901009900179R"); }};
  for (const auto& move : elsewhere) {
    certs::ofd::DocumentInput input = Input();
    move(&input);
    const Report report = SealAndVerify(input, SharedPki().identity);
    EXPECT_THAT(report.at(Layer::kReceipt).reasons, testing::ElementsAre("RECEIPT_OTHER_PLACE"));
    EXPECT_EQ(report.verdict, Verdict::kSealedOutsideTheLog) << Name(report.verdict);
  }
}

// Rule F11.
TEST_F(SealThiefTest, ASealOfAnotherNameOrCodeIsRefusedForThat) {
  const devpki::Institution& ours = SharedPki().institution;
  const auto seal_of = [](const std::string& code, const std::string& name) {
    return *devpki::MakeInstitutionSeal(SharedPki().hierarchy, {code, name, "云岭县"},
                                        FixtureNow());
  };
  const Report code = SealAndVerify(Input(), seal_of("12990000MA00000001", ours.name));
  EXPECT_THAT(code.at(Layer::kData).reasons, testing::ElementsAre("SIGNER_OF_OTHER_INSTITUTION"));
  EXPECT_EQ(code.verdict, Verdict::kForgedOrAltered);
  const Report name = SealAndVerify(Input(), seal_of(ours.code, "云岭市另一医院"));
  EXPECT_THAT(name.at(Layer::kData).reasons,
              testing::ElementsAre("SIGNER_OF_OTHER_INSTITUTION", "SEAL_OF_OTHER_INSTITUTION"));
  EXPECT_EQ(name.verdict, Verdict::kForgedOrAltered);
}

// A signature without a seal shows nobody a seal, whoever made it.
TEST_F(SealThiefTest, OurCertificateWithoutASealIsRefused) {
  const Report report = SealAndVerify(
      Input(), SharedPki().identity, [](Files*) {},
      [](tests::Sealing* sealing) {
        sealing->type = "Sign";
        sealing->value = [](const std::string& xml) {
          tests::RawSignedData data;
          data.outer_type = std::string(kOidGmSignedData);
          data.content_type = std::string(kOidGmData);
          data.content = xml;
          data.detached = true;
          data.signer = SharedPki().identity.signer;
          return tests::MakeSignedData(data);
        };
      });
  EXPECT_EQ(report.at(Layer::kSignature).result, LayerResult::kOk);
  ExpectForged(report, Layer::kSeal, "SEAL_MISSING");
  ExpectForged(report, Layer::kData, "SIGNER_OF_OTHER_INSTITUTION");
}

// Whoever may add a signature later may also take one away.
TEST_F(SealThiefTest, OurCertificateWithAListLeftOpenIsRefused) {
  const Report report = SealAndVerify(
      Input(), SharedPki().identity, [](Files*) {},
      [](tests::Sealing* sealing) { sealing->cover_list = false; });
  ExpectForged(report, Layer::kCoverage, "SIGNATURE_LIST_UNCOVERED");
}

}  // namespace
}  // namespace birthseal::signer
