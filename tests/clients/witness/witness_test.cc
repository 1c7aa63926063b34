// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/witness.h"

#include "tests/clients/witness/witness_fixture.h"

namespace birthseal::witness {
namespace {

using tests::LabelOf;
using tests::SignedNote;
using tests::SmallLog;
using tests::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class WitnessTest : public tests::WitnessFixture {
 protected:
  void SetUp() override { Open(); }
  void ExpectRefusal(const certs::TreeHead& head, absl::StatusCode code, const char* reason) {
    const certs::LogState before = witness->memory().log;
    const int cosigned_before = cosigned;
    EXPECT_THAT(Offer(head), StatusIs(code, reason));
    EXPECT_EQ(alarms, std::vector<std::string>{reason});
    ASSERT_EQ(storage.evidence.size(), 1u);
    EXPECT_EQ(storage.evidence[0].reason, reason);
    EXPECT_EQ(storage.evidence[0].offered_note, SignedNote(head));
    EXPECT_EQ(storage.evidence[0].known_note, witness->memory().note);
    EXPECT_EQ(certs::Canonical(witness->memory().log), certs::Canonical(before));
    // From now on nothing, not even what was fine; also after a restart.
    EXPECT_THAT(Offer(log_.HeadAt(1)), StatusIs(kPrecondition, "WITNESS_REFUSES"));
    EXPECT_THAT(witness->Cosigned(), StatusIs(kPrecondition, "WITNESS_REFUSES"));
    Open();
    EXPECT_THAT(Offer(log_.HeadAt(1)), StatusIs(kPrecondition, "WITNESS_REFUSES"));
    EXPECT_EQ(witness->memory().refusal, reason);
    EXPECT_EQ(cosigned, cosigned_before);
  }
  SmallLog log_ = tests::ExchangeStory();
};

TEST_F(WitnessTest, CosignsWhatOnlyAppends) {
  served = {&log_};
  at_once = 2;  // a service may answer with fewer than asked
  for (const size_t size : {0, 1, 2, 6}) {
    const auto note = Offer(log_.HeadAt(size));
    ASSERT_OK(note);
    const auto checkpoint = certs::ParseCheckpoint(*note);
    ASSERT_OK(checkpoint);
    EXPECT_EQ(checkpoint->body, certs::CheckpointBody(log_.HeadAt(size)));
    ASSERT_EQ(checkpoint->signatures.size(), 2u);
    EXPECT_EQ(
        checkpoint->signatures[1].signature,
        tests::ToySign("witness", certs::CosignatureMessage(now, checkpoint->body)).signature);
    EXPECT_EQ(storage.mirror[1].size(), size);
  }
  EXPECT_EQ(storage.mirror[1][4].changes, log_.updates[4].changes);
  EXPECT_TRUE(alarms.empty());
}

TEST_F(WitnessTest, TheStateIsDurableBeforeTheCosignatureExists) {
  served = {&log_};
  for (size_t size = 1; size <= 6; ++size) {
    ASSERT_OK(Offer(log_.HeadAt(size)));
    const auto memory = ParseMemory(durable_at_cosign);
    ASSERT_OK(memory);
    EXPECT_EQ(memory->log.leaves.size(), size);
    EXPECT_EQ(memory->note, SignedNote(log_.HeadAt(size)));
  }
}

TEST_F(WitnessTest, TheSameCheckpointIsCosignedAgainWithTheTimeOfNow) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  const int before = storage.writes;
  now += absl::Seconds(5);
  const auto again = Offer(log_.Head());
  ASSERT_OK(again);
  EXPECT_EQ(storage.writes, before);
  Open();
  EXPECT_EQ(*witness->Cosigned(), *again);
}

TEST_F(WitnessTest, BytesWithoutTheLogsSignatureChangeNothing) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(2)));
  const std::string state = storage.state;
  for (const std::string& note :
       {std::string("no note"), SignedNote(log_.Head(), "witness"), SignedNote(log_.Head(), "x")}) {
    EXPECT_FALSE(witness->Offer(note, Lister()).ok());
  }
  certs::TreeHead other = log_.Head();
  other.origin = certs::OriginOf("another.example/log", certs::LogEpoch(1));
  EXPECT_THAT(Offer(other),
              StatusIs(absl::StatusCode::kInvalidArgument, "CHECKPOINT_OF_ANOTHER_LOG"));
  EXPECT_EQ(storage.state, state);
  EXPECT_TRUE(alarms.empty());
  EXPECT_OK(Offer(log_.Head()));
}

TEST_F(WitnessTest, EveryTrustedLogKeyMustHaveSigned) {
  served = {&log_};
  auto options = Options();
  options.log_keys.push_back(tests::ToyKey("log-ed25519"));
  witness = *Witness::Open(options, &storage);
  EXPECT_THAT(Offer(log_.Head()),
              StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY"));
  const std::string body = certs::CheckpointBody(log_.Head());
  EXPECT_OK(witness->Offer(
      certs::FormatCheckpoint(body, {tests::ToySign("log", body), tests::ToySign("x", body),
                                     tests::ToySign("log-ed25519", body)}),
      Lister()));
}

TEST_F(WitnessTest, AnOldCheckpointThatComesLateIsNotHeldAgainstTheLog) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  EXPECT_THAT(Offer(log_.HeadAt(3)), StatusIs(absl::StatusCode::kOutOfRange, "CHECKPOINT_OLD"));
  EXPECT_TRUE(alarms.empty());
  EXPECT_OK(Offer(log_.Head()));
}

