// SPDX-License-Identifier: Apache-2.0
// Time stamps over the signature value, and Type=Sign signatures of GB/T 35275.

#include <string>

#include "absl/strings/escaping.h"
#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/document_verifier.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::ElementsAre;
using tests::Pki;
using tests::Seal;
using tests::Sealing;
using tests::TestNow;

devpki::Identity Authority(const std::string& extensions, const devpki::Identity* issuer) {
  tests::RawCertificate raw;
  raw.common_name = issuer == nullptr ? "测试时间根" : "测试时间戳";
  raw.not_before = TestNow() - absl::Hours(24 * 100);
  raw.not_after = TestNow() + absl::Hours(24 * 100);
  raw.extensions = extensions;
  raw.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  raw.issuer = issuer;
  return {tests::MakeRaw(raw), raw.key};
}

class TimeStampTest : public testing::Test {
 protected:
  TimeStampTest() : verifier_(Trust()) {}
  VerifierTrust Trust() const {
    VerifierTrust trust = tests::TrustPki();
    trust.time_stamps = *TrustStore::FromPem(tests::Pem("CERTIFICATE", root_.certificate));
    return trust;
  }
  Report Verify(const std::function<std::string(const std::string&)>& stamp) const {
    Sealing sealing;
    sealing.stamp = stamp;
    return verifier_.Verify(Seal(sealing), TestNow());
  }
  static void ExpectBroken(const Report& report) {
    EXPECT_THAT(report.at(Layer::kTime).reasons, ElementsAre("TIME_STAMP_BROKEN"));
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
  }

  const devpki::Identity root_ = Authority(tests::CaExtensions(), nullptr);
  const devpki::Identity authority_ = Authority(tests::TimeStampUsage(), &root_);
  const DocumentVerifier verifier_;
};

TEST_F(TimeStampTest, AGoodTokenProvesTheTime) {
  const Report report = Verify([&](const std::string& signed_value) {
    return tests::MakeToken(authority_, signed_value, TestNow());
  });
  EXPECT_EQ(report.at(Layer::kTime).result, LayerResult::kOk);
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere);
  EXPECT_THAT(report.notices, testing::Not(Contains("TIME_NOT_PROVEN")));
}

TEST_F(TimeStampTest, ATokenOverOtherBytesIsBroken) {
  ExpectBroken(
      Verify([&](const std::string&) { return tests::MakeToken(authority_, "other", TestNow()); }));
}

TEST_F(TimeStampTest, DummyBytesAreBroken) {
  ExpectBroken(Verify([](const std::string&) { return std::string("\x01\x02\x03", 3); }));
}

TEST_F(TimeStampTest, ATokenWithAFlippedSignatureIsBroken) {
  ExpectBroken(Verify([&](const std::string& signed_value) {
    std::string token = tests::MakeToken(authority_, signed_value, TestNow());
    token.back() = static_cast<char>(token.back() ^ 1);
    return token;
  }));
}

TEST_F(TimeStampTest, ACertificateThatIsNotForTimeStampsIsBroken) {
  const devpki::Identity other = Authority("", &root_);
  ExpectBroken(Verify([&](const std::string& signed_value) {
    return tests::MakeToken(other, signed_value, TestNow());
  }));
}

TEST_F(TimeStampTest, AnUnknownAuthorityProvesNothing) {
  const devpki::Identity other_root = Authority(tests::CaExtensions(), nullptr);
  const devpki::Identity other = Authority(tests::TimeStampUsage(), &other_root);
  const Report report = Verify([&](const std::string& signed_value) {
    return tests::MakeToken(other, signed_value, TestNow());
  });
  EXPECT_THAT(report.notices, Contains("TIME_STAMP_AUTHORITY_UNTRUSTED"));
}

TEST_F(TimeStampTest, ATimeAfterItsStampIsRefused) {
  const Report report = Verify([&](const std::string& signed_value) {
    return tests::MakeToken(authority_, signed_value, TestNow() - absl::Hours(3));
  });
  EXPECT_THAT(report.at(Layer::kTime).reasons, ElementsAre("SIGNED_AFTER_TIME_STAMP"));
}

class SignTypeTest : public testing::Test {
 protected:
  // Signs a document in the way `shape` fills in, from Signature.xml.
  Report Verify(const std::function<void(const std::string&, tests::RawSignedData*)>& shape) const {
    Sealing sealing;
    sealing.type = "Sign";
    sealing.value = [&](const std::string& xml) {
      tests::RawSignedData data;
      data.outer_type = std::string(kOidGmSignedData);
      data.content_type = std::string(kOidGmData);
      data.signer = Pki().institution.signer;
      shape(xml, &data);
      return tests::MakeSignedData(data);
    };
    return verifier_.Verify(Seal(sealing), TestNow());
  }
  const DocumentVerifier verifier_{tests::TrustPki()};
};

TEST_F(SignTypeTest, VariantASignsAttributesOverTheXml) {
  const Report report = Verify([](const std::string& xml, tests::RawSignedData* data) {
    data->content = xml;
    data->detached = true;
  });
  EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere) << Name(report.verdict);
  EXPECT_EQ(report.format, "GB/T 35275");
}

TEST_F(SignTypeTest, VariantBSignsTheDigestAsContentWithRawValues) {
  for (const bool base64 : {false, true}) {
    const Report report = Verify([&](const std::string& xml, tests::RawSignedData* data) {
      const std::string digest = certs::Bytes(certs::Sm3Of(xml));
      data->content = base64 ? absl::Base64Escape(digest) : digest;
      data->attributes = false;
      data->raw_signature = true;
    });
    EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere) << Name(report.verdict);
    EXPECT_THAT(report.notices, Contains("SIGNATURE_RAW_RS"));
  }
}

TEST_F(SignTypeTest, ASignatureOverAnotherXmlIsForged) {
  for (const bool attributes : {false, true}) {
    const Report report = Verify([&](const std::string&, tests::RawSignedData* data) {
      data->content = attributes ? "other" : certs::Bytes(certs::Sm3Of("other"));
      data->detached = attributes;
      data->attributes = attributes;
    });
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
    EXPECT_THAT(report.at(Layer::kSignature).reasons, ElementsAre("DOCUMENT_SIGNATURE_BROKEN"));
  }
}

TEST_F(SignTypeTest, WithoutItsCertificateASignatureIsNotVerifiable) {
  const Report report = Verify([](const std::string& xml, tests::RawSignedData* data) {
    data->content = xml;
    data->detached = true;
    data->with_certificate = false;
  });
  EXPECT_EQ(report.verdict, Verdict::kNotVerifiable);
}

}  // namespace
}  // namespace birthseal::signer
