// SPDX-License-Identifier: Apache-2.0
// One look for each licence, as long as it is remembered.
#include "signer/sealing/sealed_looks.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::StatusIs;

constexpr certs::Digest kLook{1}, kOther{2};

auto SealedBefore() { return StatusIs(absl::StatusCode::kInternal, "SEALED_BEFORE"); }

// Rule G12.
TEST(SealedLooksTest, ALicenceHasOneLookHoweverOftenItIsSealed) {
  SealedLooks looks(8);
  EXPECT_OK(looks.Check("a", kLook));
  EXPECT_OK(looks.Check("a", kOther));  // asking remembers nothing
  EXPECT_OK(looks.Add("a", kLook));
  EXPECT_OK(looks.Add("a", kLook));
  EXPECT_OK(looks.Check("a", kLook));
  EXPECT_THAT(looks.Check("a", kOther), SealedBefore());
  EXPECT_THAT(looks.Add("a", kOther), SealedBefore());
  EXPECT_OK(looks.Check("a", kLook));  // a refusal changes nothing
  EXPECT_OK(looks.Add("b", kOther));
}

TEST(SealedLooksTest, TheNewestAreRememberedAndTheOldestForgotten) {
  constexpr int kMost = 4;
  SealedLooks looks(kMost);
  for (int n = 0; n < 100; ++n) {
    EXPECT_OK(looks.Add(absl::StrCat(n), kLook));
    for (int newer = std::max(0, n - kMost + 1); newer <= n; ++newer) {
      EXPECT_THAT(looks.Check(absl::StrCat(newer), kOther), SealedBefore()) << n << " " << newer;
    }
    if (n >= 2 * kMost) {
      EXPECT_OK(looks.Check(absl::StrCat(n - 2 * kMost), kOther)) << n;
    }
  }
}

TEST(SealedLooksTest, WhatIsSealedAgainIsNewOnceMore) {
  constexpr int kMost = 4;
  SealedLooks looks(kMost);
  for (int n = 0; n < 100; ++n) {
    EXPECT_OK(looks.Add("again and again", kLook));
    EXPECT_OK(looks.Add(absl::StrCat(n), kLook));
    EXPECT_THAT(looks.Add("again and again", kOther), SealedBefore());
  }
}

}  // namespace
}  // namespace birthseal::signer
