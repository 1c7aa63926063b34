// SPDX-License-Identifier: Apache-2.0
#include "certs/digest.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace birthseal::certs {
namespace {

std::string Hex(const Digest& digest) { return absl::BytesToHexString(View(digest)); }

// GB/T 32905-2016, annex A, examples 1 and 2.
TEST(Sm3Test, GivesTheDigestsOfTheStandard) {
  EXPECT_EQ(Hex(Sm3Of("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string abcd;
  for (int i = 0; i < 16; ++i) abcd += "abcd";
  EXPECT_EQ(Hex(Sm3Of(abcd)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST(Sm3Test, CopyGoesOnFromTheSameState) {
  Sm3 prefix;
  prefix.Add("a");
  Sm3 copy = prefix;
  EXPECT_EQ(copy.Add("bc").Finish(), Sm3Of("abc"));
  EXPECT_EQ(prefix.Add("bc").Finish(), Sm3Of("abc"));
}

TEST(Sm3Test, IsAsNewAfterFinish) {
  Sm3 sm3;
  sm3.Add("something").Finish();
  EXPECT_EQ(sm3.Add("abc").Finish(), Sm3Of("abc"));
}

// printf 'what do ya want for nothing?' | openssl dgst -sm3 -hmac Jefe
TEST(HmacSm3Test, AgreesWithOpenssl) {
  EXPECT_EQ(Hex(HmacSm3("Jefe", "what do ya want for nothing?")),
            "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882");
}

TEST(DigestFromTest, TakesOnlyThirtyTwoBytes) {
  const std::string bytes(32, 'x');
  ASSERT_TRUE(DigestFrom(bytes).has_value());
  EXPECT_EQ(View(*DigestFrom(bytes)), bytes);
  EXPECT_EQ(DigestFrom(""), std::nullopt);
  EXPECT_EQ(DigestFrom(std::string(31, 'x')), std::nullopt);
  EXPECT_EQ(DigestFrom(std::string(33, 'x')), std::nullopt);
}

}  // namespace
}  // namespace birthseal::certs
