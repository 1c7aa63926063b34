// SPDX-License-Identifier: Apache-2.0
// Signatures made with real keys and one thing wrong: each is refused for that thing.

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/der/der.h"
#include "signer/sealing/message_signer.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/electronic_seal.h"
#include "tests/signer/verify/openssl_oracle.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;
using tests::Pki;
using tests::Seal;
using tests::Sealing;
using tests::TestNow;

class ForgedSignaturesTest : public testing::Test {
 protected:
  Report Verify(const Sealing& sealing) const { return VerifyFile(Seal(sealing)); }
  Report VerifyFile(const std::string& file) const { return verifier_.Verify(file, TestNow()); }
  // `also`: what the one wrong thing breaks besides.
  static void ExpectForged(const Report& report, Layer layer, const std::string& reason,
                           const std::vector<Layer>& also = {}) {
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered) << Name(report.verdict);
    EXPECT_EQ(report.at(layer).result, LayerResult::kFailed) << Name(layer);
    EXPECT_THAT(report.at(layer).reasons, Contains(StartsWith(reason)));
    // One thing is wrong, so nothing else is said to be.
    std::vector<Layer> failed = {layer};
    failed.insert(failed.end(), also.begin(), also.end());
    EXPECT_EQ(FailedLayers(report), failed) << reason;
  }
  static std::vector<Layer> FailedLayers(const Report& report) {
    std::vector<Layer> failed;
    for (const LayerReport& layer : report.layers) {
      if (layer.result == LayerResult::kFailed) failed.push_back(layer.layer);
    }
    return failed;
  }
  // The parts of a seal again, signed by `maker` in the V4 way.
  static std::string Reseal(const ElectronicSeal& seal, const devpki::Identity& maker) {
    return FinishSeal(seal.signed_bytes, maker.certificate, SignWith(maker.key, seal.signed_bytes));
  }
  static ElectronicSeal InstitutionSeal() { return *ParseElectronicSeal(Pki().institution.seal); }

  const DocumentVerifier verifier_{tests::TrustPki()};
};

TEST_F(ForgedSignaturesTest, AnIntactTrustedForeignDocumentIsNotIssuedHere) {
  const Report report = Verify({});
  for (const LayerReport& layer : report.layers) {
    EXPECT_NE(layer.result, LayerResult::kFailed) << Name(layer.layer);
    EXPECT_THAT(layer.reasons, IsEmpty()) << Name(layer.layer);
  }
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere);
  EXPECT_EQ(report.signer_name, "云岭市测试妇幼保健院");
  EXPECT_THAT(report.notices, testing::ElementsAre("TIME_NOT_PROVEN"));
}

// Rule F5.
TEST_F(ForgedSignaturesTest, EmptyReferencesAreNotAVacuousPass) {
  Sealing sealing;
  sealing.empty_references = true;
  ExpectForged(Verify(sealing), Layer::kSignature, "REFERENCES_EMPTY");
}

TEST_F(ForgedSignaturesTest, TwoReferencesElementsAreRefused) {
  Sealing sealing;
  sealing.extra_references = "<ofd:References CheckMethod=\"SM3\"/>";
  ExpectForged(Verify(sealing), Layer::kSignature, "REFERENCES");
}

// Rule F5.
TEST_F(ForgedSignaturesTest, WeakOrAbsentCheckMethodsAreRefused) {
  for (const char* method : {"CheckMethod=\"MD5\"", "CheckMethod=\"SHA1\"", "",
                             "CheckMethod=\"1.2.156.10197.1.401.2\""}) {
    Sealing sealing;
    sealing.check_method = method;
    ExpectForged(Verify(sealing), Layer::kSignature, "SIGNATURE_CHECK_METHOD");
  }
}

// Rule F8.
TEST_F(ForgedSignaturesTest, NamesOfSm3AreAccepted) {
  for (const char* method :
       {"CheckMethod=\"SM3\"", "CheckMethod=\"sm3\"", "CheckMethod=\"1.2.156.10197.1.401.1\""}) {
    Sealing sealing;
    sealing.check_method = method;
    EXPECT_EQ(Verify(sealing).verdict, Verdict::kNotIssuedHere) << method;
  }
}

