// SPDX-License-Identifier: Apache-2.0
// Chains, validity, usage and revocation of SM2 certificates (GB/T 20518, RFC 5280).

#include "signer/verify/trust_store.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "signer/der/der.h"
#include "signer/devpki/dev_pki.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using devpki::Identity;
using tests::StatusIs;

class TrustStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = Make("测试根", nullptr, tests::CaExtensions());
    intermediate_ = Make("测试中间", &root_, tests::CaExtensions());
    pem_ = tests::Pem("CERTIFICATE", root_.certificate) +
           tests::Pem("CERTIFICATE", intermediate_.certificate);
  }

  Identity Make(const std::string& name, const Identity* issuer, const std::string& extensions,
                uint64_t serial = 1) {
    tests::RawCertificate raw;
    raw.common_name = name;
    raw.serial = serial;
    raw.not_before = now_ - absl::Hours(24 * 100);
    raw.not_after = now_ + absl::Hours(24 * 100);
    raw.extensions = extensions;
    raw.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
    raw.issuer = issuer;
    return {tests::MakeRaw(raw), raw.key};
  }
  // A leaf for signatures, usage c0.
  Identity Leaf(uint64_t serial = 9) {
    return Make("测试签名者", &intermediate_, tests::KeyUsage(std::string("\x06\xC0", 2)), serial);
  }
  std::shared_ptr<const TrustStore> Store(const std::string& crls = "") {
    auto store = TrustStore::FromPem(pem_, crls);
    EXPECT_OK(store);
    return *store;
  }
  static constexpr auto kRefused = absl::StatusCode::kUnauthenticated;

  const absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  Identity root_, intermediate_;
  std::string pem_;
};

TEST_F(TrustStoreTest, AChainThroughAnIntermediateIsTrusted) {
  EXPECT_OK(Store()->Check(Leaf().certificate, now_));
}

TEST_F(TrustStoreTest, AnEmptyStoreTrustsNobody) {
  const auto store = TrustStore::FromPem("");
  ASSERT_OK(store);
  EXPECT_TRUE((*store)->empty());
  EXPECT_THAT((*store)->Check(Leaf().certificate, now_), StatusIs(kRefused, "CHAIN_UNTRUSTED"));
}

// A view of no text has no address either.
TEST_F(TrustStoreTest, NoTextIsAnEmptyText) {
  const auto store = TrustStore::FromPem(absl::string_view(), absl::string_view());
  ASSERT_OK(store);
  EXPECT_TRUE((*store)->empty());
  const auto without_lists = TrustStore::FromPem(pem_, absl::string_view());
  ASSERT_OK(without_lists);
  EXPECT_OK((*without_lists)->Check(Leaf().certificate, now_));
}

TEST_F(TrustStoreTest, ALeafOfAnotherRootIsNotTrusted) {
  const Identity other = Make("测试根", nullptr, tests::CaExtensions());
  const Identity leaf = Make("测试签名者", &other, "");
  EXPECT_THAT(Store()->Check(leaf.certificate, now_), StatusIs(kRefused, "CHAIN_UNTRUSTED"));
}

TEST_F(TrustStoreTest, ALeafCannotIssue) {
  const Identity leaf = Leaf();
  const Identity below = Make("测试下级", &leaf, "");
  pem_ += tests::Pem("CERTIFICATE", leaf.certificate);
  EXPECT_THAT(Store()->Check(below.certificate, now_), StatusIs(kRefused, "CHAIN_UNTRUSTED"));
}

TEST_F(TrustStoreTest, ValidityIsJudgedAtTheGivenTime) {
  const auto store = Store();
  const std::string leaf = Leaf().certificate;
  EXPECT_THAT(store->Check(leaf, now_ - absl::Hours(24 * 101)),
              StatusIs(kRefused, "CERT_NOT_YET_VALID"));
  EXPECT_THAT(store->Check(leaf, now_ + absl::Hours(24 * 101)), StatusIs(kRefused, "CERT_EXPIRED"));
  EXPECT_OK(store->Check(leaf, now_));
}

TEST_F(TrustStoreTest, AKeyForEncryptionOnlyMayNotSign) {
  const Identity leaf =
      Make("测试加密者", &intermediate_, tests::KeyUsage(std::string("\x04\x30", 2)));
  EXPECT_THAT(Store()->Check(leaf.certificate, now_), StatusIs(kRefused, "CERT_KEY_USAGE"));
}

TEST_F(TrustStoreTest, WrongUnusedBitsOfKeyUsageAreForgiven) {
  const Identity leaf =
      Make("测试签名者", &intermediate_, tests::KeyUsage(std::string("\x00\xC0", 2)));
  EXPECT_OK(Store()->Check(leaf.certificate, now_));
}

