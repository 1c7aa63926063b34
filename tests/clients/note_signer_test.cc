#include "clients/birthseal/note_signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "signer/note_key.h"
#include "tests/support/status_matchers.h"

namespace birthseal::cli {
namespace {

using tests::StatusIs;

// A fresh private key as openssl genpkey writes it.
std::string PrivatePem(const char* kind) {
  EVP_PKEY* key = std::string(kind) == "ED25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                                 : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

TEST(NoteSignerTest, WhatAWitnessSignsItsVerifierAccepts) {
  const absl::Time now = absl::FromUnixSeconds(1'767'225'600);
  const std::string body = "birthseal.example/log/1 sm3\n7\n";
  for (const char* kind : {"ED25519", "SM2"}) {
    const std::string key = PrivatePem(kind);
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
  EXPECT_THAT(CosignerOf("police.example", PrivatePem("P-256")),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY"));
  EXPECT_THAT(CosignerOf("police.example", "no key"),
              StatusIs(absl::StatusCode::kInvalidArgument, "OPERATOR_KEY"));
  EXPECT_THAT(CosignerOf("the police", PrivatePem("ED25519")),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY_NAME"));
}

}  // namespace
}  // namespace birthseal::cli