// Rule F8.
TEST_F(ForgedSignaturesTest, AMethodThatIsNotSm2IsRefused) {
  Sealing sealing;
  sealing.signature_method = "1.2.840.113549.1.1.11";
  ExpectForged(Verify(sealing), Layer::kSignature, "SIGNATURE_METHOD");
}

TEST_F(ForgedSignaturesTest, AValidSealUsedWithAnotherCertificateIsRefused) {
  const auto other = devpki::MakeInstitutionSeal(
      Pki().hierarchy, {"12990000MA00000001", "云岭市另一医院", "云岭市"}, TestNow());
  ASSERT_OK(other);
  Sealing sealing;
  sealing.signer = other->signer;
  ExpectForged(Verify(sealing), Layer::kSeal, "SIGNER_NOT_IN_SEAL");
}

// Rule F10.
TEST_F(ForgedSignaturesTest, ASelfMadeSealWithTheRightNameAndPictureIsNotTrusted) {
  const auto forger = devpki::MakeHierarchy(TestNow());
  ASSERT_OK(forger);
  Sealing sealing;
  sealing.seal = Reseal(InstitutionSeal(), forger->maker);
  const Report report = Verify(sealing);
  EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted);
  EXPECT_THAT(report.at(Layer::kCertificates).reasons, Contains("CHAIN_UNTRUSTED: seal maker"));
}

// Rule F10.
TEST_F(ForgedSignaturesTest, ASignerIsNoSealMaker) {
  Sealing sealing;
  sealing.seal = Reseal(InstitutionSeal(), Pki().institution.signer);
  EXPECT_EQ(Verify(sealing).verdict, Verdict::kIntactIssuerNotTrusted);
}

TEST_F(ForgedSignaturesTest, ASealWithItsMakerSwappedDoesNotHold) {
  const ElectronicSeal seal = InstitutionSeal();
  Sealing sealing;
  sealing.seal =
      FinishSeal(seal.signed_bytes, Pki().institution.signer.certificate, seal.signature);
  ExpectForged(Verify(sealing), Layer::kSeal, "SEAL_SIGNATURE_BROKEN", {Layer::kCertificates});
}

TEST_F(ForgedSignaturesTest, ASealSignedInTheV1WayInsideV4DoesNotHold) {
  const ElectronicSeal seal = InstitutionSeal();
  const devpki::Identity& maker = Pki().hierarchy.maker;
  const std::string v1 =
      der::Tlv(der::kSequence,
               absl::StrCat(seal.signed_bytes, der::Tlv(der::kOctetString, maker.certificate),
                            der::Oid("1.2.156.10197.1.501")));
  Sealing sealing;
  sealing.seal = FinishSeal(seal.signed_bytes, maker.certificate, SignWith(maker.key, v1));
  ExpectForged(Verify(sealing), Layer::kSeal, "SEAL_SIGNATURE_BROKEN");
}

// Rule F7.
TEST_F(ForgedSignaturesTest, ASealFileThatIsNotTheSealInsideIsRefused) {
  const auto other = devpki::MakeInstitutionSeal(
      Pki().hierarchy, {"12990000MA00000001", "云岭市另一医院", "云岭市"}, TestNow());
  ASSERT_OK(other);
  Sealing sealing;
  sealing.seal_file = other->seal;
  ExpectForged(Verify(sealing), Layer::kSeal, "SEAL_FILE_DIFFERS");
}

TEST_F(ForgedSignaturesTest, ASealUsedOutsideItsValidityIsNotTrusted) {
  Sealing sealing;
  sealing.time = TestNow() - absl::Hours(24 * 150);  // before the seal was made
  const Report report = Verify(sealing);
  EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted);
  EXPECT_THAT(report.at(Layer::kCertificates).reasons, Contains("SEAL_NOT_YET_VALID"));
}

TEST_F(ForgedSignaturesTest, ASigningTimeInTheFutureIsRefused) {
  Sealing sealing;
  sealing.time = TestNow() + absl::Hours(1);
  ExpectForged(Verify(sealing), Layer::kTime, "SIGNING_TIME_IN_FUTURE");
}

