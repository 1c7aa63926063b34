// SPDX-License-Identifier: Apache-2.0
// Seals and signature values made with real keys and one thing wrong in what the checks share:
// algorithms, versions, certificates, extensions, times. Each fails its own layer with its reason.

#include "signer/verify/trust_checks.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/der/der.h"
#include "signer/verify/document_verifier.h"
#include "tests/signer/verify/foreign_seal.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using tests::Beijing;
using tests::Numbered;
using tests::Pki;
using tests::SealOf;
using tests::SealStyle;
using tests::StatusIs;
using tests::TestNow;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr char kXml[] = "xml";

// A certificate of another kind, valid around the time of the tests.
devpki::Identity Certified(const devpki::Identity* issuer, const std::string& extensions,
                           KeyAlgorithm algorithm = KeyAlgorithm::kSm2, uint64_t serial = 4242) {
  tests::RawCertificate raw;
  raw.common_name = issuer == nullptr ? "测试根" : "测试签名者";
  raw.serial = serial;
  raw.not_before = TestNow() - 100 * kDay;
  raw.not_after = TestNow() + 100 * kDay;
  raw.extensions = extensions;
  raw.key = PrivateKey::Generate(algorithm);
  raw.issuer = issuer;
  return {tests::MakeRaw(raw), raw.key};
}

class TrustChecksTest : public testing::Test {
 protected:
  Report Value(const SealStyle& style) const {
    return verifier_.VerifySignatureValue(
        tests::ValueOf(style, SealOf(style), kXml, Beijing(TestNow())), TestNow());
  }
  static std::vector<std::string> Failed(const Report& report) {
    std::vector<std::string> failed;
    for (const LayerReport& layer : report.layers) {
      if (layer.result != LayerResult::kFailed) continue;
      for (const std::string& reason : layer.reasons) {
        failed.push_back(absl::StrCat(Name(layer.layer), " ", reason));
      }
    }
    return failed;
  }
  const DocumentVerifier verifier_{tests::TrustPki()};
};

TEST_F(TrustChecksTest, EachWrongPartFailsItsOwnLayer) {
  const devpki::Identity p256 =
      *devpki::MakeIdentity({{"某机构", "", "P-256"},
                             devpki::Use::kDocumentSigning,
                             TestNow() - 100 * kDay,
                             TestNow() + 100 * kDay},
                            KeyAlgorithm::kP256, &Pki().hierarchy.maker_intermediate);
  const std::string other_oid = "1.2.840.10045.4.3.2";  // ECDSA with SHA-256
  struct Row {
    const char* name;
    std::function<void(SealStyle*)> edit;
    std::vector<std::string> failed;
  };
  const Row rows[] = {
      {"nothing", [](SealStyle*) {}, {}},
      {"maker's key of P-256",
       [&](SealStyle* s) { s->maker = p256; },
       {"SEAL SEAL_SIGNATURE_BROKEN"}},
      {"maker's algorithm",
       [&](SealStyle* s) { s->maker_algorithm = other_oid; },
       {"SEAL SEAL_SIGNATURE_BROKEN"}},
      {"maker's certificate",
       [](SealStyle* s) { s->maker.certificate = "no certificate"; },
       {"SEAL SEAL_SIGNATURE_BROKEN", "CERTIFICATES CHAIN_UNTRUSTED: seal maker"}},
      {"signer's key of P-256",
       [&](SealStyle* s) { s->signer = p256; },
       {"SIGNATURE DOCUMENT_SIGNATURE_BROKEN", "CERTIFICATES CHAIN_UNTRUSTED: signer"}},
      {"signer's algorithm",
       [&](SealStyle* s) { s->signer_algorithm = other_oid; },
       {"SIGNATURE DOCUMENT_SIGNATURE_BROKEN"}},
      {"signer's certificate",
       [](SealStyle* s) { s->signer.certificate = "no certificate"; },
       {"SIGNATURE DOCUMENT_SIGNATURE_BROKEN", "CERTIFICATES CHAIN_UNTRUSTED: signer"}},
      {"a critical extension of the signature",
       [](SealStyle* s) {
         s->value_extensions =
             der::Tlv(der::kContext0, tests::SealExtensions(der::Tlv(der::kBoolean, "\xff")));
       },
       {"SIGNATURE SIGNATURE_CRITICAL_EXTENSION"}},
      {"an extension that is not critical",
       [](SealStyle* s) {
         s->value_extensions = der::Tlv(der::kContext0, tests::SealExtensions(""));
       },
       {}},
      {"the mark of the header", [](SealStyle* s) { s->mark = "EX"; }, {"SIGNATURE SES_FORMAT"}},
      {"validity that ends before it starts",
       [](SealStyle* s) { s->valid_until = s->valid_from - absl::Seconds(1); },
       {"SIGNATURE SES_FORMAT"}},
      {"a short digest",
       [](SealStyle* s) { s->value_hash = std::string(31, 'x'); },
       {"SIGNATURE SES_FORMAT"}},
      {"a long digest",
       [](SealStyle* s) { s->value_hash = std::string(33, 'x'); },
       {"SIGNATURE SES_FORMAT"}},
      {"another version than the seal's",
       [](SealStyle* s) { s->value_number = 5; },
       {"SIGNATURE SES_FORMAT"}},
  };
  for (const Row& row : rows) {
    SealStyle style = Numbered(4);
    row.edit(&style);
    EXPECT_THAT(Failed(Value(style)), testing::ElementsAreArray(row.failed)) << row.name;
  }
}

