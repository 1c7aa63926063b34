// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/log_update.h"

#include "certs/canonical.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::LabelOf;
using tests::SmallLog;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

// Two certificates of two newborns, the first with a further claim, the second voided.
SmallLog Story() {
  SmallLog log;
  log.Add(SmallLog::LeafOf(LeafKind::kSealEnrolled, 0));
  log.Intent(1);
  log.Issued(1, 2, {LabelOf(1)});
  log.Intent(2);
  log.Issued(2, 4, {LabelOf(2), LabelOf(3)});
  log.ClaimAdded(1, LabelOf(4));
  log.Voided(2, {LabelOf(2), LabelOf(3)});
  return log;
}

// Follows all of `log`; the test fails where it does not hold.
LogFollower Followed(const SmallLog& log) {
  LogFollower follower{LogState{}};
  for (const auto& update : log.updates) EXPECT_OK(follower.Follow(update.leaf, update.changes));
  return follower;
}

class LogUpdateTest : public ::testing::Test {
 protected:
  // The update is refused for this reason, and nothing has changed.
  void ExpectRefused(absl::StatusCode code, const char* reason, const std::string& leaf,
                     const std::vector<std::string>& changes) {
    const std::string before = Canonical(follower_.state());
    EXPECT_THAT(follower_.Follow(leaf, changes), StatusIs(code, reason));
    EXPECT_EQ(Canonical(follower_.state()), before);
  }
  void ExpectRefused(absl::StatusCode code, const char* reason, LeafKind kind, uint64_t status,
                     const std::vector<std::string>& changes) {
    ExpectRefused(code, reason, Canonical(SmallLog::LeafOf(kind, status)), changes);
  }
  // A change from the map as it stands, without making it.
  std::string Change(int label, uint64_t value) {
    return SmallLog(log_).Change(LabelOf(label), value);
  }

  const SmallLog log_ = Story();  // 1: label 1 and 4; label 2 and 3 void
  LogFollower follower_ = Followed(log_);
};

TEST_F(LogUpdateTest, FollowsEveryKindAndAgreesWithEachHead) {
  LogFollower follower{LogState{}};
  EXPECT_OK(follower.CheckHead(log_.HeadAt(0)));
  for (size_t i = 0; i < log_.updates.size(); ++i) {
    ASSERT_OK(follower.Follow(log_.updates[i].leaf, log_.updates[i].changes));
    EXPECT_OK(follower.CheckHead(log_.HeadAt(i + 1))) << i;
  }
}

TEST_F(LogUpdateTest, AVoidLabelMayLeadToANewCertificate) {
  SmallLog log = log_;
  log.Issued(3, 0, {LabelOf(2), LabelOf(3)});
  EXPECT_OK(follower_.Follow(log.updates.back().leaf, log.updates.back().changes));
  EXPECT_OK(follower_.CheckHead(log.Head()));
}

TEST_F(LogUpdateTest, ALiveLabelGetsNoSecondCertificate) {
  ExpectRefused(kPrecondition, "MAP_SECOND_LIVE", LeafKind::kIssued, 3, {Change(1, 3)});
  ExpectRefused(kPrecondition, "MAP_SECOND_LIVE", LeafKind::kClaimAdded, 3, {Change(4, 3)});
  // Also behind a label that may.
  SmallLog log = log_;
  const std::string free = log.Change(LabelOf(9), 3);
  const std::string taken = log.Change(LabelOf(1), 3);
  ExpectRefused(kPrecondition, "MAP_SECOND_LIVE", LeafKind::kIssued, 3, {free, taken});
}

TEST_F(LogUpdateTest, LeavesOfOtherKindsBringNoChange) {
  for (const LeafKind kind :
       {LeafKind::kIntent, LeafKind::kCancelled, LeafKind::kSealEnrolled, LeafKind::kSealSuspended,
        LeafKind::kOperatorChanged, LeafKind::kProfileChanged}) {
    ExpectRefused(kPrecondition, "MAP_CHANGE_WITHOUT_RIGHT", kind, 3, {Change(9, 3)});
  }
}

