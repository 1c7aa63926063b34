// SPDX-License-Identifier: Apache-2.0
// Seals and signatures as other products write them, V1 to V5, made here with invented keys: what
// they hold is read, their signatures hold, and a document under them gets its verdict.

#include <string>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "signer/der/der.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/electronic_seal.h"
#include "tests/signer/verify/foreign_seal.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::Beijing;
using tests::Numbered;
using tests::Pki;
using tests::Sealing;
using tests::SealOf;
using tests::SealStyle;
using tests::StatusIs;
using tests::TestNow;
using tests::ValueOf;

std::string Sequence(const std::string& content) { return der::Tlv(der::kSequence, content); }
std::string Octets(const std::string& content) { return der::Tlv(der::kOctetString, content); }
std::string Text(const std::string& content) { return der::Tlv(der::kIa5, content); }
const devpki::Identity& Maker() { return Pki().hierarchy.maker; }
const devpki::Identity& Signer() { return Pki().institution.signer; }

class ForeignVersionsTest : public testing::Test {
 protected:
  Report Document(const SealStyle& style, const std::string& v1_time = Beijing(TestNow())) const {
    Sealing sealing;
    sealing.seal = SealOf(style);
    sealing.value = [&](const std::string& xml) {
      return ValueOf(style, sealing.seal, xml, v1_time);
    };
    return verifier_.Verify(tests::Seal(sealing), TestNow());
  }
  static void ExpectNothingFailed(const Report& report) {
    for (const LayerReport& layer : report.layers) {
      EXPECT_NE(layer.result, LayerResult::kFailed) << Name(layer.layer);
      EXPECT_THAT(layer.reasons, IsEmpty()) << Name(layer.layer);
    }
  }

  const DocumentVerifier verifier_{tests::TrustPki()};
};

