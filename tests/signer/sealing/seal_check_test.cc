// SPDX-License-Identifier: Apache-2.0
// Which seal is held: its digest, and never the seal.
#include "signer/sealing/seal_check.h"

#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using absl::StatusCode;
using tests::SharedPki;
using tests::StatusIs;

TEST(SealCheckTest, TheDigestIsThatOfTheSealThatIsHeld) {
  tests::MapKeyProvider keys;
  keys.seals["a code"] = SharedPki().seal;
  const auto digest = SealCheck(&keys).DigestOf("a code");
  ASSERT_OK(digest);
  EXPECT_EQ(*digest, certs::Sm3Of(SharedPki().seal->seal.bytes));
}

TEST(SealCheckTest, WhatIsNotHeldOrDoesNotOpenHasNone) {
  tests::MapKeyProvider keys;
  EXPECT_THAT(SealCheck(&keys).DigestOf("a code"), StatusIs(StatusCode::kNotFound));
  keys.seals["a code"] = nullptr;
  EXPECT_THAT(SealCheck(&keys).DigestOf("a code"),
              StatusIs(StatusCode::kInternal, "SEAL_NOT_OPEN"));
  auto closed = std::make_shared<InstitutionSeal>(*SharedPki().seal);
  closed->key = {};
  keys.seals["a code"] = std::move(closed);
  EXPECT_THAT(SealCheck(&keys).DigestOf("a code"),
              StatusIs(StatusCode::kInternal, "SEAL_NOT_OPEN"));
}

}  // namespace
}  // namespace birthseal::signer
