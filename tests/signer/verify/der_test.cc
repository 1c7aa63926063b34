// SPDX-License-Identifier: Apache-2.0
// Strict DER (ITU-T X.690 clause 10): what is not the one encoding is refused.

#include "signer/der/der.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "signer/der/der_fields.h"
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
           "3081",
           "308101",
           "308101AA",
           "30817F00",
           "308000000000",  // short, not minimal, indefinite
           "3082007F",
           "308500000000010A",
           "1F00",  // tag numbers above 30
           "1F8101",
           "BF2000",
           "30820001AA",
       }) {
    EXPECT_THAT(Whole(Hex(hex)), StatusIs(absl::StatusCode::kInvalidArgument, "DER")) << hex;
  }
}

// Each has its 128 bytes behind it: only the form of the length is wrong.
TEST(DerTest, LengthsInAnyButTheShortestFormAreRefused) {
  const std::string content(128, 'x');
  EXPECT_OK(Whole(Hex("308180") + content));
  for (const char* hex :
       {"30820080", "3083000080", "308400000080", "30850000000080", "3089010000000000000080"}) {
    EXPECT_THAT(Whole(Hex(hex) + content), StatusIs(absl::StatusCode::kInvalidArgument, "DER"))
        << hex;
  }
}

// The bytes behind the end are there, and would make it whole.
TEST(DerTest, NothingIsReadBehindTheEnd) {
  const std::string whole = Hex("308180") + std::string(128, 'x');
  for (size_t size = 0; size < whole.size(); ++size) {
    absl::string_view rest = absl::string_view(whole).substr(0, size);
    EXPECT_THAT(der::Read(&rest), StatusIs(absl::StatusCode::kInvalidArgument, "DER")) << size;
  }
}

TEST(DerTest, AnotherTagThanExpectedIsRefused) {
  const std::string bytes = der::Integer(1);
  absl::string_view rest = bytes;
  EXPECT_THAT(der::Expect(&rest, der::kOctetString),
              StatusIs(absl::StatusCode::kInvalidArgument, "DER"));
}

