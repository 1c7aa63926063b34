// SPDX-License-Identifier: Apache-2.0
// The desk over the whole service without network: rounds, quorum, what witnesses show.
#include "server/witnessing/witness_desk.h"

#include <thread>

#include "certs/proof/merkle.h"
#include "certs/proof/receipt.h"
#include "gmock/gmock.h"
#include "server/reading/get_status.h"
#include "server/reading/verify_number.h"
#include "server/witnessing/receipt_maker.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "tests/server/witnessing/witness_desk_fixture.h"
#include "tests/support/failing_engine.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

TEST_F(WitnessDeskTest, AQuorumMakesTheNewestWitnessedCheckpoint) {
  clock_.Advance(absl::Seconds(1));
  desk_->Step();
  ASSERT_OK(Cosigns("w-police"));
  desk_->Step();
  EXPECT_EQ(desk_->Newest(), nullptr);
  ASSERT_OK(Cosigns("w-audit"));
  desk_->Step();
  const auto newest = desk_->Newest();
  ASSERT_NE(newest, nullptr);
  EXPECT_EQ(newest->head.size, ledger_->Head().size.value());
  const auto checkpoint = certs::ParseCheckpoint(newest->note);
  ASSERT_OK(checkpoint);
  EXPECT_OK(certs::CheckQuorum(*checkpoint, witnesses_));
  EXPECT_OK(certs::CheckSignature(*checkpoint, pki_.log_verifier));
  EXPECT_OK(freshness_->MayIssue());
}

TEST_F(WitnessDeskTest, TheSnapshotStandsAtExactlyTheWitnessedSize) {
  Round();
  IssueBirth(1);
  Round();
  IssueBirth(2);
  const auto newest = desk_->Newest();
  ASSERT_LT(newest->head.size, ledger_->Head().size.value());
  const auto meta = store::MetaOf(*newest->snapshot);
  ASSERT_OK(meta);
  EXPECT_EQ(meta->log_size(), newest->head.size);
  EXPECT_EQ(meta->log_root(), certs::Bytes(newest->head.root));
  EXPECT_EQ(store::MapRootOf(*meta), newest->head.map_root);
}

TEST_F(WitnessDeskTest, WhatAWitnessHasIsNotOfferedAgain) {
  Round();
  const auto again = desk_->Witness(CallerOf("w-police"), known_["w-police"]);
  ASSERT_OK(again);
  EXPECT_EQ(*again, "");
  // One that was away still gets the newest.
  const auto late = desk_->Witness(CallerOf("w-audit"), "");
  ASSERT_OK(late);
  EXPECT_EQ(certs::ParseCheckpoint(*late)->head.size, WitnessedSize());
}

TEST_F(WitnessDeskTest, ARoundWithoutQuorumIsReplacedByANewerOne) {
  Round();
  IssueBirth(1);
  clock_.Advance(absl::Seconds(1));
  desk_->Step();
  ASSERT_OK(Cosigns("w-police"));
  IssueBirth(2);
  desk_->Step();
  EXPECT_EQ(desk_->counters().replaced, 0u);
  clock_.Advance(absl::Seconds(5));
  desk_->Step();
  EXPECT_EQ(desk_->counters().replaced, 1u);
  ASSERT_OK(Cosigns("w-health"));
  desk_->Step();
  EXPECT_LT(WitnessedSize(), ledger_->Head().size.value());  // one of two is of the older round
  ASSERT_OK(Cosigns("w-police"));
  desk_->Step();
  EXPECT_EQ(WitnessedSize(), ledger_->Head().size.value());
}

TEST_F(WitnessDeskTest, WhoIsNoWitnessIsRefused) {
  server::Caller stranger = CallerOf("stranger");
  EXPECT_THAT(desk_->Witness(stranger, ""),
              StatusIs(absl::StatusCode::kPermissionDenied, "WITNESS_UNKNOWN"));
}