TEST_F(LogUpdateTest, LeavesBringTheirOwnChangesOnly) {
  const char* reason = "MAP_CHANGE_WITHOUT_RIGHT";
  ExpectRefused(kPrecondition, reason, LeafKind::kIssued, 3, {Change(9, 4)});  // another's
  ExpectRefused(kPrecondition, reason, LeafKind::kIssued, 3, {Change(9, 0)});  // to void
  ExpectRefused(kPrecondition, reason, LeafKind::kIssued, 1, {Change(1, 1)});  // no change
  ExpectRefused(kPrecondition, reason, LeafKind::kIssued, 1, {Change(1, 0)});  // voids
  ExpectRefused(kPrecondition, reason, LeafKind::kVoided, 2, {Change(1, 0)});  // another's
  ExpectRefused(kPrecondition, reason, LeafKind::kVoided, 1, {Change(1, 7)});  // not to void
  ExpectRefused(kPrecondition, reason, LeafKind::kVoided, 2, {Change(2, 0)});  // void already
  ExpectRefused(kPrecondition, reason, LeafKind::kVoided, 2, {Change(9, 0)});  // absent
  ExpectRefused(kPrecondition, reason, LeafKind::kClaimAdded, 1, {Change(9, 2)});
  SmallLog log = log_;
  const std::string first = log.Change(LabelOf(8), 1);
  const std::string second = log.Change(LabelOf(9), 1);
  ExpectRefused(kPrecondition, reason, LeafKind::kClaimAdded, 1, {first, second});
}

TEST_F(LogUpdateTest, LeavesThatMustChangeTheMapDo) {
  for (const LeafKind kind : {LeafKind::kIssued, LeafKind::kVoided, LeafKind::kClaimAdded}) {
    ExpectRefused(kPrecondition, "MAP_CHANGE_MISSING", kind, 1, {});
    ExpectRefused(kInvalid, "LEAF_FORM", kind, 0, {Change(9, 0)});
  }
}

TEST_F(LogUpdateTest, AChangeStartsFromTheMapAsItStands) {
  SmallLog log = log_;
  const std::string first = log.Change(LabelOf(8), 3);
  const std::string second = log.Change(LabelOf(9), 3);
  ExpectRefused(kDataLoss, "MAP_PROOF", LeafKind::kIssued, 3, {second, first});
  ExpectRefused(kDataLoss, "MAP_PROOF", LeafKind::kIssued, 3, {second});
}

TEST_F(LogUpdateTest, EveryFlippedBitOfAChangeIsRefusedOrSeenInTheHead) {
  // Of a label that is there every bit is bound. A flipped label that is absent too is another
  // right change: of another map, which the head shows.
  for (const int label : {2, 9}) {
    SmallLog log = log_;
    log.Issued(3, 0, {LabelOf(label)});
    const auto& update = log.updates.back();
    const std::string& change = update.changes[0];
    for (size_t bit = 0; bit < 8 * change.size(); ++bit) {
      std::string flipped = change;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      LogFollower follower = follower_;
      if (!follower.Follow(update.leaf, {flipped}).ok()) continue;
      EXPECT_EQ(label, 9) << bit;
      EXPECT_THAT(follower.CheckHead(log.Head()), StatusIs(kDataLoss, "MAP_FORKED")) << bit;
    }
    for (size_t size = 0; size < change.size(); ++size) {
      EXPECT_FALSE(follower_.Follow(update.leaf, {change.substr(0, size)}).ok()) << size;
    }
    LogFollower follower = follower_;
    EXPECT_OK(follower.Follow(update.leaf, update.changes));
  }
}

TEST_F(LogUpdateTest, EveryFlippedBitOfALeafIsRefusedOrSeenInTheHead) {
  SmallLog log = log_;
  log.Issued(3, 0, {LabelOf(9)});
  const auto& update = log.updates.back();
  for (size_t bit = 0; bit < 8 * update.leaf.size(); ++bit) {
    std::string flipped = update.leaf;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    LogFollower follower = follower_;
    if (!follower.Follow(flipped, update.changes).ok()) continue;
    EXPECT_THAT(follower.CheckHead(log.Head()), StatusIs(kDataLoss, "LOG_FORKED")) << bit;
  }
}