TEST_F(ForeignVersionsTest, SealsOfEveryVersionAreReadAndTheirSignaturesHold) {
  for (const auto& [number, version] : {std::pair<int, int>{1, 1}, {2, 1}, {4, 4}, {5, 5}}) {
    SCOPED_TRACE(number);
    const auto seal = ParseElectronicSeal(SealOf(Numbered(number)));
    ASSERT_OK(seal);
    EXPECT_EQ(seal->version, version);
    EXPECT_EQ(seal->header_version, number);
    EXPECT_EQ(seal->name, "云岭市测试章");
    EXPECT_THAT(seal->signer_certificates, ElementsAre(Signer().certificate));
    EXPECT_TRUE(SealSignatureHolds(*seal));
    const Report report = verifier_.VerifySeal(seal->bytes, TestNow());
    EXPECT_EQ(report.format, absl::StrCat("SES V", version, " seal"));
    ExpectNothingFailed(report);
  }
  for (const int number : {0, 3, 6}) {
    EXPECT_THAT(ParseElectronicSeal(SealOf(Numbered(number))),
                StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"))
        << number;
  }
}

TEST_F(ForeignVersionsTest, DocumentsUnderSealsOfEveryVersionAreIntact) {
  for (const int number : {1, 2, 4, 5}) {
    SCOPED_TRACE(number);
    const Report report = Document(Numbered(number));
    ExpectNothingFailed(report);
    EXPECT_EQ(report.verdict, Verdict::kNotIssuedHere) << Name(report.verdict);
    EXPECT_EQ(report.format, absl::StrCat("SES V", number == 2 ? 1 : number));
  }
}

TEST_F(ForeignVersionsTest, ASealThatListsDigestsAllowsTheSignerOfThatDigestAlone) {
  for (const int number : {4, 5}) {
    SealStyle style = Numbered(number);
    style.list_type = 2;
    ExpectNothingFailed(Document(style));
    style.list_entry = Sequence(der::Tlv(der::kPrintable, "SM3") +
                                Octets(certs::Bytes(certs::Sm3Of("another certificate"))));
    const Report report = Document(style);
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
    EXPECT_THAT(report.at(Layer::kSeal).reasons, ElementsAre("SIGNER_NOT_IN_SEAL"));
    style.list_type = 3;
    EXPECT_FALSE(ParseElectronicSeal(SealOf(style)).ok());
  }
}

TEST_F(ForeignVersionsTest, V1ListsCertificatesInThreeForms) {
  SealStyle style = Numbered(1);
  for (const std::string& entry :
       {Octets(Signer().certificate), Text(Signer().certificate), Signer().certificate}) {
    style.list_entry = entry;
    ExpectNothingFailed(Document(style));
  }
  style.list_entry = der::Tlv(der::kUtf8, Signer().certificate);
  EXPECT_FALSE(ParseElectronicSeal(SealOf(style)).ok());
}

TEST_F(ForeignVersionsTest, TheTimeOfV1IsReadInEveryFormAndOtherwiseSaidToBeUnreadable) {
  const absl::Time time = absl::FromUnixSeconds(1'780'000'000 - 7200);
  const absl::TimeZone utc = absl::UTCTimeZone();
  for (const std::string& text :
       {Beijing(time), absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, utc),
        absl::FormatTime("%Y%m%d%H%M%SZ", time, utc), absl::FormatTime("%y%m%d%H%M%SZ", time, utc),
        der::GeneralizedTime(time)}) {
    const Report report = Document(Numbered(1), text);
    EXPECT_EQ(report.signing_time, time) << text;
    ExpectNothingFailed(report);
  }
  const Report report = Document(Numbered(1), "yesterday");
  EXPECT_EQ(report.at(Layer::kTime).result, LayerResult::kNotChecked);
  EXPECT_THAT(report.at(Layer::kTime).reasons, ElementsAre("SIGNING_TIME_UNREADABLE"));
}

TEST_F(ForeignVersionsTest, ASignatureOfOneVersionWithinAnotherDoesNotHold) {
  const std::string info = tests::SealInfoOf(Numbered(4)), v1 = tests::SealInfoOf(Numbered(1));
  const std::string certificate = Octets(Maker().certificate), oid = der::Oid(kOidSm2WithSm3);
  // V1 signed as V4: over the info alone.
  const auto bare = ParseElectronicSeal(Sequence(
      v1 + Sequence(absl::StrCat(certificate, oid, der::BitString(SignWith(Maker().key, v1))))));
  ASSERT_OK(bare);
  EXPECT_FALSE(SealSignatureHolds(*bare));
  // V4 in the arrangement of V1, and the other way.
  EXPECT_FALSE(ParseElectronicSeal(Sequence(info + Sequence(certificate + oid))).ok());
  EXPECT_FALSE(
      ParseElectronicSeal(
          Sequence(absl::StrCat(v1, certificate, oid, der::BitString(SignWith(Maker().key, v1)))))
          .ok());
}

TEST_F(ForeignVersionsTest, CriticalExtensionsOfASealAreRefusedAndOthersPassedOver) {
  const std::string no(der::Tlv(der::kBoolean, std::string(1, '\0')));
  const std::string yes(der::Tlv(der::kBoolean, "\xff"));
  for (const int number : {1, 4, 5}) {
    for (const bool tagged : {false, true}) {
      SealStyle style = Numbered(number);
      const auto extensions = [&](const std::string& boolean) {
        return tagged ? der::Tlv(der::kContext0, tests::SealExtensions(boolean))
                      : tests::SealExtensions(boolean);
      };
      for (const std::string& boolean : {std::string(), no}) {
        style.extensions = extensions(boolean);
        ExpectNothingFailed(Document(style));
      }
      style.extensions = extensions(yes);
      const Report report = Document(style);
      EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
      EXPECT_THAT(report.at(Layer::kSeal).reasons, ElementsAre("SEAL_CRITICAL_EXTENSION: 1.2.3.4"));
      style.extensions = extensions(der::Tlv(der::kBoolean, "\x01"));
      EXPECT_FALSE(ParseElectronicSeal(SealOf(style)).ok());
    }
  }
}

TEST_F(ForeignVersionsTest, ATimeStampOfASealIsReadInThreeFormsAndABrokenOneIsForged) {
  const std::string bits = der::BitString("no token");
  for (const std::string& field :
       {der::Tlv(der::kContext0, bits),
        der::Tlv(der::kContext0Primitive, std::string("\0no token", 9)), bits}) {
    SealStyle style = Numbered(5);
    style.time_stamp = field;
    const auto seal = ParseElectronicSeal(SealOf(style));
    ASSERT_OK(seal);
    EXPECT_EQ(seal->time_stamp, "no token");
    EXPECT_TRUE(SealSignatureHolds(*seal));
    const Report report = verifier_.VerifySeal(seal->bytes, TestNow());
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered);
    EXPECT_THAT(report.at(Layer::kTime).reasons, ElementsAre("TIME_STAMP_BROKEN"));
    EXPECT_THAT(report.at(Layer::kSeal).reasons, IsEmpty());
    style.number = 4;  // has no such field
    EXPECT_FALSE(ParseElectronicSeal(SealOf(style)).ok());
  }
}