TEST_F(WitnessTest, RefusesALogThatGoesBack) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  certs::TreeHead back = log_.HeadAt(3);
  back.time = log_.Head().time + absl::Seconds(1);
  ExpectRefusal(back, kDataLoss, "LOG_ROLLED_BACK");
}

TEST_F(WitnessTest, RefusesAnOldCheckpointOfAnotherHistory) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  certs::TreeHead other = log_.HeadAt(3);
  other.root = certs::Sm3Of("another");
  ExpectRefusal(other, kDataLoss, "LOG_FORKED");
}

TEST_F(WitnessTest, RefusesAForkOfTheSameSize) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));
  certs::TreeHead other = log_.HeadAt(3);
  other.root = certs::Sm3Of("another");
  ExpectRefusal(other, kDataLoss, "LOG_FORKED");
}

TEST_F(WitnessTest, RefusesAForkThatGrew) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));
  SmallLog fork;  // another third leaf
  fork.Intent(1);
  fork.Issued(1, 1, {LabelOf(1), LabelOf(2)});
  fork.Intent(9);
  fork.Intent(10);
  served = {&fork};
  ExpectRefusal(fork.Head(), kDataLoss, "LOG_FORKED");
  EXPECT_EQ(storage.evidence[0].first, certs::LeafIndex(3));
  ASSERT_EQ(storage.evidence[0].updates.size(), 1u);
  EXPECT_EQ(storage.evidence[0].updates[0].leaf, fork.updates[3].leaf);
}

TEST_F(WitnessTest, RefusesAMapThatIsNotThatOfTheLeaves) {
  served = {&log_};
  certs::TreeHead head = log_.Head();
  head.map_root = certs::Sm3Of("another");
  ExpectRefusal(head, kDataLoss, "MAP_FORKED");
}

TEST_F(WitnessTest, RefusesASecondLiveCertificateWithTheLeafAsEvidence) {
  log_.Intent(3);
  log_.Issued(3, 7, {LabelOf(3)});  // label 3 leads to certificate 2
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(6)));
  ExpectRefusal(log_.Head(), kPrecondition, "MAP_SECOND_LIVE");
  const Evidence& evidence = storage.evidence[0];
  EXPECT_EQ(evidence.epoch, certs::LogEpoch(1));
  EXPECT_EQ(evidence.first, certs::LeafIndex(7));
  ASSERT_EQ(evidence.updates.size(), 1u);
  EXPECT_EQ(evidence.updates[0].leaf, log_.updates[7].leaf);
  EXPECT_EQ(evidence.updates[0].changes, log_.updates[7].changes);
}

TEST_F(WitnessTest, AfterAPersonHasLookedItGoesOnFromWhatItKnew) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(3)));
  certs::TreeHead other = log_.HeadAt(3);
  other.root = certs::Sm3Of("another");
  EXPECT_THAT(Offer(other), StatusIs(kDataLoss, "LOG_FORKED"));
  Open();
  ASSERT_OK(witness->Acknowledge());
  EXPECT_OK(Offer(log_.Head()));
  EXPECT_THAT(Offer(other), StatusIs(kDataLoss, "LOG_FORKED"));  // and does not forget
}

TEST_F(WitnessTest, UpdatesThatDoNotComeAreNoFaultOfTheLog) {
  served = {&log_};
  ASSERT_OK(Offer(log_.HeadAt(2)));
  list_error = absl::UnavailableError("network");
  EXPECT_THAT(Offer(log_.Head()), StatusIs(absl::StatusCode::kUnavailable));
  list_error = absl::OkStatus();
  at_once = 0;
  EXPECT_THAT(Offer(log_.Head()), StatusIs(absl::StatusCode::kUnavailable, "UPDATES_MISSING"));
  at_once = 1;
  EXPECT_OK(Offer(log_.Head()));
  EXPECT_TRUE(alarms.empty());
}

TEST_F(WitnessTest, AStateOfAnotherLogOrDamagedIsRefused) {
  served = {&log_};
  ASSERT_OK(Offer(log_.Head()));
  auto options = Options();
  options.log_name = "another.example/log";
  EXPECT_THAT(Witness::Open(options, &storage),
              StatusIs(absl::StatusCode::kInvalidArgument, "WITNESS_STATE_OF_ANOTHER_LOG"));
  tests::MemoryStorage damaged = storage;
  damaged.mirror[1].pop_back();
  EXPECT_THAT(Witness::Open(Options(), &damaged), StatusIs(kDataLoss, "MIRROR_SHORT"));
  damaged = storage;
  damaged.state.pop_back();
  EXPECT_THAT(Witness::Open(Options(), &damaged), StatusIs(kDataLoss, "WITNESS_STATE"));
}

}  // namespace
}  // namespace birthseal::witness