// Each is consistent in itself, and in numbers.
TEST_F(TrustChecksTest, ASignatureInTheFormOfAnotherVersionThanItsSealIsRefused) {
  SealStyle form = Numbered(1);
  form.value_number = 4;
  const std::string v4_as_v1 = tests::ValueOf(form, SealOf(Numbered(4)), kXml, Beijing(TestNow()));
  form = Numbered(4);
  form.value_number = 1;
  const std::string v1_as_v4 = tests::ValueOf(form, SealOf(Numbered(1)), kXml, "");
  for (const std::string& value : {v4_as_v1, v1_as_v4}) {
    EXPECT_THAT(ParseDocumentSignature(value),
                StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  }
}

TEST_F(TrustChecksTest, WhoseCertificateCannotBeReadHasNotSigned) {
  struct Row {
    KeyAlgorithm algorithm;
    const char *from, *to;
  };
  // A curve that the point is not on; a beginning of the validity that is no time. The rest can
  // be read.
  for (const Row& row :
       {Row{KeyAlgorithm::kP256, "\x48\xCE\x3D\x03\x01\x07", "\x48\xCE\x3D\x03\x01\x02"},
        Row{KeyAlgorithm::kSm2, "20260217202640Z", "2026021X202640Z"}}) {
    SealStyle style = Numbered(4);
    style.signer = Certified(&Pki().hierarchy.signer_intermediate, "", row.algorithm);
    tests::Replace(row.from, row.to, &style.signer.certificate);
    EXPECT_THAT(Failed(Value(style)), Contains("SIGNATURE DOCUMENT_SIGNATURE_BROKEN"));
  }
}

TEST_F(TrustChecksTest, ADocumentSignatureHoldsByTheCertificateItCarries) {
  SealStyle style = Numbered(4);
  auto signature = ParseDocumentSignature(tests::ValueOf(style, SealOf(style), kXml, ""));
  ASSERT_OK(signature);
  EXPECT_TRUE(DocumentSignatureHolds(*signature));
  signature->signer_certificate = "no certificate";
  EXPECT_FALSE(DocumentSignatureHolds(*signature));
  signature->signer_certificate = Pki().hierarchy.maker.certificate;
  EXPECT_FALSE(DocumentSignatureHolds(*signature));
}

TEST_F(TrustChecksTest, ASealUsedAfterItsEndIsNotTrusted) {
  SealStyle style = Numbered(4);
  style.valid_until = TestNow() - absl::Hours(2);  // signed an hour ago
  const Report report = Value(style);
  EXPECT_THAT(Failed(report), ElementsAre("CERTIFICATES SEAL_EXPIRED"));
  EXPECT_EQ(report.verdict, Verdict::kIntactIssuerNotTrusted);
}

TEST_F(TrustChecksTest, WhatASealMustNotBeUsedForSaysWhy) {
  const auto parsed = [](const SealStyle& style) { return *ParseElectronicSeal(SealOf(style)); };
  const auto trust = [&](const ElectronicSeal& seal, absl::Time at) {
    return verifier_.CheckSealTrust(seal, certs::Sm3Of(seal.bytes),
                                    Pki().institution.signer.certificate, at);
  };
  EXPECT_OK(trust(parsed(Numbered(4)), TestNow()));
  EXPECT_THAT(trust(parsed(Numbered(4)), TestNow() + 31 * kDay),
              StatusIs(absl::StatusCode::kFailedPrecondition, "SEAL_NOT_TRUSTED"));
}

// Good when it was used: that it has ended since is said and counts for nothing.
TEST_F(TrustChecksTest, ACertificateThatExpiredSinceIsNoFault) {
  const absl::Time later = TestNow() + 6 * 365 * kDay;  // the signer's ends after five years
  const Report report = verifier_.Verify(tests::Seal({}), later);
  EXPECT_THAT(Failed(report), IsEmpty());
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere) << Name(report.verdict);
  EXPECT_THAT(report.notices, Contains("CERT_EXPIRED_SINCE: signer"));
}

