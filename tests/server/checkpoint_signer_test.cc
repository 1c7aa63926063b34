#include "server/checkpoint_signer.h"

#include <thread>
#include <vector>

#include "signer/note_memory.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using server::CheckpointSigner;

class CheckpointSignerTest : public testing::Test {
 protected:
  static store::DurableRoot Root(uint64_t size, bool has_intent = true, char variant = 'a') {
    store::DurableRoot root;
    root.size = size;
    root.root = certs::Sm3Of(std::string(1, variant) + std::to_string(size));
    root.time = FixtureNow();
    root.has_intent = has_intent;
    return root;
  }
  CheckpointSigner signer_{SharedPki().log_key, kTestLogName, 1, SharedPki().log_verifier};
};

TEST_F(CheckpointSignerTest, WaitersGetTheCheckpointOfTheirOwnSize) {
  std::vector<std::thread> waiters;
  for (uint64_t size = 1; size <= 16; ++size) {
    signer_.OnDurable(Root(size));
    waiters.emplace_back([this, size] {
      const auto note = signer_.WaitFor(size, absl::Seconds(30));
      ASSERT_OK(note);
      const auto checkpoint = certs::ParseCheckpoint(*note);
      ASSERT_OK(checkpoint);
      EXPECT_EQ(checkpoint->head.size, size);
      EXPECT_EQ(checkpoint->head.root, Root(size).root);
      EXPECT_OK(certs::CheckSignature(*checkpoint, SharedPki().log_verifier));
    });
  }
  for (std::thread& waiter : waiters) waiter.join();
}

TEST_F(CheckpointSignerTest, RootWithoutIntentIsSignedOnlyWhenAskedFor) {
  signer_.OnDurable(Root(5, false));
  EXPECT_THAT(signer_.WaitFor(5, absl::Seconds(30)), StatusIs(absl::StatusCode::kNotFound));
  const auto newest = signer_.Newest(absl::Seconds(30));
  ASSERT_OK(newest);
  EXPECT_EQ(newest->size, 5u);
}

TEST_F(CheckpointSignerTest, EmptyLogHasNoCheckpoint) {
  EXPECT_THAT(signer_.Newest(absl::Seconds(30)),
              StatusIs(absl::StatusCode::kNotFound, "LOG_EMPTY"));
}

TEST_F(CheckpointSignerTest, ForkStopsTheSignerForGood) {
  signer_.OnDurable(Root(7));
  ASSERT_OK(signer_.WaitFor(7, absl::Seconds(30)));
  signer_.OnDurable(Root(7, true, 'b'));
  signer_.OnDurable(Root(8));
  EXPECT_THAT(signer_.WaitFor(8, absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED"));
  EXPECT_FALSE(signer_.failure().empty());
}

TEST(RememberingVerifierTest, AsksOnceForEachGoodSignatureAndAlwaysForBadOnes) {
  int asked = 0;
  const certs::NoteVerifier verifier = signer::RememberingVerifier(
      [&asked](absl::string_view, const certs::NoteSignature& signature) {
        ++asked;
        return signature.signature == "good";
      });
  EXPECT_TRUE(verifier("note", {"k", "hash", "good"}));
  EXPECT_TRUE(verifier("note", {"k", "hash", "good"}));
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(verifier("note", {"k", "hash", "bad"}));
  EXPECT_FALSE(verifier("note", {"k", "hash", "bad"}));
  EXPECT_TRUE(verifier("other", {"k", "hash", "good"}));
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace birthseal::tests