TEST_F(TrustStoreTest, AnUnknownCriticalExtensionFailsAndAnUncriticalOneDoesNot) {
  for (const bool critical : {true, false}) {
    const Identity leaf =
        Make("测试签名者", &intermediate_,
             tests::Extension("1.2.86.11.7.1", critical, std::string("\x05\0", 2)));
    const absl::Status status = Store()->Check(leaf.certificate, now_);
    if (critical) {
      EXPECT_THAT(status, StatusIs(kRefused, "CERT_CRITICAL_EXTENSION"));
    } else {
      EXPECT_OK(status);
    }
  }
}

TEST_F(TrustStoreTest, ARevokedCertificateIsRefusedFromTheDayItWasRevoked) {
  const auto store =
      Store(tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, now_ - absl::Hours(48), {9})));
  const std::string revoked = Leaf(9).certificate;
  EXPECT_THAT(store->Check(revoked, now_), StatusIs(kRefused, "CERT_REVOKED"));
  EXPECT_OK(store->Check(revoked, now_ - absl::Hours(72)));
  EXPECT_OK(store->Check(Leaf(10).certificate, now_));
}

TEST_F(TrustStoreTest, ARevokedCertificateStaysRevokedWhenItHasExpired) {
  const auto store =
      Store(tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, now_ - absl::Hours(48), {9})));
  const absl::Time after = now_ + absl::Hours(24 * 101);
  EXPECT_THAT(store->Check(Leaf(9).certificate, after), StatusIs(kRefused, "CERT_REVOKED"));
  EXPECT_THAT(store->Check(Leaf(10).certificate, after), StatusIs(kRefused, "CERT_EXPIRED"));
}

TEST_F(TrustStoreTest, ARevokedIntermediateTakesItsLeavesWithIt) {
  const auto store =
      Store(tests::Pem("X509 CRL", tests::MakeCrl(root_, now_ - absl::Hours(48), {1})));
  EXPECT_THAT(store->Check(Leaf().certificate, now_), StatusIs(kRefused, "CERT_REVOKED"));
}

TEST_F(TrustStoreTest, ACrlThatItsIssuerDidNotSignIsRefused) {
  Identity forger = Make("测试中间", nullptr, tests::CaExtensions());
  const std::string crl = tests::MakeCrl(forger, now_, {9});
  EXPECT_THAT(TrustStore::FromPem(pem_, tests::Pem("X509 CRL", crl)),
              StatusIs(absl::StatusCode::kInvalidArgument, "CRL_SIGNATURE"));
}

// Whoever shares the issuer's name and key but may not sign lists, revokes nobody.
TEST_F(TrustStoreTest, ACrlOfAnIssuerThatMayNotSignListsIsRefused) {
  const std::string ca =
      tests::Extension("2.5.29.19", true, std::string("\x30\x03\x01\x01\xff", 5));
  for (const char* usage : {"\x02\x04" /* keyCertSign */, "\x06\xC0" /* signatures */}) {
    const Identity issuer = Make("测试仅签发证书", &root_, ca + tests::KeyUsage(usage));
    const std::string crl = tests::Pem("X509 CRL", tests::MakeCrl(issuer, now_, {9}));
    pem_ += tests::Pem("CERTIFICATE", issuer.certificate);
    EXPECT_THAT(TrustStore::FromPem(pem_, crl),
                StatusIs(absl::StatusCode::kInvalidArgument, "CRL_SIGNATURE"));
  }
}

TEST_F(TrustStoreTest, ACrlOfAnIssuerThatIsNotInTheStoreIsRefused) {
  const Identity stranger = Make("测试外人", nullptr, tests::CaExtensions());
  const Identity below = Make("测试外人中间", &stranger, tests::CaExtensions());
  for (const Identity& issuer : {stranger, below}) {
    EXPECT_THAT(
        TrustStore::FromPem(pem_, tests::Pem("X509 CRL", tests::MakeCrl(issuer, now_, {9}))),
        StatusIs(absl::StatusCode::kInvalidArgument, "CRL_SIGNATURE"));
  }
}

TEST_F(TrustStoreTest, OfTwoListsTheEarlierRevocationCountsInEitherOrder) {
  const absl::Time early = now_ - absl::Hours(72), late = now_ - absl::Hours(24);
  const std::string earlier = tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, early, {9}));
  const std::string later = tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, late, {9, 10}));
  for (const std::string& lists : {earlier + later, later + earlier}) {
    const auto store = Store(lists);
    const std::string both = Leaf(9).certificate, late_only = Leaf(10).certificate;
    EXPECT_OK(store->Check(both, now_ - absl::Hours(96)));
    EXPECT_THAT(store->Check(both, now_ - absl::Hours(48)), StatusIs(kRefused, "CERT_REVOKED"));
    EXPECT_OK(store->Check(late_only, now_ - absl::Hours(48)));
    EXPECT_THAT(store->Check(late_only, now_), StatusIs(kRefused, "CERT_REVOKED"));
  }
}

