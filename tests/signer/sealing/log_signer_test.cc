// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/log_signer.h"

#include <openssl/evp.h>

#include "signer/devpki/dev_pki.h"
#include "signer/verify/note_key.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::SharedPki;
using tests::StatusIs;

certs::TreeHead Head(uint64_t size, const char* root) {
  return {tests::kTestLogName, size, certs::Sm3Of(root), {}, tests::FixtureNow()};
}

TEST(LogSignerTest, ItsCheckpointsVerifyWithTheLogKey) {
  LogSigner signer = LogSigner::OfNewLog(tests::kTestLogName, SharedPki().log_key);
  const auto note = signer.Sign(Head(5, "five"));
  ASSERT_OK(note);
  const auto checkpoint = certs::ParseCheckpoint(*note);
  ASSERT_OK(checkpoint);
  EXPECT_EQ(checkpoint->head.size, 5u);
  EXPECT_OK(certs::CheckSignature(*checkpoint, SharedPki().log_verifier));
  EXPECT_EQ(signer.last().size, 5u);
}

TEST(LogSignerTest, ANoteOfAnotherKeyOrNameIsNotAccepted) {
  LogSigner other_key =
      LogSigner::OfNewLog(tests::kTestLogName, PrivateKey::Generate(KeyAlgorithm::kSm2));
  LogSigner other_name = LogSigner::OfNewLog("log.other.example/1", SharedPki().log_key);
  for (LogSigner* signer : {&other_key, &other_name}) {
    const auto checkpoint = certs::ParseCheckpoint(*signer->Sign(Head(5, "five")));
    ASSERT_OK(checkpoint);
    EXPECT_FALSE(certs::CheckSignature(*checkpoint, SharedPki().log_verifier).ok());
  }
}

TEST(LogSignerTest, RefusesASmallerTree) {
  LogSigner signer = LogSigner::OfNewLog(tests::kTestLogName, SharedPki().log_key);
  ASSERT_OK(signer.Sign(Head(5, "five")));
  EXPECT_THAT(signer.Sign(Head(4, "four")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
}

TEST(LogSignerTest, RefusesTheSameSizeWithAnotherRoot) {
  LogSigner signer = LogSigner::OfNewLog(tests::kTestLogName, SharedPki().log_key);
  ASSERT_OK(signer.Sign(Head(5, "five")));
  EXPECT_OK(signer.Sign(Head(5, "five")));
  EXPECT_THAT(signer.Sign(Head(5, "another five")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_FORKS"));
}

TEST(LogSignerTest, RefusesTheSameSizeWithAnotherMapRoot) {
  LogSigner signer = LogSigner::OfNewLog(tests::kTestLogName, SharedPki().log_key);
  ASSERT_OK(signer.Sign(Head(5, "five")));
  certs::TreeHead other = Head(5, "five");
  other.map_root = certs::Sm3Of("another map");
  EXPECT_THAT(signer.Sign(other), StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_FORKS"));
}

TEST(LogSignerTest, RefusesAnotherOrigin) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key, Head(5, "five"));
  certs::TreeHead other = Head(6, "six");
  other.origin = "another";
  EXPECT_THAT(signer.Sign(other),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_OTHER_ORIGIN"));
}

TEST(LogSignerTest, ChecksARowOfHeadsWithoutSigning) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key, Head(5, "five"));
  EXPECT_OK(signer.Check({Head(5, "five"), Head(6, "six"), Head(9, "nine")}));
  EXPECT_THAT(signer.Check({Head(9, "nine"), Head(6, "six")}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
  EXPECT_EQ(signer.last().size, 5u);
}

TEST(LogSignerTest, EachKeySignsALineOfItsOwn) {
  const auto pair = devpki::MakeEd25519Key();
  ASSERT_OK(pair);
  const auto sm2 = NewSm2NoteSigner(tests::kTestLogName, SharedPki().log_key);
  const auto ed25519 = NewEd25519NoteSigner(tests::kTestLogName, pair->private_key);
  ASSERT_OK(sm2);
  ASSERT_OK(ed25519);
  EXPECT_EQ((*ed25519)->PublicKeyPem(), pair->public_key);
  LogSigner signer = LogSigner::OfNewLog({*sm2, *ed25519});
  const auto note = signer.Sign(Head(5, "five"));
  ASSERT_OK(note);
  const auto checkpoint = certs::ParseCheckpoint(*note);
  ASSERT_OK(checkpoint);
  ASSERT_EQ(checkpoint->signatures.size(), 2u);
  for (const auto& pem : {(*sm2)->PublicKeyPem(), (*ed25519)->PublicKeyPem()}) {
    const auto verifier = NoteVerifierFromPem(tests::kTestLogName, pem);
    ASSERT_OK(verifier);
    EXPECT_OK(certs::CheckSignature(*checkpoint, *verifier));
  }
}

TEST(LogSignerTest, AKeyThatCannotSignSaysSo) {
  const auto pair = devpki::MakeEd25519Key();
  ASSERT_OK(pair);
  const auto ed25519 = NewEd25519NoteSigner(tests::kTestLogName, pair->private_key);
  ASSERT_OK(ed25519);
  EVP_set_default_properties(nullptr, "provider=absent");
  const auto nothing = (*ed25519)->Sign("body");
  EVP_set_default_properties(nullptr, "");
  EXPECT_THAT(nothing, StatusIs(absl::StatusCode::kInternal, "NOTE_SIGNING"));
  EXPECT_OK((*ed25519)->Sign("body"));
}

TEST(LogSignerTest, AKeyOfAnotherKindIsRefused) {
  const auto p256 = PrivateKey::Generate(KeyAlgorithm::kP256);
  for (const auto& key : {p256, std::shared_ptr<const PrivateKey>()}) {
    EXPECT_THAT(NewSm2NoteSigner(tests::kTestLogName, key),
                StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY"));
    LogSigner without = LogSigner::OfNewLog(tests::kTestLogName, key);
    EXPECT_THAT(without.Sign(Head(5, "five")),
                StatusIs(absl::StatusCode::kInternal, "LOG_SIGNING"));
  }
  EXPECT_THAT(NewSm2NoteSigner("a name", SharedPki().log_key),
              StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY_NAME"));
  for (const auto& key : {p256, SharedPki().log_key}) {  // notes are signed with SM2, but not here
    EXPECT_THAT(NewEd25519NoteSigner(tests::kTestLogName, devpki::PrivateKeyPem(*key)),
                StatusIs(absl::StatusCode::kInvalidArgument, "NOTE_KEY"));
  }
  EXPECT_THAT(NewEd25519NoteSigner(tests::kTestLogName, "no key"),
              StatusIs(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE"));
}

TEST(LogSignerTest, AFreshSignerGoesOnFromTheHighWaterMark) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key, Head(9, "nine"));
  EXPECT_THAT(signer.Sign(Head(8, "eight")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
  EXPECT_OK(signer.Sign(Head(10, "ten")));
}

}  // namespace
}  // namespace birthseal::signer