TEST_F(LogUpdateTest, BytesThatAreNoLeafOrChangeAreRefused) {
  ExpectRefused(kInvalid, "CANONICAL_FORM", "", {});
  ExpectRefused(kInvalid, "CANONICAL_FORM", LeafKind::kIssued, 3, {"no change"});
  const std::string hollow = CanonicalWriter("birthseal/map-change/v1").Number(2, 3).Finish();
  ExpectRefused(kInvalid, "MAP_CHANGE_FORM", LeafKind::kIssued, 3, {hollow});
  ExpectRefused(kInvalid, "CANONICAL_FORM", LeafKind::kIssued, 3, {Change(9, 3) + "x"});
}

TEST_F(LogUpdateTest, AHeadOfAnotherLogIsAFork) {
  TreeHead head = log_.Head();
  head.root = Sm3Of("another");
  EXPECT_THAT(follower_.CheckHead(head), StatusIs(kDataLoss, "LOG_FORKED"));
  EXPECT_THAT(follower_.CheckHead(log_.HeadAt(3)), StatusIs(kDataLoss, "LOG_FORKED"));
  head = log_.Head();
  ++head.size;  // of the very same root
  EXPECT_THAT(follower_.CheckHead(head), StatusIs(kDataLoss, "LOG_FORKED"));
  head = log_.Head();
  head.map_root = Sm3Of("another");
  EXPECT_THAT(follower_.CheckHead(head), StatusIs(kDataLoss, "MAP_FORKED"));
}