// Rule F9.
TEST_F(ForgedSignaturesTest, AStampOnNoPageOrOffThePageIsRefused) {
  Sealing no_page;
  no_page.page_ref = "77";
  ExpectForged(Verify(no_page), Layer::kSignature, "STAMP_PAGE");
  Sealing off_page;
  off_page.boundary = "190 10 40 40";
  ExpectForged(Verify(off_page), Layer::kSignature, "STAMP_BOUNDARY");
}

// Rule F4.
TEST_F(ForgedSignaturesTest, AnUnknownTypeIsRefused) {
  Sealing sealing;
  sealing.type = "Stamp";
  ExpectForged(Verify(sealing), Layer::kSignature, "SIGNATURE_TYPE");
}

TEST_F(ForgedSignaturesTest, RawSignaturesAreAcceptedAndReported) {
  Sealing sealing;
  sealing.raw_signature = true;
  const Report report = Verify(sealing);
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere);
  EXPECT_THAT(report.notices, Contains("SIGNATURE_RAW_RS"));
}

TEST_F(ForgedSignaturesTest, AnotherPathInPropertyInfoIsANotice) {
  Sealing sealing;
  sealing.property_info = "/Doc_0/Signs/Sign_1/Signature.xml";
  const Report report = Verify(sealing);
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere);
  EXPECT_THAT(report.notices, Contains("PROPERTY_INFO_OTHER_PATH"));
}

TEST_F(ForgedSignaturesTest, ReachableFilesLeftOutAreReported) {
  for (const char* path : {"OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"}) {
    Sealing sealing;
    sealing.left_out = {path};
    ExpectForged(Verify(sealing), Layer::kCoverage, absl::StrCat("UNCOVERED_FILE: ", path));
  }
}

TEST_F(ForgedSignaturesTest, AReferenceToAFileThatIsGoneIsRefused) {
  Sealing sealing;
  sealing.files["Doc_0/Extra.bin"] = "x";
  tests::Files files = tests::Unpack(Seal(sealing));
  files.erase("Doc_0/Extra.bin");
  ExpectForged(VerifyFile(tests::Pack(files)), Layer::kSignature,
               "REFERENCE_MISSING_FILE: Doc_0/Extra.bin");
}

TEST_F(ForgedSignaturesTest, ASignatureWhoseValueIsGoneIsRefused) {
  tests::Files files = tests::Unpack(Seal({}));
  files.erase("Doc_0/Signs/Sign_0/SignedValue.dat");
  ExpectForged(VerifyFile(tests::Pack(files)), Layer::kSignature, "SIGNATURE_VALUE");
}

// The files of a signature cover themselves, unless they are content as well.
TEST_F(ForgedSignaturesTest, AFileOfTheSignatureThatIsAlsoContentMustBeCovered) {
  Sealing sealing;
  tests::Replace("</ofd:DocID>",
                 "</ofd:DocID><ofd:Cover>Doc_0/Signs/Sign_0/SignedValue.dat</ofd:Cover>",
                 &sealing.files["OFD.xml"]);
  ExpectForged(Verify(sealing), Layer::kCoverage,
               "UNCOVERED_FILE: Doc_0/Signs/Sign_0/SignedValue.dat");
}

TEST_F(ForgedSignaturesTest, AListLeftOpenForMoreSignaturesIsANotice) {
  Sealing sealing;
  sealing.cover_list = false;
  const Report report = Verify(sealing);
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere);
  EXPECT_THAT(report.notices, Contains("SIGNATURE_LIST_UNCOVERED"));
}

