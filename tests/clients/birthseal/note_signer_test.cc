// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/note_signer.h"

#include "absl/strings/str_cat.h"
#include "signer/verify/note_key.h"
#include "tests/clients/birthseal/fresh_key.h"
#include "tests/support/status_matchers.h"

namespace birthseal::cli {
namespace {

using tests::FreshPrivatePem;
using tests::StatusIs;

TEST(NoteSignerTest, WhatAWitnessSignsItsVerifierAccepts) {
  const absl::Time now = absl::FromUnixSeconds(1'767'225'600);
  const std::string body = "birthseal.example/log/1 sm3\n7\n";
  for (const char* kind : {"ED25519", "SM2"}) {
    const std::string key = FreshPrivatePem(kind);
    const auto cosign = CosignerOf("police.example", key);
    ASSERT_OK(cosign);
    const auto signature = (*cosign)(now, body);
    ASSERT_OK(signature);
    const auto pem = PublicPemOf(key);
    ASSERT_OK(pem);
    const auto verifier = signer::CosignerFromPem("police.example", *pem);
    ASSERT_OK(verifier);
    EXPECT_TRUE((*verifier)(body, *signature)) << kind;
    EXPECT_FALSE((*verifier)(absl::StrCat(body, "x"), *signature));
    EXPECT_EQ(*signer::CosignatureTime(signature->signature), now);
  }
}

TEST(NoteSignerTest, RefusesOtherKeysAndNames) {
  EXPECT_THAT(CosignerOf("police.example", FreshPrivatePem("P-256")),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY"));
  EXPECT_THAT(CosignerOf("police.example", "no key"),
              StatusIs(absl::StatusCode::kInvalidArgument, "OPERATOR_KEY"));
  EXPECT_THAT(CosignerOf("the police", FreshPrivatePem("ED25519")),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY_NAME"));
}

}  // namespace
}  // namespace birthseal::cli