TEST_F(LogUpdateTest, TheStateIsRememberedByteForByte) {
  const std::string canonical = Canonical(follower_.state());
  const auto state = ParseLogState(canonical);
  ASSERT_OK(state);
  EXPECT_EQ(Canonical(*state), canonical);
  EXPECT_OK(LogFollower(*state).CheckHead(log_.Head()));
  EXPECT_OK(ParseLogState(Canonical(LogState{})));
  for (size_t size = 0; size < canonical.size(); ++size) {
    EXPECT_FALSE(ParseLogState(canonical.substr(0, size)).ok()) << size;
  }
  LogState no_epoch;
  no_epoch.epoch = LogEpoch();
  EXPECT_THAT(ParseLogState(Canonical(no_epoch)), StatusIs(kInvalid, "LOG_STATE_FORM"));
  EXPECT_THAT(ParseLogState(canonical + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
}

TEST_F(LogUpdateTest, AStateHasAWholeHashForEachBitOfItsSize) {
  const std::string whole(32, 'h'), cut(31, 'h');
  const auto parse = [](uint64_t size, const std::vector<std::string>& hashes,
                        const std::string& map_root) {
    CanonicalWriter writer("birthseal/log-state/v1");
    writer.Number(1, 1).Number(2, size);
    for (const std::string& hash : hashes) writer.Nested(3, hash);
    return ParseLogState(writer.Text(4, map_root).Finish());
  };
  EXPECT_OK(parse(5, {whole, whole}, whole));
  EXPECT_THAT(parse(5, {whole, cut}, whole), StatusIs(kInvalid, "LOG_STATE_FORM"));
  EXPECT_THAT(parse(5, {whole, whole}, cut), StatusIs(kInvalid, "LOG_STATE_FORM"));
  EXPECT_THAT(parse(5, {whole}, whole), StatusIs(kInvalid, "COMPACT_RANGE_FORM"));
  EXPECT_THAT(parse(5, {whole, whole, whole}, whole), StatusIs(kInvalid, "COMPACT_RANGE_FORM"));
  const uint64_t largest = ~uint64_t{0};
  EXPECT_OK(parse(largest, std::vector<std::string>(64, whole), whole));
  EXPECT_FALSE(parse(largest, std::vector<std::string>(66, whole), whole).ok());
}

class NewEpochTest : public LogUpdateTest {
 protected:
  void ExpectNoStart(absl::StatusCode code, const char* reason, uint64_t epoch,
                     const std::string& leaf) {
    const std::string before = Canonical(follower_.state());
    EXPECT_THAT(follower_.StartEpoch(LogEpoch(epoch), leaf), StatusIs(code, reason));
    EXPECT_EQ(Canonical(follower_.state()), before);
  }
  // A RECOVERY leaf that says `recovery`.
  static std::string RecoveryLeaf(const Recovery& recovery) {
    Leaf leaf = SmallLog::LeafOf(LeafKind::kRecovery, 0);
    leaf.detail = Canonical(recovery);
    leaf.commitment = Commit("", leaf.detail);
    return Canonical(leaf);
  }
  Recovery Right() const {
    const TreeHead head = log_.Head();
    return {1, head.size, head.root, head.map_root, head.size, head.root};
  }
};

TEST_F(NewEpochTest, ARecoveryThatKeepsWhatIsKnownBeginsTheNextEpoch) {
  SmallLog next = log_.Recovered(log_.updates.size(), log_.updates.size() + 2);
  ASSERT_OK(follower_.StartEpoch(LogEpoch(2), next.updates[0].leaf));
  EXPECT_EQ(follower_.state().epoch, LogEpoch(2));
  EXPECT_OK(follower_.CheckHead(next.Head()));
  // The map goes on: what was live is live, what was void may be issued again.
  next.Issued(3, 0, {LabelOf(2)});
  EXPECT_OK(follower_.Follow(next.updates[1].leaf, next.updates[1].changes));
  EXPECT_OK(follower_.CheckHead(next.Head()));
  ExpectRefused(kPrecondition, "MAP_SECOND_LIVE", LeafKind::kIssued, 4,
                {SmallLog(next).Change(LabelOf(1), 4)});
}

TEST_F(NewEpochTest, ARecoveryMayNotLoseWhatIsKnown) {
  const SmallLog next = log_.Recovered(log_.updates.size() - 1, log_.updates.size());
  ExpectNoStart(kDataLoss, "RECOVERY_LOSES_KNOWN", 2, next.updates[0].leaf);
}

TEST_F(NewEpochTest, ARecoveryMayNotChangeWhatIsKnown) {
  Recovery r = Right();
  r.kept_root = Sm3Of("another");
  ExpectNoStart(kDataLoss, "LOG_FORKED", 2, RecoveryLeaf(r));
  r = Right();
  r.kept_map_root = Sm3Of("another");
  ExpectNoStart(kDataLoss, "MAP_FORKED", 2, RecoveryLeaf(r));
  r = Right();
  r.old_epoch = 2;
  ExpectNoStart(kDataLoss, "LOG_FORKED", 3, RecoveryLeaf(r));
  ExpectNoStart(kDataLoss, "LOG_FORKED", 1, RecoveryLeaf(Right()));
}

TEST_F(NewEpochTest, TheOldEpochIsFollowedToItsEndFirst) {
  Recovery r = Right();
  ++r.kept_size;
  ++r.lost_size;
  ExpectNoStart(kPrecondition, "RECOVERY_NOT_FOLLOWED", 2, RecoveryLeaf(r));
}

TEST_F(NewEpochTest, OnlyAWholeRecoveryBeginsAnEpochAndNothingElse) {
  ExpectNoStart(kInvalid, "LEAF_FORM", 2, Canonical(SmallLog::LeafOf(LeafKind::kIntent, 3)));
  Leaf leaf = *ParseLeaf(RecoveryLeaf(Right()));
  leaf.commitment = Sm3Of("another");
  ExpectNoStart(kInvalid, "LEAF_FORM", 2, Canonical(leaf));
  leaf.detail = "no recovery";
  ExpectNoStart(kInvalid, "CANONICAL_FORM", 2, Canonical(leaf));
  ExpectRefused(kPrecondition, "RECOVERY_OUT_OF_PLACE", RecoveryLeaf(Right()), {});
}

}  // namespace
}  // namespace birthseal::certs
