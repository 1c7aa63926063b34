// SPDX-License-Identifier: Apache-2.0
// A witness that stops at any write, and a log that begins a new epoch.
#include "tests/clients/witness/witness_fixture.h"

namespace birthseal::witness {
namespace {

using tests::LabelOf;
using tests::MemoryStorage;
using tests::SmallLog;
using tests::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

class WitnessEpochTest : public tests::WitnessFixture {
 protected:
  void SetUp() override { Open(); }
  SmallLog log_ = tests::ExchangeStory();
};

TEST_F(WitnessEpochTest, GoesOverToTheEpochAfterARestore) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));  // the rest of the old epoch is asked for first
  SmallLog next = log_.Recovered(6, 8);
  next.Intent(3);
  next.Issued(3, 2, {LabelOf(9)});
  served = {&log_, &next};
  ASSERT_OK(Offer(next.Head()));
  EXPECT_EQ(witness->memory().log.epoch, certs::LogEpoch(2));
  EXPECT_EQ(storage.mirror[1].size(), 6u);
  EXPECT_EQ(storage.mirror[2].size(), 3u);
  // And over one that it never saw alive, with checkpoints of old epochs coming late.
  SmallLog third = next.Recovered(3, 3);
  SmallLog fourth = third.Recovered(1, 1);
  served = {&log_, &next, &third, &fourth};
  ASSERT_OK(Offer(fourth.Head()));
  EXPECT_EQ(witness->memory().log.epoch, certs::LogEpoch(4));
  certs::TreeHead late = log_.HeadAt(2);
  EXPECT_THAT(Offer(late), StatusIs(absl::StatusCode::kOutOfRange, "CHECKPOINT_OLD"));
  late = next.HeadAt(2);
  EXPECT_THAT(Offer(late), StatusIs(absl::StatusCode::kOutOfRange, "CHECKPOINT_OLD"));
  EXPECT_TRUE(alarms.empty());
  const auto replayed = Replay(&storage, {certs::LogEpoch(2), certs::LogSize(3)});
  ASSERT_OK(replayed);
  EXPECT_OK(certs::LogFollower(*replayed).CheckHead(next.Head()));
}

TEST_F(WitnessEpochTest, ARestoreThatLosesWhatIsKnownIsRefused) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  const SmallLog next = log_.Recovered(5, 6);
  served = {&log_, &next};
  EXPECT_THAT(Offer(next.Head()), StatusIs(kDataLoss, "RECOVERY_LOSES_KNOWN"));
  ASSERT_EQ(storage.evidence.size(), 1u);
  EXPECT_EQ(storage.evidence[0].epoch, certs::LogEpoch(2));
  EXPECT_EQ(storage.evidence[0].updates[0].leaf, next.updates[0].leaf);
  EXPECT_EQ(witness->memory().log.epoch, certs::LogEpoch(1));
}

TEST_F(WitnessEpochTest, AnEpochOutOfNowhereIsRefused) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  SmallLog without = log_;  // no RECOVERY at its start
  without.epoch = 2;
  served = {&without};
  EXPECT_FALSE(Offer(without.Head()).ok());
  EXPECT_EQ(alarms.size(), 1u);
}

TEST_F(WitnessEpochTest, TheEndOfAnOldEpochThatIsNotWhatTheRecoverySaysIsAFork) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));
  SmallLog other = log_;
  other.updates[4] = other.updates[0];  // served differently than it was recovered
  other.updates[5] = other.updates[0];
  const SmallLog next = log_.Recovered(6, 6);
  served = {&other, &next};
  EXPECT_THAT(Offer(next.Head()), StatusIs(kDataLoss, "LOG_FORKED"));
}

// What was checked but not saved does not count, and stands in nobody's way.
TEST_F(WitnessEpochTest, WhatTheMirrorHoldsBeyondTheStateIsReplaced) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(2)));
  storage.mirror[1].push_back({"never signed", {}});
  storage.mirror[1].push_back({"never signed", {}});
  storage.mirror[1].push_back({"never signed", {}});
  Open();
  SmallLog restored;
  restored.Intent(1);
  restored.Issued(1, 1, {LabelOf(1), LabelOf(2)});
  restored.Intent(2);
  const SmallLog next = restored.Recovered(3, 3);
  served = {&log_, &next};
  ASSERT_OK(Offer(next.Head()));
  ASSERT_EQ(storage.mirror[1].size(), 3u);
  EXPECT_EQ(storage.mirror[1][2].leaf, log_.updates[2].leaf);
}

TEST_F(WitnessEpochTest, AnOldEpochEndsInTheMirrorWhereItsRecoverySays) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  storage.mirror[1].push_back({"never signed", {}});
  Open();
  const SmallLog next = log_.Recovered(6, 6);
  served = {&log_, &next};
  ASSERT_OK(Offer(next.Head()));
  EXPECT_EQ(storage.mirror[1].size(), 6u);
  EXPECT_OK(Replay(&storage, {certs::LogEpoch(2), certs::LogSize(1)}));
}

// Every write fails once, with or without effect: afterwards the witness asks to be opened again,
// never gave a cosignature beyond its durable state, and ends where it would have.
TEST_F(WitnessEpochTest, AStopAtAnyWriteIsSurvived) {
  SmallLog next = log_.Recovered(6, 6);
  next.Intent(3);
  const certs::TreeHead heads[] = {log_.HeadAt(2), log_.HeadAt(5), next.Head()};
  served = {&log_, &next};
  int steps = 0;
  for (const auto crash : {MemoryStorage::Crash::kBefore, MemoryStorage::Crash::kAfter}) {
    for (int at = 0;; ++at) {
      storage = MemoryStorage();
      storage.crash_at = at;
      storage.crash = crash;
      at_once = 2;
      Open();
      bool stopped = false;
      for (const certs::TreeHead& head : heads) {
        auto note = Offer(head);
        if (!note.ok()) {
          stopped = true;
          EXPECT_EQ(storage.writes, at + 1);
          EXPECT_THAT(Offer(head), StatusIs(absl::StatusCode::kUnavailable, "WITNESS_STORAGE"));
          Open();
          note = Offer(head);
        }
        ASSERT_OK(note);
        EXPECT_EQ(ParseMemory(durable_at_cosign)->note, tests::SignedNote(head));
      }
      EXPECT_TRUE(alarms.empty());
      EXPECT_EQ(storage.mirror[1].size(), 6u);
      EXPECT_EQ(storage.mirror[2].size(), 2u);
      EXPECT_EQ(stopped, storage.writes > at);  // no write fails without being told
      if (!stopped) break;
      ++steps;
    }
  }
  EXPECT_GT(steps, 10);
}

// The disk fails while the refusal is written: it refuses all the same.
TEST_F(WitnessEpochTest, ARefusalHoldsThoughTheDiskFails) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));
  certs::TreeHead other = log_.HeadAt(3);
  other.root = certs::Sm3Of("another");
  for (const int offset : {0, 1}) {
    Open();
    storage.crash_at = storage.writes + offset;
    storage.crash = MemoryStorage::Crash::kBefore;
    EXPECT_THAT(Offer(other), StatusIs(kDataLoss, "LOG_FORKED"));
    EXPECT_FALSE(Offer(log_.Head()).ok());
    if (storage.state.find("LOG_FORKED") != std::string::npos) {
      Open();
      ASSERT_OK(witness->Acknowledge());
    }
  }
  EXPECT_EQ(alarms.size(), 2u);
}

}  // namespace
}  // namespace birthseal::witness