// Another certificate of the intermediate's name, which stands first in the store and is not valid
// at the time that is asked about.
TEST_F(TrustStoreTest, ARenewedAuthorityServesItsLeavesWhicheverCertificateStandsFirst) {
  const absl::Duration day = absl::Hours(24);
  const std::string unknown =
      tests::CaExtensions() + tests::Extension("1.2.86.11.7.1", true, std::string("\x05\0", 2));
  struct Row {
    const char* what;
    bool same_key;
    std::string extensions;
    absl::Time from, until, at;
  };
  const absl::Time long_ago = now_ - 400 * day, then = now_ - 50 * day;
  for (const Row& row : std::vector<Row>{
           {"expired", true, tests::CaExtensions(), long_ago, then, now_},
           {"yet to come", true, tests::CaExtensions(), now_, now_ + 50 * day, then},
           {"expired, of another key", false, tests::CaExtensions(), long_ago, then, now_},
           {"yet to come, of another key", false, tests::CaExtensions(), now_, now_ + 50 * day,
            then},
           {"expired, with an unknown critical extension", true, unknown, long_ago, then, now_}}) {
    SCOPED_TRACE(row.what);
    tests::RawCertificate other;
    other.common_name = "测试中间";
    other.serial = 77;
    other.not_before = row.from;
    other.not_after = row.until;
    other.extensions = row.extensions;
    other.key = row.same_key ? intermediate_.key : PrivateKey::Generate(KeyAlgorithm::kSm2);
    other.issuer = &root_;
    const auto store = TrustStore::FromPem(
        tests::Pem("CERTIFICATE", tests::MakeRaw(other)) + pem_,
        tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, now_ - 90 * day, {10})));
    ASSERT_OK(store);
    const std::string leaf = Leaf(9).certificate, revoked = Leaf(10).certificate;
    for (int times = 0; times < 2; ++times) {  // what is remembered says the same
      EXPECT_OK((*store)->Check(leaf, row.at));
      EXPECT_THAT((*store)->Check(revoked, row.at), StatusIs(kRefused, "CERT_REVOKED"));
      EXPECT_THAT((*store)->Check(leaf, now_ + 101 * day), StatusIs(kRefused, "CERT_EXPIRED"));
    }
  }
}

TEST_F(TrustStoreTest, GarbageIsNoCertificate) {
  EXPECT_THAT(Store()->Check("garbage", now_), StatusIs(kRefused, "CHAIN_UNTRUSTED"));
  EXPECT_THAT(Store()->Check("", now_), StatusIs(kRefused, "CHAIN_UNTRUSTED"));
}

TEST_F(TrustStoreTest, GarbageIsNoList) {
  const std::string good = tests::Pem("X509 CRL", tests::MakeCrl(intermediate_, now_, {9}));
  const std::string bad = tests::Pem("X509 CRL", "garbage");
  for (const std::string& lists : {bad, good + bad, good.substr(0, good.size() / 2)}) {
    EXPECT_THAT(TrustStore::FromPem(pem_, lists),
                StatusIs(absl::StatusCode::kInvalidArgument, "CRL"));
  }
}

// OpenSSL reads a length in any form, and what is signed is what stands there.
TEST_F(TrustStoreTest, AListThatIsNoStrictDerIsRefused) {
  const std::string crl = tests::MakeCrl(intermediate_, now_, {9});
  absl::string_view whole = crl;
  absl::string_view parts = der::Read(&whole)->content;
  const std::string signed_part(der::Read(&parts)->content);
  const std::string algorithm(der::Read(&parts)->whole);
  const auto list = [&](const std::string& to_be_signed) {
    const std::string signature = SignWith(intermediate_.key, to_be_signed);
    return tests::Pem(
        "X509 CRL",
        der::Tlv(der::kSequence, absl::StrCat(to_be_signed, algorithm, der::BitString(signature))));
  };
  EXPECT_OK(TrustStore::FromPem(pem_, list(der::Tlv(der::kSequence, signed_part))));
  const std::string padded = absl::StrCat(
      "\x30\x84", std::string(2, '\0'), std::string(1, static_cast<char>(signed_part.size() >> 8)),
      std::string(1, static_cast<char>(signed_part.size())), signed_part);
  EXPECT_THAT(TrustStore::FromPem(pem_, list(padded)),
              StatusIs(absl::StatusCode::kInvalidArgument, "CRL_SIGNATURE"));
}

TEST_F(TrustStoreTest, GarbageIsNoStore) {
  EXPECT_THAT(TrustStore::FromPem(tests::Pem("CERTIFICATE", "garbage")),
              StatusIs(absl::StatusCode::kInvalidArgument, "TRUST_CERTIFICATE"));
}

}  // namespace
}  // namespace birthseal::signer