// The content would do; it is of another kind.
TEST(DerTest, AValueUnderTheTagOfAnotherIsRefused) {
  const auto element = [](absl::string_view content) {
    return der::Element{der::kUtf8, content, content};
  };
  const auto is_refused = StatusIs(absl::StatusCode::kInvalidArgument, "DER");
  EXPECT_THAT(der::ToInteger(element("\1")), is_refused);
  EXPECT_THAT(der::ToOid(element("\x2A\x03")), is_refused);
  EXPECT_THAT(der::ToBitString(element(absl::string_view("\0x", 2))), is_refused);
  EXPECT_THAT(der::ToTime(element("20260203040506Z")), is_refused);
  EXPECT_THAT(der::ToTime(element("Z")), is_refused);
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

TEST(DerTest, AnArcThatDoesNotFitIsRefused) {
  const std::string largest = Hex("060A2AFFFFFFFFFFFFFFFF7F"),
                    larger = Hex("060B2A81") + std::string(8, '\xFF') + '\x7F';
  EXPECT_EQ(*der::ToOid(*Whole(largest)), "1.2.9223372036854775807");
  EXPECT_THAT(der::ToOid(*Whole(larger)), StatusIs(absl::StatusCode::kInvalidArgument, "DER"));
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
        "20261303040506Z", "20260203250506Z", "2026020304050 Z", "20260203040506z",
        "20260203046006Z", "20260203040560Z", "20260003040506Z", "20260200040506Z",
        "2A260203040506Z",  // A in the place of a digit would count as seventeen
        "260203040506Z"}) {
    const std::string bad = der::Tlv(der::kGeneralizedTime, text);
    EXPECT_THAT(der::ToTime(*Whole(bad)), StatusIs(absl::StatusCode::kInvalidArgument, "DER"))
        << text;
  }
  for (const char* text : {"260203040506+", "20260203040506Z", "2A0203040506Z", "2602030405Z"}) {
    const std::string bad = der::Tlv(der::kUtcTime, text);
    EXPECT_THAT(der::ToTime(*Whole(bad)), StatusIs(absl::StatusCode::kInvalidArgument, "DER"))
        << text;
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

TEST(DerTest, AfterAFailureThereIsNothingMore) {
  const std::string two = der::Integer(1) + der::Integer(2);
  der::Fields fields(two);
  fields.Fail("a test");
  EXPECT_FALSE(fields.More());
  EXPECT_FALSE(fields.NextIs(der::kInteger));
  EXPECT_THAT(fields.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  // Also when all was read before, and at the end of what is whole.
  der::Fields read(absl::string_view(two).substr(0, 3));
  EXPECT_EQ(read.Int(), 1);
  EXPECT_FALSE(read.More());
  EXPECT_FALSE(read.NextIs(der::kInteger));  // the next byte is one
  EXPECT_OK(read.Finish());
  read.Fail("a test");
  EXPECT_THAT(read.Finish(), StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
}

TEST(DerTest, WhatIsWrongInsideIsWrongOutside) {
  const std::string inner = der::Integer(1) + der::Integer(2);
  const std::string whole = der::Tlv(der::kSequence, inner);
  const auto finish = [&](const std::function<void(der::Fields*)>& read) {
    der::Fields outer(whole);
    der::Fields fields = outer.Enter();
    read(&fields);
    outer.Close(fields);
    return outer.Finish();
  };
  EXPECT_OK(finish([](der::Fields* fields) { fields->Int(), fields->Int(); }));
  EXPECT_THAT(finish([](der::Fields* fields) { fields->Int(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  EXPECT_THAT(finish([](der::Fields* fields) { fields->Int(), fields->Int(), fields->Int(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
}

TEST(DerTest, OneSequenceAndNothingElseIsEntered) {
  const std::string good = der::Tlv(der::kSequence, der::Integer(1));
  der::Fields fields = der::Fields::OfSequence(good);
  EXPECT_EQ(fields.Int(), 1);
  EXPECT_OK(fields.Finish());
  for (const std::string& bad :
       {std::string(), good + "x", der::Tlv(der::kSet, ""), good.substr(0, 4)}) {
    EXPECT_THAT(der::Fields::OfSequence(bad).Finish(),
                StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  }
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

TEST(DerTest, AnImplicitTimeStampHasAWholeBitStringInside) {
  const auto read = [](absl::string_view content) {
    const std::string field = der::Tlv(der::kContext0Primitive, content);
    der::Fields fields(field);
    der::ReadTimeStampField(&fields);
    return fields.Finish();
  };
  EXPECT_OK(read(absl::string_view("\0token", 6)));
  for (const absl::string_view content : {absl::string_view(), absl::string_view("\4token", 6)}) {
    EXPECT_THAT(read(content), StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  }
}

TEST(DerTest, ASignatureIsTwoPositiveMinimalIntegersAndNothingElse) {
  const std::string one = der::Integer(1), full = der::Tlv(der::kInteger, std::string(32, '\x11')),
                    high = der::Tlv(der::kInteger, std::string(1, '\0') + std::string(32, '\xFF'));
  const auto signature = [](const std::string& r, const std::string& s) {
    return der::Tlv(der::kSequence, r + s);
  };
  for (const std::string& good : {signature(one, full), signature(full, high)}) {
    EXPECT_TRUE(der::IsSignature(good));
    EXPECT_FALSE(der::IsSignature(good + "x"));
    EXPECT_FALSE(der::IsSignature(good.substr(0, good.size() - 1)));
  }
  EXPECT_FALSE(der::IsSignature(""));
  EXPECT_FALSE(der::IsSignature(der::Tlv(der::kSet, one + one)));
  for (const std::string& bad : {std::string(), der::Tlv(der::kOctetString, "\1"),
                                 der::Tlv(der::kInteger, ""), der::Tlv(der::kInteger, "\xFF"),
                                 der::Integer(0), der::Tlv(der::kInteger, std::string("\0\1", 2)),
                                 der::Tlv(der::kInteger, std::string(33, '\x11')), one + one}) {
    EXPECT_FALSE(der::IsSignature(signature(bad, one)));
    EXPECT_FALSE(der::IsSignature(signature(one, bad)));
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
