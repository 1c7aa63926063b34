// SPDX-License-Identifier: Apache-2.0
#include "signer/log_signer.h"

#include "signer/devpki/dev_pki.h"
#include "signer/note_key.h"
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
  LogSigner signer(tests::kTestLogName, SharedPki().log_key);
  const auto note = signer.Sign(Head(5, "five"));
  ASSERT_OK(note);
  const auto checkpoint = certs::ParseCheckpoint(*note);
  ASSERT_OK(checkpoint);
  EXPECT_EQ(checkpoint->head.size, 5u);
  EXPECT_OK(certs::CheckSignature(*checkpoint, SharedPki().log_verifier));
  EXPECT_EQ(signer.last().size, 5u);
}

TEST(LogSignerTest, ANoteOfAnotherKeyOrNameIsNotAccepted) {
  LogSigner other_key(tests::kTestLogName, PrivateKey::Generate(KeyAlgorithm::kSm2));
  LogSigner other_name("log.other.example/1", SharedPki().log_key);
  for (LogSigner* signer : {&other_key, &other_name}) {
    const auto checkpoint = certs::ParseCheckpoint(*signer->Sign(Head(5, "five")));
    ASSERT_OK(checkpoint);
    EXPECT_FALSE(certs::CheckSignature(*checkpoint, SharedPki().log_verifier).ok());
  }
}

TEST(LogSignerTest, RefusesASmallerTree) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key);
  ASSERT_OK(signer.Sign(Head(5, "five")));
  EXPECT_THAT(signer.Sign(Head(4, "four")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
}

TEST(LogSignerTest, RefusesTheSameSizeWithAnotherRoot) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key);
  ASSERT_OK(signer.Sign(Head(5, "five")));
  EXPECT_OK(signer.Sign(Head(5, "five")));
  EXPECT_THAT(signer.Sign(Head(5, "another five")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_FORKS"));
}

TEST(LogSignerTest, AFreshSignerGoesOnFromTheHighWaterMark) {
  LogSigner signer(tests::kTestLogName, SharedPki().log_key, Head(9, "nine"));
  EXPECT_THAT(signer.Sign(Head(8, "eight")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_GOES_BACK"));
  EXPECT_OK(signer.Sign(Head(10, "ten")));
}

}  // namespace
}  // namespace birthseal::signer