TEST_F(WitnessDeskTest, ANoteThatDoesNotHoldIsRefusedAndCountsNothing) {
  clock_.Advance(absl::Seconds(1));
  desk_->Step();
  const std::string offered = *desk_->Witness(CallerOf("w-audit"), "");
  const server::Caller police = CallerOf("w-police");
  EXPECT_THAT(desk_->Witness(police, "nonsense"), StatusIs(absl::StatusCode::kInvalidArgument));
  // Without its cosignature, with another witness's, and with one over other bytes.
  EXPECT_THAT(desk_->Witness(police, offered),
              StatusIs(absl::StatusCode::kUnauthenticated, "COSIGNATURE_MISSING"));
  EXPECT_THAT(desk_->Witness(police, Cosign("w-health", offered)),
              StatusIs(absl::StatusCode::kUnauthenticated, "COSIGNATURE_MISSING"));
  // A note that the log's key did not sign.
  signer::LogSigner other = signer::LogSigner::OfNewLog(
      kTestLogName, signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2));
  const std::string forged = *other.Sign(certs::ParseCheckpoint(offered)->head);
  EXPECT_THAT(desk_->Witness(police, Cosign("w-police", forged)),
              StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY"));
  desk_->Step();
  EXPECT_EQ(desk_->Newest(), nullptr);
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
}

