// SPDX-License-Identifier: Apache-2.0
// Each field of what a witness is offered, wrong for itself: refused by its name, with the update
// at fault as evidence, and what the witness knew stays.
#include "certs/canonical.h"
#include "tests/clients/witness/witness_fixture.h"

namespace birthseal::witness {
namespace {

using certs::LeafKind;
using tests::LabelOf;
using tests::SignedNote;
using tests::SmallLog;
using tests::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kOld = absl::StatusCode::kOutOfRange;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class WitnessFaultsTest : public tests::WitnessFixture {
 protected:
  void SetUp() override { Know(2); }
  // A new witness that knows the first leaves of the story.
  void Know(size_t size) {
    storage = tests::MemoryStorage();
    alarms.clear();
    Open();
    served = {&log_};
    ASSERT_OK(Offer(log_.HeadAt(size)));
  }
  // The log is at fault: refused, told, kept; nothing else changed.
  void ExpectRefused(const certs::TreeHead& head, absl::StatusCode code, const std::string& reason,
                     uint64_t epoch, uint64_t first) {
    const std::string before = certs::Canonical(witness->memory().log);
    const int cosigned_before = cosigned;
    EXPECT_THAT(Offer(head), StatusIs(code, reason));
    EXPECT_EQ(alarms, std::vector<std::string>{reason});
    ASSERT_EQ(storage.evidence.size(), 1u);
    EXPECT_EQ(storage.evidence[0].offered_note, SignedNote(head));
    EXPECT_EQ(storage.evidence[0].epoch, certs::LogEpoch(epoch));
    EXPECT_EQ(storage.evidence[0].first, certs::LeafIndex(first));
    EXPECT_EQ(certs::Canonical(witness->memory().log), before);
    EXPECT_EQ(cosigned, cosigned_before);
  }
  // Nobody is at fault: no refusal, no cosignature, and the true log is followed afterwards.
  void ExpectAskAgain(const certs::TreeHead& head, absl::StatusCode code, const char* reason) {
    const std::string before = storage.state;
    EXPECT_THAT(Offer(head), StatusIs(code, reason));
    EXPECT_EQ(storage.state, before);
    EXPECT_TRUE(alarms.empty());
    EXPECT_TRUE(storage.evidence.empty());
  }
  // The next epoch, begun by a RECOVERY that says this.
  static SmallLog Begun(uint64_t epoch, const SmallLog& before, const certs::Recovery& recovery) {
    SmallLog next;
    next.epoch = epoch;
    next.labels = before.labels;
    next.map_before = before.MapRootAt(before.updates.size());
    certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kRecovery, 0);
    leaf.institution_code.clear();
    leaf.detail = Canonical(recovery);
    leaf.commitment = certs::Commit("", leaf.detail);
    next.Add(leaf);
    return next;
  }
  static certs::Recovery KeptOf(const SmallLog& log) {
    const size_t size = log.updates.size();
    return {log.epoch, size, log.RootAt(size), log.MapRootAt(size), size, log.RootAt(size)};
  }
  SmallLog log_ = tests::ExchangeStory();
};

TEST_F(WitnessFaultsTest, EachFieldOfAnUpdate) {
  struct Row {
    const char* what;
    size_t at;  // of the update
    void (*change)(tests::SmallUpdate*);
    absl::StatusCode code;
    const char* reason;
  };
  const Row rows[] = {
      {"a leaf that is none", 2, [](tests::SmallUpdate* u) { u->leaf = "no leaf"; }, kInvalid,
       "CANONICAL_FORM"},
      {"a kind that may not change the map", 3,
       [](tests::SmallUpdate* u) { u->leaf = Canonical(SmallLog::LeafOf(LeafKind::kIntent, 1)); },
       kPrecondition, "MAP_CHANGE_WITHOUT_RIGHT"},
      {"a RECOVERY inside an epoch", 2,
       [](tests::SmallUpdate* u) { u->leaf = Canonical(SmallLog::LeafOf(LeafKind::kRecovery, 0)); },
       kPrecondition, "RECOVERY_OUT_OF_PLACE"},
      {"no certificate", 3,
       [](tests::SmallUpdate* u) { u->leaf = Canonical(SmallLog::LeafOf(LeafKind::kVoided, 0)); },
       kInvalid, "LEAF_FORM"},
      {"another certificate", 3,
       [](tests::SmallUpdate* u) { u->leaf = Canonical(SmallLog::LeafOf(LeafKind::kVoided, 9)); },
       kPrecondition, "MAP_CHANGE_WITHOUT_RIGHT"},
      {"no change", 4, [](tests::SmallUpdate* u) { u->changes.clear(); }, kPrecondition,
       "MAP_CHANGE_MISSING"},
      {"a change that is none", 4, [](tests::SmallUpdate* u) { u->changes[0] = "no change"; },
       kInvalid, "CANONICAL_FORM"},
      {"a change twice", 4, [](tests::SmallUpdate* u) { u->changes.push_back(u->changes.back()); },
       kDataLoss, "MAP_PROOF"},
      {"changes in another order", 4,
       [](tests::SmallUpdate* u) { std::swap(u->changes[0], u->changes[1]); }, kDataLoss,
       "MAP_PROOF"},
      {"another value", 3,
       [](tests::SmallUpdate* u) {
         certs::MapChange change = *certs::ParseMapChange(u->changes[0]);
         change.value = 7;
         u->changes[0] = Canonical(change);
       },
       kPrecondition, "MAP_CHANGE_WITHOUT_RIGHT"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    log_ = tests::ExchangeStory();
    Know(2);
    row.change(&log_.updates[row.at]);
    ExpectRefused(log_.Head(), row.code, row.reason, 1, row.at);
    ASSERT_EQ(storage.evidence[0].updates.size(), 1u);
    EXPECT_EQ(storage.evidence[0].updates[0].leaf, log_.updates[row.at].leaf);
    EXPECT_EQ(storage.evidence[0].updates[0].changes, log_.updates[row.at].changes);
    EXPECT_EQ(storage.mirror[1].size(), 2u);
  }
}

// One of the updates that were followed is why, and the evidence has no more than may be asked for.
TEST_F(WitnessFaultsTest, TheEvidenceOfAForkIsTheLastUpdatesBeforeIt) {
  while (log_.updates.size() < kUpdatesAtOnce + 10) log_.Intent(log_.updates.size() + 1);
  certs::TreeHead other = log_.Head();
  other.root = certs::Sm3Of("another");
  ExpectRefused(other, kDataLoss, "LOG_FORKED", 1, kUpdatesAtOnce + 2);
  ASSERT_EQ(storage.evidence[0].updates.size(), 8u);
  EXPECT_EQ(storage.evidence[0].updates[0].leaf, log_.updates[kUpdatesAtOnce + 2].leaf);
}

TEST_F(WitnessFaultsTest, TheEvidenceOfAForkedEpochIsOfThatEpoch) {
  SmallLog next = log_.Recovered(6, 6);
  next.Intent(3);
  served = {&log_, &next};
  certs::TreeHead other = next.Head();
  other.root = certs::Sm3Of("another");
  ExpectRefused(other, kDataLoss, "LOG_FORKED", 2, 0);
  EXPECT_EQ(storage.evidence[0].updates.size(), 2u);
}

TEST_F(WitnessFaultsTest, EachFieldOfTheFirstLeafOfAnEpoch) {
  Know(6);
  const certs::Recovery kept = KeptOf(log_);
  struct Row {
    const char* what;
    void (*change)(certs::Recovery*);
    absl::StatusCode code;
    const char* reason;
  };
  const Row rows[] = {
      {"its own epoch", [](certs::Recovery* r) { r->old_epoch = 2; }, kDataLoss, "LOG_FORKED"},
      {"a later epoch", [](certs::Recovery* r) { r->old_epoch = 3; }, kDataLoss, "LOG_FORKED"},
      {"no epoch", [](certs::Recovery* r) { r->old_epoch = 0; }, kInvalid, "RECOVERY_FORM"},
      {"fewer leaves", [](certs::Recovery* r) { r->kept_size = 5; }, kDataLoss,
       "RECOVERY_LOSES_KNOWN"},
      {"fewer lost than kept", [](certs::Recovery* r) { r->lost_size = 5; }, kInvalid,
       "RECOVERY_FORM"},
      {"another root", [](certs::Recovery* r) { r->kept_root = certs::Sm3Of("x"); }, kDataLoss,
       "LOG_FORKED"},
      {"another map", [](certs::Recovery* r) { r->kept_map_root = certs::Sm3Of("x"); }, kDataLoss,
       "MAP_FORKED"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    Know(6);
    certs::Recovery recovery = kept;
    row.change(&recovery);
    const SmallLog next = Begun(2, log_, recovery);
    served = {&log_, &next};
    only_lists = lists + 20;  // who does not see that it turns in a circle is stopped
    ExpectRefused(next.Head(), row.code, row.reason, 2, 0);
    EXPECT_EQ(storage.mirror[2].size(), 0u);
  }
}

TEST_F(WitnessFaultsTest, AnEpochThatBeginsWithNoLeafOrChangesTheMapIsRefused) {
  SmallLog next = log_.Recovered(6, 6);
  next.updates[0].leaf = "no leaf";
  served = {&log_, &next};
  ExpectRefused(next.Head(), kInvalid, "CANONICAL_FORM", 2, 0);
  Know(6);
  next = log_.Recovered(6, 6);
  next.updates[0].changes = log_.updates[5].changes;
  served = {&log_, &next};
  ExpectRefused(next.Head(), kPrecondition, "MAP_CHANGE_WITHOUT_RIGHT", 2, 0);
}

// Of an epoch that was over before the one that is known, whatever else it says.
TEST_F(WitnessFaultsTest, AnEpochThatFollowsAnOlderOneThanTheKnownIsRefused) {
  SmallLog second = log_.Recovered(6, 6);
  served = {&log_, &second};
  ASSERT_OK(Offer(second.Head()));
  const SmallLog third = Begun(3, log_, KeptOf(log_));
  served = {&log_, &second, &third};
  ExpectRefused(third.Head(), kDataLoss, "LOG_FORKED", 3, 0);
}

TEST_F(WitnessFaultsTest, WhatTheServiceDoesNotShowIsNoFaultOfTheLog) {
  const SmallLog next = log_.Recovered(6, 6);
  served = {&log_};  // not even the first leaf of the epoch
  ExpectAskAgain(next.Head(), kUnavailable, "UPDATES_MISSING");
  SmallLog half = log_;  // the old epoch ends too early
  half.updates.resize(4);
  served = {&half, &next};
  ExpectAskAgain(next.Head(), kUnavailable, "UPDATES_MISSING");
  served = {&log_, &next};
  EXPECT_OK(Offer(next.Head()));
}

TEST_F(WitnessFaultsTest, MoreUpdatesThanWereAskedForAreNotTaken) {
  const auto too_many = [this](certs::LogEpoch, certs::LeafIndex first, int) {
    std::vector<Update> updates;
    for (size_t i = first.value(); i < log_.updates.size(); ++i) {
      updates.push_back({log_.updates[i].leaf, log_.updates[i].changes});
    }
    return absl::StatusOr<std::vector<Update>>(std::move(updates));
  };
  EXPECT_THAT(witness->Offer(SignedNote(log_.HeadAt(4)), too_many),
              StatusIs(kUnavailable, "UPDATES_MISSING"));
  EXPECT_TRUE(alarms.empty());
  EXPECT_OK(Offer(log_.HeadAt(4)));
}

TEST_F(WitnessFaultsTest, WithoutALogKeyNothingIsBelieved) {
  witness::WitnessOptions options = Options();
  options.log_keys.clear();
  auto trusting = Witness::Open(options, &storage);
  ASSERT_OK(trusting);
  witness = *std::move(trusting);
  ExpectAskAgain(log_.HeadAt(2), kInvalid, "LOG_KEY");
  ExpectAskAgain(log_.Head(), kInvalid, "LOG_KEY");
}

// A checkpoint that was signed before the restore, of leaves that the restore lost.
TEST_F(WitnessFaultsTest, ALateCheckpointOfTheLostPartOfAnEpochIsOldAndNoFault) {
  SmallLog lost = log_;
  lost.Intent(8);
  lost.Intent(9);
  const SmallLog next = log_.Recovered(6, 8);
  served = {&log_, &next};
  ASSERT_OK(Offer(next.Head()));
  ExpectAskAgain(lost.HeadAt(8), kOld, "CHECKPOINT_OLD");
}

// The state itself.

TEST(WitnessMemoryTest, AStateThatIsNotWholeIsNone) {
  Memory memory;
  memory.log_name = "birthseal.example/log";
  memory.note = "note";
  const std::string whole = Canonical(memory);
  ASSERT_OK(ParseMemory(whole));
  EXPECT_THAT(ParseMemory(whole + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
  memory.log_name.clear();
  EXPECT_THAT(ParseMemory(Canonical(memory)), StatusIs(kDataLoss, "WITNESS_STATE"));
  const auto with_log = [](const std::string& log) {
    return certs::CanonicalWriter("birthseal/witness-state/v1").Text(1, "log").Nested(2, log);
  };
  EXPECT_THAT(ParseMemory(with_log("no log").Finish()), StatusIs(kInvalid, "CANONICAL_FORM"));
  EXPECT_THAT(
      ParseMemory(certs::CanonicalWriter("birthseal/witness-state/v1").Text(1, "log").Finish()),
      StatusIs(kDataLoss, "WITNESS_STATE"));
}

// Replaying the mirror.

// Gives up after many reads, so that who never ends is seen.
class TiredStorage : public tests::MemoryStorage {
 public:
  absl::StatusOr<std::vector<Update>> ReadMirror(certs::LogEpoch epoch, certs::LeafIndex first,
                                                 int count) override {
    if (++reads_ > 50) return absl::ResourceExhaustedError("read again and again");
    return MemoryStorage::ReadMirror(epoch, first, count);
  }

 private:
  int reads_ = 0;
};

TEST(ReplayTest, AMirrorThatIsShortOrDamagedGivesNoState) {
  const SmallLog log = tests::ExchangeStory(), next = log.Recovered(6, 6);
  TiredStorage mirror;
  for (const SmallLog* of : {&log, &next}) {
    for (const auto& u : of->updates) mirror.mirror[of->epoch].push_back({u.leaf, u.changes});
  }
  ASSERT_OK(Replay(&mirror, {certs::LogEpoch(2), certs::LogSize(1)}));
  EXPECT_THAT(Replay(&mirror, {certs::LogEpoch(2), certs::LogSize(2)}),
              StatusIs(kDataLoss, "MIRROR_SHORT"));
  mirror.mirror[1][3].leaf = "no leaf";
  EXPECT_THAT(Replay(&mirror, {certs::LogEpoch(1), certs::LogSize(6)}),
              StatusIs(kInvalid, "CANONICAL_FORM"));
  EXPECT_THAT(Replay(&mirror, {certs::LogEpoch(2), certs::LogSize(1)}),
              StatusIs(kInvalid, "CANONICAL_FORM"));  // on the way
  EXPECT_OK(Replay(&mirror, {certs::LogEpoch(1), certs::LogSize(3)}));
}

}  // namespace
}  // namespace birthseal::witness
