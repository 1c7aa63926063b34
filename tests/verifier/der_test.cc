// SPDX-License-Identifier: Apache-2.0
// Strict DER (ITU-T X.690 clause 10): what is not the one encoding is refused.

#include "signer/der.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "signer/der_fields.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::StatusIs;

std::string Hex(absl::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

absl::StatusOr<der::Element> Whole(const std::string& bytes) {
  absl::string_view rest = bytes;
  auto element = der::Read(&rest);
  return element;
}

TEST(DerTest, MalformedElementsAreRefused) {
  for (const char* hex : {
           "",
           "30",
           "3001",
           "308101",
           "30817F00",
           "308000000000",  // short, not minimal, indefinite
           "3082007F",
           "308500000000010A",
           "1F8101",
           "30820001AA",
       }) {
    EXPECT_THAT(Whole(Hex(hex)), StatusIs(absl::StatusCode::kInvalidArgument)) << hex;
  }
}

TEST(DerTest, IntegersThatAreNotMinimalAreRefused) {
  for (const char* hex : {"0200", "02020001", "0202007F", "0202FF80", "0209010000000000000000"}) {
    const std::string bytes = Hex(hex);
    const auto element = Whole(bytes);
    ASSERT_OK(element);
    EXPECT_FALSE(der::ToInteger(*element).ok()) << hex;
  }
}

TEST(DerTest, IntegersRoundTrip) {
  for (const uint64_t value : {0ull, 1ull, 127ull, 128ull, 255ull, 256ull, 0x7FFFFFFFFFFFFFFFull}) {
    const std::string bytes = der::Integer(value);
    const auto element = Whole(bytes);
    ASSERT_OK(element);
    const auto read = der::ToInteger(*element);
    ASSERT_OK(read);
    EXPECT_EQ(static_cast<uint64_t>(*read), value);
  }
}

TEST(DerTest, ObjectIdentifiersRoundTripAndPaddedOnesAreRefused) {
  const std::string bytes = der::Oid("1.2.156.10197.1.501");
  EXPECT_EQ(bytes, Hex("06082A811CCF55018375"));
  const auto element = Whole(bytes);
  ASSERT_OK(element);
  EXPECT_EQ(*der::ToOid(*element), "1.2.156.10197.1.501");
  for (const char* hex : {"0600", "06032A8001", "06022A81"}) {
    const std::string bad = Hex(hex);
    EXPECT_FALSE(der::ToOid(*Whole(bad)).ok()) << hex;
  }
}

TEST(DerTest, BitStringsWithUnusedBitsAreRefused) {
  for (const char* hex : {"0300", "030207C0", "030108"}) {
    const std::string bad = Hex(hex);
    EXPECT_FALSE(der::ToBitString(*Whole(bad)).ok()) << hex;
  }
}

TEST(DerTest, TimesAreExactSecondsInUtc) {
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 2, 3, 4, 5, 6), absl::UTCTimeZone());
  EXPECT_EQ(der::GeneralizedTime(time), der::Tlv(der::kGeneralizedTime, "20260203040506Z"));
  const std::string utc = der::Tlv(der::kUtcTime, "260203040506Z");
  EXPECT_EQ(*der::ToTime(*Whole(utc)), time);
  for (const char* text :
       {"20260203040506", "20260203040506.5Z", "20260203040506+0800", "20260230040506Z",
        "20261303040506Z", "20260203250506Z", "2026020304050 Z"}) {
    const std::string bad = der::Tlv(der::kGeneralizedTime, text);
    EXPECT_FALSE(der::ToTime(*Whole(bad)).ok()) << text;
  }
}

TEST(DerTest, LongLengthsRoundTrip) {
  for (const size_t size : {0, 127, 128, 255, 256, 65535, 65536}) {
    const std::string bytes = der::Tlv(der::kOctetString, std::string(size, 'x'));
    const auto element = Whole(bytes);
    ASSERT_OK(element);
    EXPECT_EQ(element->content.size(), size);
  }
}

TEST(DerTest, FieldsRememberTheFirstFailureAndWhatIsLeftOver) {
  const std::string two = der::Integer(1) + der::Integer(2);
  der::Fields left_over(two);
  left_over.Int();
  EXPECT_THAT(left_over.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  der::Fields wrong_tag(two);
  wrong_tag.Text(der::kUtf8);
  EXPECT_EQ(wrong_tag.Int(), 0);
  EXPECT_FALSE(wrong_tag.Finish().ok());
}

TEST(DerTest, CriticalExtensionsAreNamedAndAnExplicitFalseIsNot) {
  for (const char value : {'\0', '\xFF'}) {
    const std::string list =
        der::Tlv(der::kSequence,
                 der::Tlv(der::kSequence, der::Oid("1.2.3") +
                                              der::Tlv(der::kBoolean, std::string(1, value)) +
                                              der::Tlv(der::kOctetString, "x")));
    der::Fields fields(list);
    std::vector<std::string> critical;
    der::ReadExtensions(&fields, &critical);
    ASSERT_OK(fields.Finish());
    EXPECT_EQ(critical.size(), value == '\0' ? 0u : 1u);
  }
}

TEST(DerTest, SixtyFourBytesAreARawSignatureWhateverTheFirstByte) {
  for (int first = 0; first < 256; ++first) {
    std::string raw(64, '\x11');
    raw[0] = static_cast<char>(first);
    EXPECT_TRUE(der::IsRawSignature(raw)) << first;
  }
  EXPECT_FALSE(der::IsRawSignature(std::string(63, '\x11')));
  const std::string scalar = der::Tlv(der::kInteger, std::string(29, '\x11'));
  EXPECT_FALSE(der::IsRawSignature(der::Tlv(der::kSequence, scalar + scalar)));
}

}  // namespace
}  // namespace birthseal::signer
