// SPDX-License-Identifier: Apache-2.0
// Time stamp tokens and SignedData with one thing wrong, each signed anew by a real key.

#include "signer/verify/time_stamp.h"

#include <functional>
#include <string>

#include "certs/digest.h"
#include "gtest/gtest.h"
#include "signer/der/der.h"
#include "signer/der/ses_oids.h"
#include "signer/verify/signed_data.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/signer/verify/sealed_package.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::RawSignedData;
using tests::RawTstInfo;
using tests::SignedAttribute;
using tests::StatusIs;
using tests::TestNow;

constexpr char kStamped[] = "a signature value";
const std::string kSha256(kOidSha256);

std::string Octets(const std::string& content) { return der::Tlv(der::kOctetString, content); }
// contentType and messageDigest.
std::string Attributes(const std::string& type, const std::string& digest) {
  return SignedAttribute(std::string(kOidContentType), der::Oid(type)) +
         SignedAttribute(std::string(kOidMessageDigest), Octets(digest));
}

devpki::Identity Authority(KeyAlgorithm algorithm, const std::string& extensions) {
  tests::RawCertificate raw;
  raw.common_name = "测试时间戳";
  raw.not_before = TestNow() - absl::Hours(24);
  raw.not_after = TestNow() + absl::Hours(24);
  raw.extensions = extensions;
  raw.key = PrivateKey::Generate(algorithm);
  return {tests::MakeRaw(raw), raw.key};
}
const devpki::Identity& Sm2Authority() {
  static const auto* const made =
      new devpki::Identity(Authority(KeyAlgorithm::kSm2, tests::TimeStampUsage()));
  return *made;
}
const devpki::Identity& P256Authority() {
  static const auto* const made =
      new devpki::Identity(Authority(KeyAlgorithm::kP256, tests::TimeStampUsage()));
  return *made;
}

// A good token, but for what the edits do before each signature.
std::string Token(const std::function<void(RawTstInfo*)>& edit_info,
                  const std::function<void(RawSignedData*)>& edit_data) {
  RawTstInfo info;
  info.imprint = certs::Bytes(certs::Sm3Of(kStamped));
  info.time = "20260601020304.25Z";
  if (edit_info) edit_info(&info);
  RawSignedData data;
  data.outer_type = std::string(kOidPkcs7SignedData);
  data.content_type = std::string(kOidTstInfo);
  data.content = tests::MakeTstInfo(info);
  data.signer = Sm2Authority();
  if (edit_data) edit_data(&data);
  return tests::MakeSignedData(data);
}

struct Row {
  const char* name;
  std::function<void(RawTstInfo*)> info;
  std::function<void(RawSignedData*)> data;
};

TEST(TimeStampTokenTest, GoodTokensProveTheirTimeAndNameTheirAuthority) {
  const Row good[] = {
      {"as it is", {}, {}},
      {"version 2", [](RawTstInfo* info) { info->version = 2; }, {}},
      {"imprint by SHA-256",
       [](RawTstInfo* info) {
         info->imprint_algorithm = kSha256;
         info->imprint = DigestBy(kSha256, kStamped);
       },
       {}},
      {"outer type of GB/T 35275",
       {},
       [](RawSignedData* data) { data->outer_type = std::string(kOidGmSignedData); }},
      {"raw signature", {}, [](RawSignedData* data) { data->raw_signature = true; }},
  };
  for (const Row& row : good) {
    const auto stamp = CheckTimeStamp(Token(row.info, row.data), kStamped);
    ASSERT_OK(stamp) << row.name;
    EXPECT_EQ(stamp->time, absl::FromUnixMillis(1'780'279'384'250)) << row.name;
    EXPECT_EQ(stamp->certificate, Sm2Authority().certificate) << row.name;
  }
  const std::string p256 = Token({}, [](RawSignedData* data) {
    data->signer = P256Authority();
    data->digest_algorithm = kSha256;
  });
  EXPECT_OK(CheckTimeStamp(p256, kStamped));
}