// With an authority for time stamps that is trusted, and one that is not.
class StampedTest : public TrustChecksTest {
 protected:
  StampedTest() {
    VerifierTrust trust = tests::TrustPki();
    trust.time_stamps = *TrustStore::FromPem(tests::Pem("CERTIFICATE", root_.certificate));
    trusting_ = std::make_unique<DocumentVerifier>(trust);
    const std::string crl = tests::Pem(
        "X509 CRL", tests::MakeCrl(Pki().hierarchy.signer_intermediate, TestNow() - kDay, {4242}));
    trust.signers = *TrustStore::FromPem(Pki().hierarchy.SignersPem(), crl);
    revoking_ = std::make_unique<DocumentVerifier>(trust);
  }
  // A V5 seal created at TestNow() - 30 days, stamped at `time`.
  static std::string Stamped(const devpki::Identity& authority, absl::Time time) {
    const std::string seal = SealOf(Numbered(5));
    const std::string token =
        tests::MakeToken(authority, ParseElectronicSeal(seal)->signature, time);
    absl::string_view whole = seal;
    return der::Tlv(der::kSequence, absl::StrCat(der::Read(&whole)->content,
                                                 der::Tlv(der::kContext0, der::BitString(token))));
  }

  const devpki::Identity root_ = Certified(nullptr, tests::CaExtensions());
  const devpki::Identity authority_ = Certified(&root_, tests::TimeStampUsage());
  std::unique_ptr<DocumentVerifier> trusting_, revoking_;
};

TEST_F(StampedTest, ASealIsNotCreatedAfterItsTimeStamp) {
  const absl::Time created = Numbered(5).created;
  const Report good = trusting_->VerifySeal(Stamped(authority_, created), TestNow());
  EXPECT_THAT(Failed(good), IsEmpty());
  EXPECT_THAT(good.notices, IsEmpty());
  const Report bad =
      trusting_->VerifySeal(Stamped(authority_, created - absl::Minutes(6)), TestNow());
  EXPECT_THAT(Failed(bad), ElementsAre("TIME SEAL_CREATED_AFTER_TIME_STAMP"));
  EXPECT_EQ(bad.verdict, Verdict::kForgedOrAltered);
}

TEST_F(StampedTest, AStampOfAnUnknownAuthoritySaysNothingAboutTheSeal) {
  const devpki::Identity other_root = Certified(nullptr, tests::CaExtensions());
  const devpki::Identity other = Certified(&other_root, tests::TimeStampUsage());
  for (const absl::Duration before : {absl::ZeroDuration(), absl::Hours(1)}) {
    const Report report =
        trusting_->VerifySeal(Stamped(other, Numbered(5).created - before), TestNow());
    EXPECT_THAT(Failed(report), IsEmpty());
    EXPECT_THAT(report.notices, ElementsAre("TIME_STAMP_AUTHORITY_UNTRUSTED"));
  }
}

// Whoever holds a revoked key may write any time into what he signs, but no one else's stamp.
TEST_F(StampedTest, ASignerRevokedSinceCountsUnlessAStampProvesTheTime) {
  const devpki::Identity signer = Certified(&Pki().hierarchy.signer_intermediate, "");
  SealStyle style = Numbered(4);
  style.signer = signer;
  tests::Sealing sealing;
  sealing.seal = SealOf(style);
  sealing.signer = signer;
  sealing.time = TestNow() - 2 * kDay;
  const Report alone = revoking_->Verify(tests::Seal(sealing), TestNow());
  EXPECT_THAT(Failed(alone), ElementsAre("CERTIFICATES CERT_REVOKED: signer"));
  // Nor may he wait until the certificate has ended.
  const Report later = revoking_->Verify(tests::Seal(sealing), TestNow() + 50 * 365 * kDay);
  EXPECT_THAT(Failed(later), ElementsAre("CERTIFICATES CERT_REVOKED: signer"));
  sealing.stamp = [&](const std::string& signature) {
    return tests::MakeToken(authority_, signature, sealing.time);
  };
  const Report stamped = revoking_->Verify(tests::Seal(sealing), TestNow());
  EXPECT_THAT(Failed(stamped), IsEmpty());
  EXPECT_THAT(stamped.notices, Contains("CERT_REVOKED_SINCE: signer"));
  EXPECT_THAT(stamped.notices, Not(Contains("TIME_NOT_PROVEN")));
  EXPECT_EQ(stamped.verdict, Verdict::kNotIssuedHere) << Name(stamped.verdict);
}

}  // namespace
}  // namespace birthseal::signer
