// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/checkpoint_signer.h"

#include <thread>
#include <vector>

#include "signer/sealing/note_signer.h"
#include "signer/verify/note_memory.h"
#include "tests/server/witnessing/slow_key.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using server::CheckpointSigner;

class CheckpointSignerTest : public testing::Test {
 public:
  static store::DurableRoot Root(uint64_t size, bool has_intent = true, char variant = 'a') {
    store::DurableRoot root;
    root.size = certs::LogSize(size);
    root.root = certs::Sm3Of(std::string(1, variant) + std::to_string(size));
    root.time = FixtureNow();
    root.has_intent = has_intent;
    return root;
  }
  static CheckpointSigner::Options Options(server::HighWater* mark = nullptr) {
    CheckpointSigner::Options options;
    options.keys = {*signer::NewSm2NoteSigner(kTestLogName, SharedPki().log_key)};
    options.log_name = kTestLogName;
    options.verifier = SharedPki().log_verifier;
    options.mark = mark;
    return options;
  }

 protected:
  CheckpointSigner signer_{Options()};
};

TEST_F(CheckpointSignerTest, WaitersGetTheCheckpointOfTheirOwnSize) {
  std::vector<std::thread> waiters;
  for (uint64_t size = 1; size <= 16; ++size) {
    signer_.OnDurable(Root(size));
    waiters.emplace_back([this, size] {
      const auto note = signer_.WaitFor(certs::LogSize(size), absl::Seconds(30));
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
  EXPECT_THAT(signer_.WaitFor(certs::LogSize(5), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kNotFound));
  const auto newest = signer_.Newest(absl::Seconds(30));
  ASSERT_OK(newest);
  EXPECT_EQ(newest->size, certs::LogSize(5));
}

TEST_F(CheckpointSignerTest, EmptyLogHasNoCheckpoint) {
  EXPECT_THAT(signer_.Newest(absl::Seconds(30)),
              StatusIs(absl::StatusCode::kNotFound, "LOG_EMPTY"));
}

TEST_F(CheckpointSignerTest, ForkStopsTheSignerForGood) {
  signer_.OnDurable(Root(7));
  ASSERT_OK(signer_.WaitFor(certs::LogSize(7), absl::Seconds(30)));
  signer_.OnDurable(Root(7, true, 'b'));
  signer_.OnDurable(Root(8));
  EXPECT_THAT(signer_.WaitFor(certs::LogSize(8), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED"));
  EXPECT_FALSE(signer_.failure().empty());
}

TEST_F(CheckpointSignerTest, ExactlyWaitsUntilTheLedgerHasTold) {
  std::thread asker([this] {
    const auto note = signer_.Exactly(Root(9, false), absl::Seconds(30));
    ASSERT_OK(note);
    EXPECT_EQ(certs::ParseCheckpoint(*note)->head.size, 9u);
  });
  signer_.OnDurable(Root(7));  // told first, or the signer would have to go back
  ASSERT_OK(signer_.WaitFor(certs::LogSize(7), absl::Seconds(30)));
  signer_.OnDurable(Root(9, false));
  asker.join();
  EXPECT_TRUE(signer_.failure().empty());
}

TEST_F(CheckpointSignerTest, ExactlyNeverGoesBack) {
  signer_.OnDurable(Root(7, false));
  signer_.OnDurable(Root(9));
  ASSERT_OK(signer_.WaitFor(certs::LogSize(9), absl::Seconds(30)));
  EXPECT_THAT(signer_.Exactly(Root(7, false), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kNotFound, "CHECKPOINT_UNKNOWN"));
  EXPECT_OK(signer_.Exactly(Root(9), absl::Seconds(30)));
}

TEST_F(CheckpointSignerTest, NoSignatureLeavesForAHeadAboveTheMark) {
  const TempDir dir;
  const std::string path = dir.Join("mark");
  auto mark = server::HighWater::Create(path);
  ASSERT_OK(mark);
  CheckpointSigner signer(Options(mark->get()));
  for (uint64_t size = 1; size <= 50; ++size) {
    signer.OnDurable(Root(size));
    // Now alone, now with the next: a round of the signer may hold one head or two.
    if (size % 3 == 1) continue;
    ASSERT_OK(signer.WaitFor(certs::LogSize(size), absl::Seconds(30)));
    const auto on_disk = server::HighWater::Open(path);
    ASSERT_OK(on_disk);
    EXPECT_GE((*on_disk)->head().size, size);
  }
}

TEST_F(CheckpointSignerTest, TheMarkBindsTheNextProcess) {
  const TempDir dir;
  {
    auto mark = server::HighWater::Create(dir.Join("mark"));
    ASSERT_OK(mark);
    CheckpointSigner signer(Options(mark->get()));
    signer.OnDurable(Root(7));
    ASSERT_OK(signer.WaitFor(certs::LogSize(7), absl::Seconds(30)));
  }
  const auto mark = server::HighWater::Open(dir.Join("mark"));
  ASSERT_OK(mark);
  CheckpointSigner signer(Options(mark->get()));
  signer.OnDurable(Root(6));
  EXPECT_THAT(signer.WaitFor(certs::LogSize(6), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss));
}

// The mark was left by epoch 1, at `size`; epoch 2 begins, and its first checkpoint is signed.
void BeginSecondEpoch(uint64_t size) {
  const TempDir dir;
  certs::TreeHead ended;
  ended.origin = certs::OriginOf(kTestLogName, certs::LogEpoch(1));
  ended.size = size;
  ended.time = FixtureNow();
  auto mark = server::HighWater::Create(dir.Join("mark"), ended);
  ASSERT_OK(mark);
  CheckpointSigner::Options options = CheckpointSignerTest::Options(mark->get());
  options.epoch = certs::LogEpoch(2);
  CheckpointSigner signer(std::move(options));
  store::DurableRoot root = CheckpointSignerTest::Root(1);
  root.epoch = certs::LogEpoch(2);
  signer.OnDurable(root);
  const auto note = signer.WaitFor(certs::LogSize(1), absl::Seconds(30));
  ASSERT_OK(note);
  const std::string second = certs::OriginOf(kTestLogName, certs::LogEpoch(2));
  EXPECT_EQ(certs::ParseCheckpoint(*note)->head.origin, second);
  EXPECT_EQ((*mark)->head().origin, second);
  EXPECT_EQ((*server::HighWater::Open(dir.Join("mark")))->head().origin, second);
}

TEST_F(CheckpointSignerTest, AMarkOfAnEndedEpochDoesNotBindTheNext) { BeginSecondEpoch(100); }

TEST_F(CheckpointSignerTest, AMarkOfAnEndedEpochIsReplacedByOneOfTheSameSize) {
  BeginSecondEpoch(1);
}

class SlowKeyTest : public CheckpointSignerTest {
 protected:
  void Begin(server::HighWater* mark = nullptr) {
    CheckpointSigner::Options options = Options(mark);
    key_ = std::make_shared<SlowKey>(options.keys.front());
    options.keys = {key_};
    slow_ = std::make_unique<CheckpointSigner>(std::move(options));
  }
  std::shared_ptr<SlowKey> key_;
  std::unique_ptr<CheckpointSigner> slow_;
};

TEST_F(SlowKeyTest, WhoeverWaitsTooShortIsToldSoAndNotThatThereIsNone) {
  Begin();
  slow_->OnDurable(Root(3));
  const auto late = StatusIs(absl::StatusCode::kDeadlineExceeded, "CHECKPOINT_LATE");
  EXPECT_THAT(slow_->WaitFor(certs::LogSize(3), absl::Milliseconds(1)), late);
  EXPECT_THAT(slow_->Exactly(Root(3), absl::Milliseconds(1)), late);
  EXPECT_THAT(slow_->Exactly(Root(9, false), absl::Milliseconds(1)), late);  // nobody has told it
  EXPECT_THAT(slow_->Newest(absl::Milliseconds(1)), late);
  key_->Allow();
  EXPECT_OK(slow_->WaitFor(certs::LogSize(3), absl::Seconds(30)));
  EXPECT_EQ(slow_->Newest(absl::Seconds(30))->size, certs::LogSize(3));
}

TEST_F(SlowKeyTest, WhoeverWaitsWhileItStopsIsToldSo) {
  Begin();
  slow_->OnDurable(Root(3));
  key_->WaitUntilAsked();
  const auto stopping = StatusIs(absl::StatusCode::kUnavailable, "STOPPING");
  CheckpointSigner* const signer = slow_.get();
  std::vector<std::thread> waiters;
  waiters.emplace_back(
      [&] { EXPECT_THAT(signer->WaitFor(certs::LogSize(3), absl::Seconds(60)), stopping); });
  waiters.emplace_back([&] { EXPECT_THAT(signer->Newest(absl::Seconds(60)), stopping); });
  std::thread stopper([this] { slow_.reset(); });
  for (std::thread& waiter : waiters) waiter.join();
  key_->Allow();
  stopper.join();
}

// Of heads that are taken together, one that the keys will not sign keeps the mark where it is.
TEST_F(SlowKeyTest, TheMarkIsNotRaisedForWhatCannotBeSigned) {
  const TempDir dir;
  auto mark = server::HighWater::Create(dir.Join("mark"));
  ASSERT_OK(mark);
  Begin(mark->get());
  slow_->OnDurable(Root(7));
  key_->WaitUntilAsked();
  slow_->OnDurable(Root(7, true, 'b'));
  slow_->OnDurable(Root(8, true, 'b'));
  key_->Allow();
  EXPECT_THAT(slow_->WaitFor(certs::LogSize(8), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED"));
  EXPECT_THAT(slow_->Newest(absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED"));
  slow_.reset();
  EXPECT_EQ((*server::HighWater::Open(dir.Join("mark")))->head().size, 7u);
}

TEST_F(CheckpointSignerTest, ASignatureThatTheOtherImplementationRefusesLeavesNobody) {
  CheckpointSigner::Options options = Options();
  options.verifier = [](absl::string_view, const certs::NoteSignature&) { return false; };
  CheckpointSigner signer(std::move(options));
  signer.OnDurable(Root(7));
  EXPECT_THAT(signer.WaitFor(certs::LogSize(7), absl::Seconds(30)),
              StatusIs(absl::StatusCode::kDataLoss, "LOG_SIGNER_STOPPED"));
  EXPECT_FALSE(signer.failure().empty());
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