TEST_F(WitnessDeskTest, AWitnessThatKnowsMoreMeansTheStoreIsBehind) {
  Round();
  const std::string ahead =
      Cosign("w-audit", SignedElsewhere(ledger_->Head().size.value() + 1, certs::Sm3Of("lost")));
  EXPECT_THAT(desk_->Witness(CallerOf("w-audit"), ahead),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  EXPECT_THAT(server::GetStatus(*house_, "", certs::StatusIndex(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_BEHIND"));
}

TEST_F(WitnessDeskTest, AnotherRootAtTheSameSizeIsAFork) {
  Round();
  const std::string other =
      Cosign("w-audit", SignedElsewhere(ledger_->Head().size.value(), certs::Sm3Of("another")));
  EXPECT_THAT(desk_->Witness(CallerOf("w-audit"), other),
              StatusIs(absl::StatusCode::kFailedPrecondition, "STORE_FORKED"));
  EXPECT_FALSE(freshness_->MayAnswer().ok());
}

// With the high-water file, which alone tells a new log from one that was put back.
class MarkedWitnessDeskTest : public WitnessDeskTest {
 protected:
  void SetUp() override {
    mark_path_ = directory_.Join("high-water");
    WitnessDeskTest::SetUp();
  }
  absl::Status NamesNothing(const std::string& name) {
    return desk_->Witness(CallerOf(name), "").status();
  }
  TempDir directory_;
};

TEST_F(MarkedWitnessDeskTest, CallsThatNameNoCheckpointDoNotProveALogThatHasSigned) {
  Round();
  IssueBirth(1);
  Restart();  // on whatever store: nobody has said yet that it is the newest
  for (const char* name : kWitnessNames) EXPECT_OK(NamesNothing(name));
  EXPECT_EQ(freshness_->counters().confirmed, 0u);
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  clock_.Advance(absl::Seconds(1));
  desk_->Step();
  for (const char* name : kWitnessNames) EXPECT_OK(NamesNothing(name));
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
}

TEST_F(MarkedWitnessDeskTest, AWitnessNewToARunningLogProvesNothingByKnowingNothingTheOthersDo) {
  Round();
  Restart();
  EXPECT_OK(NamesNothing("w-audit"));
  EXPECT_OK(desk_->Witness(CallerOf("w-police"), known_["w-police"]));
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  EXPECT_OK(desk_->Witness(CallerOf("w-health"), known_["w-health"]));
  EXPECT_OK(freshness_->MayIssue());
}

TEST_F(MarkedWitnessDeskTest, ANewLogIsProvenByWitnessesThatKnowNothingUntilItHasSigned) {
  EXPECT_OK(NamesNothing("w-police"));
  EXPECT_OK(NamesNothing("w-health"));
  EXPECT_OK(freshness_->MayIssue());
  Restart();  // still nothing was signed
  EXPECT_OK(NamesNothing("w-police"));
  clock_.Advance(absl::Seconds(1));
  desk_->Step();
  EXPECT_OK(NamesNothing("w-health"));  // and from now on they cosign what is offered
  EXPECT_THAT(freshness_->MayIssue(),
              StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  ASSERT_OK(Cosigns("w-health"));
  EXPECT_OK(freshness_->MayIssue());
}

TEST_F(WitnessDeskTest, NothingIsIssuedBeforeFreshnessIsProven) {
  const certs::NewbornId newborn = PushBirth(BirthOf(1));
  const auto filed = File(ApplicationFor(1, newborn));
  ASSERT_OK(filed);
  const auto refused = server::ApproveCases(*house_, Issuing(hospital()), {});
  EXPECT_FALSE(refused.ok());
  Round();
  const server::ApproveOutcome approved = Approve(*filed, hospital());
  ASSERT_OK(approved.status);
  const auto status = server::GetStatus(*house_, "", certs::StatusIndex(1));
  ASSERT_OK(status);
  EXPECT_FALSE(status->not_proven_since.has_value());
  EXPECT_EQ(status->position.epoch, certs::LogEpoch(1));
  Restart();
  EXPECT_THAT(
      server::IssueCertificates(*house_, Issuing(hospital()), {OrderFor(approved, hospital())}),
      StatusIs(absl::StatusCode::kUnavailable, "FRESHNESS_NOT_PROVEN"));
  EXPECT_TRUE(server::GetStatus(*house_, "", certs::StatusIndex(1))->not_proven_since.has_value());
  // The witnesses show what they had before: no newer leaf is needed.
  Round();
  EXPECT_OK(Issue(approved, hospital()).status);
}

TEST_F(WitnessDeskTest, TheFinisherWaitsForFreshness) {
  Round();
  SetStepHook([](server::IssueStep step) {
    return step == server::IssueStep::kSealed ? absl::CancelledError("stop") : absl::OkStatus();
  });
  const auto filed = File(ApplicationFor(1, PushBirth(BirthOf(1))));
  ASSERT_OK(filed);
  EXPECT_FALSE(Issue(Approve(*filed, hospital()), hospital()).status.ok());
  Restart();
  server::Finisher finisher(&house_->issuing);
  EXPECT_EQ(finisher.RunOnce().finished, 0u);
  Round();
  EXPECT_EQ(finisher.RunOnce().finished, 1u);
}

TEST_F(WitnessDeskTest, R1CarriesTheNewestWitnessedCheckpointAndItsPath) {
  Round();
  const auto witnessed = certs::ParseCheckpoint(desk_->Newest()->note);
  ASSERT_OK(witnessed);
  const std::string file = Download(IssueBirth(1).number);
  const signer::Report report = verifier_->Verify(file, clock_.Now());
  EXPECT_EQ(report.verdict, signer::Verdict::kGenuineStatusNotChecked);
  signer::VerifierTrust trust = pki_.Trust();
  trust.witnesses = witnesses_;
  const signer::Report with_policy =
      signer::DocumentVerifier(std::move(trust)).Verify(file, clock_.Now());
  EXPECT_EQ(with_policy.verdict, signer::Verdict::kGenuineStatusNotChecked);
  EXPECT_EQ(with_policy.after_witnessed_size, witnessed->head.size);
}

TEST_F(WitnessDeskTest, TheLinkIsConsistentAndEmptyWithoutAWitnessedCheckpoint) {
  EXPECT_FALSE(desk_->LinkTo({certs::LogEpoch(1), ledger_->Head().size})->has_value());
  Round();
  const auto old = desk_->Newest();
  IssueBirth(1);
  const store::DurableRoot now = ledger_->Head();
  for (int time = 0; time < 2; ++time) {  // the second from memory
    const auto link = desk_->LinkTo({certs::LogEpoch(1), now.size});
    ASSERT_OK(link);
    ASSERT_TRUE(link->has_value());
    EXPECT_EQ((*link)->note, old->note);
    EXPECT_OK(certs::CheckConsistency(old->head.size, old->head.root, now.size.value(), now.root,
                                      (*link)->path));
  }
  EXPECT_FALSE(
      desk_->LinkTo({certs::LogEpoch(1), certs::LogSize(old->head.size - 1)})->has_value());
  EXPECT_FALSE(desk_->LinkTo({certs::LogEpoch(2), now.size})->has_value());
}

TEST_F(WitnessDeskTest, ReceiptsOfARangeProveEachLabelUnderTheCheckpoint) {
  Round();
  const certs::LeafIndex from(WitnessedSize());
  for (int n = 1; n <= 3; ++n) IssueBirth(n);
  Round();
  const auto now = desk_->Newest();
  std::vector<store::StoreReceipts> commands;
  const auto keep = [&commands](store::StoreReceipts command) {
    commands.push_back(std::move(command));
    return absl::OkStatus();
  };
  ASSERT_OK(server::MakeReceipts(*now, from, keep, [] { return false; }));
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].position, now->position());
  EXPECT_EQ(commands[0].checkpoint, now->note);
  ASSERT_EQ(commands[0].items.size(), 3u);
  for (const store::StoreReceipts::Item& item : commands[0].items) {
    const auto proof = certs::ParseMapProof(item.map_proof);
    ASSERT_OK(proof);
    const auto value = certs::CheckMapProof(*proof, now->head.map_root);
    ASSERT_OK(value);
    EXPECT_EQ(*value, item.status_index.value());
  }
  // Nothing issued in the range: the checkpoint is kept all the same.
  commands.clear();
  ASSERT_OK(
      server::MakeReceipts(*now, certs::LeafIndex(now->head.size), keep, [] { return false; }));
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_TRUE(commands[0].items.empty());
}

TEST_F(WitnessDeskTest, AwaitingReturnsWhenAQuorumCovers) {
  EXPECT_THAT(desk_->AwaitWitnessed({certs::LogEpoch(1), certs::LogSize(1)}, absl::Milliseconds(1)),
              StatusIs(absl::StatusCode::kUnavailable, "NOT_YET_WITNESSED"));
  std::thread waiter([this] {
    EXPECT_OK(desk_->AwaitWitnessed({certs::LogEpoch(1), ledger_->Head().size}, absl::Seconds(60)));
  });
  Round();
  waiter.join();
}

TEST_F(WitnessDeskTest, ADeskThatStopsHasNotSeenAQuorum) {
  Round();
  const uint64_t size = WitnessedSize();
  EXPECT_OK(
      desk_->AwaitWitnessed({certs::LogEpoch(1), certs::LogSize(size)}, absl::ZeroDuration()));
  std::thread waiter([this, size] {
    EXPECT_THAT(
        desk_->AwaitWitnessed({certs::LogEpoch(1), certs::LogSize(size + 1)}, absl::Seconds(60)),
        StatusIs(absl::StatusCode::kUnavailable, "NOT_YET_WITNESSED"));
  });
  desk_->Stop();
  waiter.join();
}

TEST_F(WitnessDeskTest, AStoreThatCannotBeReadConfirmsNothing) {
  Round();
  Faults reads;
  FailingEngine engine(engine_.get(), &reads);
  server::Freshness::Options fresh;
  fresh.witnesses = 3;
  fresh.quorum = 2;
  server::WitnessDesk::Options options;
  options.log_name = kTestLogName;
  options.log_keys = {log_key_};
  options.policy = witnesses_;
  options.clients = witness_clients_;
  server::Freshness freshness(fresh, &clock_);
  server::WitnessDesk desk(options, {&engine, checkpoints_.get(), &freshness, &clock_});
  for (int good = 0;; ++good) {
    reads.FailAfter(good);
    const absl::Status shown = desk.Witness(CallerOf("w-police"), known_["w-police"]).status();
    if (reads.Stop().empty()) {
      EXPECT_GT(good, 0);
      EXPECT_OK(shown);
      break;
    }
    EXPECT_THAT(shown, StatusIs(absl::StatusCode::kInternal, kInjected)) << good;
    EXPECT_EQ(freshness.counters().confirmed, 0u) << good;
    EXPECT_OK(freshness.MayAnswer()) << good;
  }
  EXPECT_EQ(freshness.counters().confirmed, 1u);
}

// A desk of the test's own, and what it tells.
class TellingDeskTest : public WitnessDeskTest {
 protected:
  server::WitnessDesk::Options Options() {
    server::WitnessDesk::Options options;
    options.log_name = kTestLogName;
    options.log_keys = {log_key_};
    options.policy = witnesses_;
    options.clients = witness_clients_;
    options.on_event = [this](absl::string_view event, absl::string_view) {
      told_.emplace_back(event);
    };
    return options;
  }
  std::vector<std::string> told_;
};

// A round that cannot be begun is told of and tried again.
TEST_F(TellingDeskTest, ARoundThatCannotReadTheStoreIsTriedAgain) {
  Faults reads;
  FailingEngine engine(engine_.get(), &reads);
  server::WitnessDesk desk(Options(), {&engine, checkpoints_.get(), freshness_.get(), &clock_});
  desk.OnDurable(ledger_->Head());
  reads.FailAfter(0);
  desk.Step();
  EXPECT_NE(reads.Stop(), "");
  EXPECT_THAT(told_, testing::ElementsAre("WITNESS_ROUND_FAILED"));
  EXPECT_EQ(desk.counters().rounds_failed, 1u);
  EXPECT_EQ(desk.counters().offered, 0u);
  clock_.Advance(absl::Seconds(1));
  desk.Step();
  EXPECT_EQ(desk.counters().offered, 1u);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(TellingDeskTest, RoundsThatGoOnFailingAreToldOnceAnHourAndCountedEachTime) {
  Round();  // else nothing is issued
  Faults reads;
  FailingEngine engine(engine_.get(), &reads);
  server::WitnessDesk desk(Options(), {&engine, checkpoints_.get(), freshness_.get(), &clock_});
  desk.OnDurable(ledger_->Head());
  const auto fail = [&] {
    clock_.Advance(absl::Seconds(6));
    reads.FailAfter(0);
    desk.Step();
    EXPECT_NE(reads.Stop(), "");
  };
  for (int i = 0; i < 3; ++i) fail();
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(desk.counters().rounds_failed, 3u);
  clock_.Advance(absl::Hours(1));
  fail();
  EXPECT_EQ(told_.size(), 2u);
  // Well in between: what fails then is another failure.
  clock_.Advance(absl::Seconds(6));
  desk.Step();
  ASSERT_EQ(desk.counters().offered, 1u);
  IssueBirth(1);
  desk.OnDurable(ledger_->Head());
  fail();
  EXPECT_EQ(told_.size(), 3u);
  EXPECT_EQ(desk.counters().rounds_failed, 5u);
}

TEST_F(TellingDeskTest, ReceiptsThatGoOnFailingAreToldOnceAnHourAndCountedEachTime) {
  Round();  // else nothing is issued
  bool fails = true;
  server::WitnessDesk::Options options = Options();
  options.store_receipts = [&](const store::StoreReceipts&) {
    return fails ? certs::Error(absl::StatusCode::kUnavailable, "DISK", "no room")
                 : absl::OkStatus();
  };
  server::WitnessDesk desk(options, {engine_.get(), checkpoints_.get(), freshness_.get(), &clock_});
  int births = 0;
  const auto round = [&] {
    IssueBirth(++births);
    desk.OnDurable(ledger_->Head());
    clock_.Advance(absl::Seconds(1));
    desk.Step();
    for (const char* name : {"w-police", "w-health"}) {
      const auto offered = desk.Witness(CallerOf(name), "");
      ASSERT_OK(offered);
      ASSERT_OK(desk.Witness(CallerOf(name), Cosign(name, *offered)));
    }
    desk.Step();
  };
  for (int i = 0; i < 3; ++i) round();
  EXPECT_THAT(told_, testing::ElementsAre("RECEIPTS_FAILED"));
  EXPECT_EQ(desk.counters().receipts_failed, 3u);
  clock_.Advance(absl::Hours(1));
  round();
  EXPECT_EQ(told_.size(), 2u);
  fails = false;
  round();
  fails = true;
  round();
  EXPECT_EQ(told_.size(), 3u);
  EXPECT_EQ(desk.counters().receipts_failed, 5u);
}

TEST_F(WitnessDeskTest, SilenceIsCountedOnlyWhileSomethingWaits) {
  Round();
  clock_.Advance(absl::Hours(48));
  desk_->Step();
  EXPECT_EQ(freshness_->counters().alarms, 0u);
  IssueBirth(1);
  desk_->Step();
  clock_.Advance(absl::Minutes(6));
  desk_->Step();
  EXPECT_EQ(freshness_->counters().alarms, 1u);
  clock_.Advance(absl::Hours(24));
  desk_->Step();
  EXPECT_THAT(freshness_->MayIssue(), StatusIs(absl::StatusCode::kUnavailable, "WITNESSES_SILENT"));
  Round();
  EXPECT_OK(freshness_->MayIssue());
}

TEST(ReceiptsFromTest, IsTheLastCheckpointButOne) {
  store::MemoryEngine engine;
  EXPECT_EQ(*server::ReceiptsFrom(*engine.NewSnapshot(), certs::LogEpoch(1)), certs::LeafIndex(0));
  const store::FenceEpoch fence = *engine.AcquireFence();
  uint64_t before = 0;
  for (const uint64_t size : {5u, 9u, 1000u, 70000u}) {
    store::WriteBatch batch;
    batch.Put(store::Family::kCheckpoints,
              store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(size))), "note");
    batch.Put(store::Family::kCheckpoints,
              store::IndexKey(store::PlaceOf(certs::LogEpoch(2), certs::LeafIndex(3))), "note");
    ASSERT_OK(engine.Commit(batch, fence));
    EXPECT_EQ(*server::ReceiptsFrom(*engine.NewSnapshot(), certs::LogEpoch(1)),
              certs::LeafIndex(before));
    before = size;
  }
  EXPECT_EQ(*server::ReceiptsFrom(*engine.NewSnapshot(), certs::LogEpoch(2)), certs::LeafIndex(0));
}

}  // namespace
}  // namespace birthseal::tests