TEST(TimeStampTokenTest, ATokenWithOneThingWrongIsBroken) {
  const std::string no_digest = "1.2.3.4";
  const Row bad[] = {
      {"version 0", [](RawTstInfo* info) { info->version = 0; }, {}},
      {"version 3", [](RawTstInfo* info) { info->version = 3; }, {}},
      {"no time", [](RawTstInfo* info) { info->time = "yesterday"; }, {}},
      {"a local time", [](RawTstInfo* info) { info->time = "20260601020304"; }, {}},
      {"imprint of other bytes",
       [](RawTstInfo* info) { info->imprint = certs::Bytes(certs::Sm3Of("other")); },
       {}},
      {"an imprint by nobody knows what",
       [&](RawTstInfo* info) {
         info->imprint_algorithm = no_digest;
         info->imprint.clear();
       },
       {}},
      {"content that is called data",
       {},
       [](RawSignedData* data) { data->content_type = std::string(kOidPkcs7Data); }},
      {"content that is no TSTInfo", {}, [](RawSignedData* data) { data->content = "TSTInfo"; }},
      {"detached", {}, [](RawSignedData* data) { data->detached = true; }},
      {"no attributes", {}, [](RawSignedData* data) { data->attributes = false; }},
      {"no certificate", {}, [](RawSignedData* data) { data->with_certificate = false; }},
      {"another outer type",
       {},
       [](RawSignedData* data) { data->outer_type = std::string(kOidPkcs7Data); }},
      {"attributes of another content type",
       {},
       [](RawSignedData* data) {
         data->write_attributes = [](const std::string&, const std::string& digest) {
           return Attributes(std::string(kOidPkcs7Data), digest);
         };
       }},
      {"the digest of another content",
       {},
       [](RawSignedData* data) {
         data->write_attributes = [](const std::string& type, const std::string&) {
           return Attributes(type, certs::Bytes(certs::Sm3Of("other")));
         };
       }},
      {"the content type twice",
       {},
       [](RawSignedData* data) {
         data->write_attributes = [](const std::string& type, const std::string& digest) {
           return SignedAttribute(std::string(kOidContentType), der::Oid(kOidPkcs7Data)) +
                  Attributes(type, digest);
         };
       }},
      {"two digests",
       {},
       [](RawSignedData* data) {
         data->write_attributes = [](const std::string& type, const std::string& digest) {
           return SignedAttribute(std::string(kOidMessageDigest), Octets("other")) +
                  Attributes(type, digest);
         };
       }},
      // An unknown algorithm gives no digest; an empty one must not be taken for equal to it.
      {"a digest by nobody knows what",
       {},
       [&](RawSignedData* data) { data->digest_algorithm = no_digest; }},
      {"SHA-256 under a key of SM2",
       {},
       [](RawSignedData* data) { data->digest_algorithm = kSha256; }},
      {"SM3 under a key of P-256", {}, [](RawSignedData* data) { data->signer = P256Authority(); }},
      {"a certificate for something else",
       {},
       [](RawSignedData* data) {
         const std::string usage = der::Tlv(der::kSequence, der::Oid("1.3.6.1.5.5.7.3.1"));
         data->signer = Authority(KeyAlgorithm::kSm2, tests::Extension("2.5.29.37", true, usage));
       }},
      {"a certificate for everything",
       {},
       [](RawSignedData* data) { data->signer = Authority(KeyAlgorithm::kSm2, ""); }},
  };
  const auto is_broken = StatusIs(absl::StatusCode::kInvalidArgument, "TIME_STAMP_BROKEN");
  for (const Row& row : bad) {
    EXPECT_THAT(CheckTimeStamp(Token(row.info, row.data), kStamped), is_broken) << row.name;
  }
  const std::string good = Token({}, {});
  for (const std::string& bytes : {std::string(), std::string("no token"), good + "x"}) {
    EXPECT_THAT(CheckTimeStamp(bytes, kStamped), is_broken);
  }
  EXPECT_THAT(CheckTimeStamp(good, "another value"), is_broken);
}

// Type=Sign: attributes over the detached XML, or the digest as content without attributes.
TEST(SignedDataTest, AContentBesideAttributesIsNoSignatureOfADocument) {
  RawSignedData data;
  data.outer_type = std::string(kOidGmSignedData);
  data.content_type = std::string(kOidGmData);
  data.content = "<xml/>";
  data.signer = tests::Pki().institution.signer;
  const auto holds = [&] {
    const auto read = ParseSignedData(tests::MakeSignedData(data));
    return read.ok() && OfdSignHolds(*read, "<xml/>");
  };
  EXPECT_FALSE(holds());
  data.detached = true;
  EXPECT_TRUE(holds());
  data.attributes = false;
  EXPECT_FALSE(holds());
}

}  // namespace
}  // namespace birthseal::signer
