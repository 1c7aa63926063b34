// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/qr_token.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

QrToken Token() {
  return {0x0102, LogEpoch(3), StatusIndex(0x0405060708), "fingerpr", std::string(64, '\x5a')};
}

std::string Text() { return QrText("birthseal.example", Token()); }

TEST(QrToken, SaysWhatWasPutIn) {
  const auto token = ParseQrText(Text());
  ASSERT_OK(token);
  EXPECT_EQ(token->key_id, 0x0102);
  EXPECT_EQ(token->log_epoch, LogEpoch(3));
  EXPECT_EQ(token->status_index, StatusIndex(0x0405060708));
  EXPECT_EQ(token->fingerprint, "fingerpr");
  EXPECT_EQ(token->signature, std::string(64, '\x5a'));
}

// Byte for byte as the header says, base32 by hand.
TEST(QrToken, IsEightyTwoBytesInBase32BehindTheHost) {
  const std::string text = Text();
  EXPECT_TRUE(absl::StartsWith(text, "HTTPS://BIRTHSEAL.EXAMPLE/B/"));
  const std::string code = text.substr(text.rfind('/') + 1);
  EXPECT_EQ(code.size(), 132u);
  // 01 01 02 00 03 | 04 05 06 07 08 | "finge" | "rpr" 5a 5a | 5a 5a 5a 5a 5a ...
  EXPECT_TRUE(absl::StartsWith(code, "AEAQEAADAQCQMBYIMZUW4Z3FOJYHEWS2LJNFUWS2")) << code;
}

TEST(QrToken, SignsTheDomainAndAllButTheSignature) {
  EXPECT_EQ(QrSignedBytes(Token()),
            absl::StrCat("birthseal/qr/v1", absl::string_view("\0", 1),
                         absl::string_view("\1\1\2\0\3\4\5\6\7\10", 10), "fingerpr"));
}

TEST(QrToken, TheHostAndTheCaseOfLettersSayNothing) {
  const std::string text = Text();
  const std::string code = text.substr(text.rfind('/') + 1);
  for (const std::string& same :
       {"https://another.host:8443/b/" + code, absl::AsciiStrToLower(text), " " + text + "\r\n"}) {
    const auto token = ParseQrText(same);
    ASSERT_OK(token) << same;
    EXPECT_EQ(QrText("birthseal.example", *token), text);
  }
}

TEST(QrToken, RefusesWhatIsNotItsForm) {
  const std::string code = Text().substr(Text().rfind('/') + 1);
  for (const std::string& other :
       {std::string(), std::string("A990000001"), "BS1:" + code, "HTTP://HOST/B/" + code,
        "HTTPS:///B/" + code, "HTTPS://HOST/C/" + code, "HTTPS://HO ST/B/" + code,
        "HTTPS://HOST/X/B/" + code, std::string("HTTPS://HOST")}) {
    EXPECT_THAT(ParseQrText(other), StatusIs(kInvalid, "QR_NOT_OURS")) << other;
  }
}

TEST(QrToken, RefusesADamagedToken) {
  const std::string text = Text();
  std::string odd_bits = text;
  odd_bits.back() = 'B';  // the last character holds four bits that are zero
  for (const std::string& damaged :
       {text.substr(0, text.size() - 1), text + "A", text.substr(0, 28), text + "/", text + "=",
        text.substr(0, 60) + "1" + text.substr(61), odd_bits}) {
    EXPECT_THAT(ParseQrText(damaged), StatusIs(kInvalid, "QR_MALFORMED")) << damaged;
  }
}

// Whatever the length: the library that decodes base32 throws at some.
TEST(QrToken, RefusesEveryCut) {
  const std::string text = Text();
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseQrText(text.substr(0, size)).ok()) << size;
  }
  for (size_t more = 1; more < 20; ++more) {
    EXPECT_FALSE(ParseQrText(text + std::string(more, 'A')).ok()) << more;
  }
}

TEST(QrToken, SaysWhenItIsOfALaterForm) {
  std::string text = Text();
  text.replace(text.rfind('/') + 1, 2, "AI");  // version 2
  EXPECT_THAT(ParseQrText(text), StatusIs(kInvalid, "QR_VERSION"));
}

TEST(QrToken, HoldsTheLargestNumbers) {
  QrToken token = Token();
  token.key_id = 0xffff, token.log_epoch = LogEpoch(0xffff), token.status_index = kMostStatusIndex;
  const auto back = ParseQrText(QrText("H", token));
  ASSERT_OK(back);
  EXPECT_EQ(back->key_id, 0xffff);
  EXPECT_EQ(back->log_epoch, LogEpoch(0xffff));
  EXPECT_EQ(back->status_index, kMostStatusIndex);
}

TEST(QrToken, TheFingerprintIsOfLicenceAndDocument) {
  EXPECT_EQ(QrFingerprint("L", "D").size(), kQrFingerprintSize);
  EXPECT_EQ(QrFingerprint("L", "D"), QrFingerprint("L", "D"));
  EXPECT_NE(QrFingerprint("L", "D"), QrFingerprint("L", "E"));
  EXPECT_NE(QrFingerprint("L", "D"), QrFingerprint("M", "D"));
}

TEST(QrToken, AHostIsWhatAlphanumericCodesHold) {
  for (const char* host : {"birthseal.example", "10.0.0.1:8443", "A-B"})
    EXPECT_TRUE(IsQrHost(host));
  EXPECT_FALSE(IsQrHost(""));
  EXPECT_FALSE(IsQrHost("a_b"));
  EXPECT_FALSE(IsQrHost("例.example"));
  EXPECT_FALSE(IsQrHost("a/b"));
  EXPECT_TRUE(IsQrHost(std::string(40, 'a')));
  EXPECT_FALSE(IsQrHost(std::string(41, 'a')));
}

}  // namespace
}  // namespace birthseal::certs