// The same document signed by OpenSSL with the signer's key, under one user id or another.
TEST_F(ForgedSignaturesTest, TheEmptyUserIdIsNotOurs) {
  const devpki::Identity& signer = Pki().institution.signer;
  const EvpPkeyPtr key = tests::OpensslPrivateKey(signer.key->DangerouslyExportPkcs8());
  ASSERT_NE(key, nullptr);
  const auto signed_under = [&](const std::string& id) {
    Sealing sealing;
    sealing.value = [&, id](const std::string& xml) {
      const std::string tbs = ToBeSigned(Pki().institution.seal, TestNow(), certs::Sm3Of(xml), "/");
      return FinishSignature(tbs, signer.certificate, tests::OpensslSign(key.get(), id, tbs));
    };
    return Verify(sealing);
  };
  EXPECT_EQ(signed_under("1234567812345678").verdict, Verdict::kNotIssuedHere);
  for (const char* id : {"", "SM3", "1234567812345679"}) {
    SCOPED_TRACE(id);
    ExpectForged(signed_under(id), Layer::kSignature, "DOCUMENT_SIGNATURE_BROKEN");
  }
}

TEST_F(ForgedSignaturesTest, ASignatureOverTheBareDigestIsNotOurs) {
  Sealing sealing;
  sealing.value = [](const std::string& xml) {
    const devpki::Identity& signer = Pki().institution.signer;
    const std::string tbs = ToBeSigned(Pki().institution.seal, TestNow(), certs::Sm3Of(xml), "/");
    MessageSigner without_id(signer.key);
    return FinishSignature(tbs, signer.certificate, without_id.SignDigest(certs::Sm3Of(tbs)));
  };
  ExpectForged(Verify(sealing), Layer::kSignature, "DOCUMENT_SIGNATURE_BROKEN");
}

// Alone, without a document around them: what cannot be read is forged, in its own layer.
TEST_F(ForgedSignaturesTest, WhatIsNoSignatureOrNoSealIsForgedInItsOwnLayer) {
  const std::string value = Pki().institution.seal;
  for (const std::string& bytes : {std::string(), std::string("no DER"), value, value + "x"}) {
    ExpectForged(verifier_.VerifySignatureValue(bytes, TestNow()), Layer::kSignature, "SES_FORMAT");
  }
  for (const std::string& bytes : {std::string(), std::string("no DER"), value + "x"}) {
    ExpectForged(verifier_.VerifySeal(bytes, TestNow()), Layer::kSeal, "SES_FORMAT");
  }
  Sealing sealing;
  sealing.value = [](const std::string&) { return std::string("no DER"); };
  ExpectForged(Verify(sealing), Layer::kSignature, "SES_FORMAT");
}

TEST_F(ForgedSignaturesTest, ARevokedSignerFailsUnlessTheTimeIsProven) {
  // serial numbers of the development PKI are random: revoke by the certificate's own.
  VerifierTrust trust = tests::TrustPki();
  tests::RawCertificate raw;
  raw.serial = 4242;
  raw.not_before = TestNow() - absl::Hours(24 * 100);
  raw.not_after = TestNow() + absl::Hours(24 * 100);
  raw.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  raw.issuer = &Pki().hierarchy.signer_intermediate;
  const devpki::Identity signer{tests::MakeRaw(raw), raw.key};
  SealDraft draft;
  draft.vendor_id = "TEST";
  draft.seal_id = "1";
  draft.name = "测试章";
  draft.signer_certificates = {signer.certificate};
  draft.created = draft.valid_from = TestNow() - absl::Hours(24 * 90);
  draft.valid_until = TestNow() + absl::Hours(24 * 90);
  const std::string info = SealInfo(draft);
  const devpki::Identity& maker = Pki().hierarchy.maker;
  Sealing sealing;
  sealing.signer = signer;
  sealing.seal = FinishSeal(info, maker.certificate, SignWith(maker.key, info));
  sealing.time = TestNow() - absl::Hours(48);
  const std::string crl =
      tests::Pem("X509 CRL", tests::MakeCrl(Pki().hierarchy.signer_intermediate,
                                            TestNow() - absl::Hours(24), {raw.serial}));
  trust.signers = *TrustStore::FromPem(Pki().hierarchy.SignersPem(), crl);
  const DocumentVerifier verifier(trust);
  const Report report = verifier.Verify(Seal(sealing), TestNow());
  EXPECT_THAT(report.at(Layer::kCertificates).reasons, Contains("CERT_REVOKED: signer"));
  EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted);
}

}  // namespace
}  // namespace birthseal::signer