TEST_F(ForeignVersionsTest, BytesBehindASealOrASignatureAreRefused) {
  for (const int number : {1, 4, 5}) {
    const SealStyle style = Numbered(number);
    EXPECT_FALSE(ParseElectronicSeal(SealOf(style) + std::string(1, '\0')).ok());
    EXPECT_FALSE(
        ParseDocumentSignature(ValueOf(style, SealOf(style), "x", Beijing(TestNow())) + "x").ok());
  }
}

TEST_F(ForeignVersionsTest, EveryFlippedBitOfTheSignaturesOfEveryVersionIsRefused) {
  for (const int number : {1, 4, 5}) {
    const SealStyle style = Numbered(number);
    const std::string whole = ValueOf(style, SealOf(style), "xml", Beijing(TestNow()));
    const auto good = ParseDocumentSignature(whole);
    ASSERT_OK(good);
    ASSERT_TRUE(DocumentSignatureHolds(*good) && SealSignatureHolds(good->seal));
    for (const std::string& signature : {good->signature, good->seal.signature}) {
      const size_t at = whole.find(signature);
      for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
        std::string bad = whole;
        bad[at + bit / 8] = static_cast<char>(bad[at + bit / 8] ^ (1 << (bit % 8)));
        const auto read = ParseDocumentSignature(bad);
        EXPECT_FALSE(read.ok() && DocumentSignatureHolds(*read)) << number << " bit " << bit;
      }
    }
  }
}

// Someone signed something, but the value does not say who.
TEST_F(ForeignVersionsTest, ABareSignatureValueIsNotVerifiableInEitherForm) {
  for (const bool raw : {false, true}) {
    Sealing sealing;
    sealing.type = "Sign";
    sealing.value = [&](const std::string& xml) {
      return raw ? std::string(64, '\7') : SignWith(Signer().key, xml);
    };
    const Report report = verifier_.Verify(tests::Seal(sealing), TestNow());
    EXPECT_EQ(report.verdict, Verdict::kNotVerifiable) << Name(report.verdict);
    EXPECT_EQ(report.format, "SM2");
    EXPECT_EQ(report.at(Layer::kSignature).result, LayerResult::kNotChecked);
    EXPECT_THAT(report.at(Layer::kSignature).reasons, Contains("SIGN_WITHOUT_CERTIFICATE"));
  }
  const std::string one = der::Integer(1);
  for (const std::string& neither :
       {std::string("neither"), std::string(63, '\7'), Sequence(Octets("r") + one),
        Sequence(one + Octets("s")), Sequence(one), Sequence(one + one + one),
        Sequence(one + one) + "x"}) {
    Sealing sealing;
    sealing.type = "Sign";
    sealing.value = [&](const std::string&) { return neither; };
    const Report report = verifier_.Verify(tests::Seal(sealing), TestNow());
    EXPECT_EQ(report.verdict, Verdict::kForgedOrAltered) << Name(report.verdict);
    EXPECT_THAT(report.at(Layer::kSignature).reasons, ElementsAre("SES_FORMAT"));
  }
}

}  // namespace
}  // namespace birthseal::signer
