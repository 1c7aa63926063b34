// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/monitor.h"

#include "clients/witness/witness.h"
#include "tests/clients/witness/monitor_fixture.h"
#include "tests/support/memory_storage.h"

namespace birthseal::witness {
namespace {

using certs::LeafKind;
using tests::LabelOf;
using tests::Names;
using tests::SmallLog;

// log: leaf 0 enrols the seal; then intent 1 (leaf 1), issued 1 (leaf 2), labels 1 and 2.
class MonitorTest : public tests::MonitorFixture {
 protected:
  MonitorTest() {
    log.Intent(1);
    log.Issued(1, 2, {LabelOf(1), LabelOf(2)});
  }
  void AddLeaf(const certs::Leaf& leaf) { log.Add(leaf); }
};

TEST_F(MonitorTest, ARightLogHasNoFinding) {
  log.Intent(2);
  log.Voided(1, {LabelOf(1), LabelOf(2)});
  log.Issued(2, 4, {LabelOf(1), LabelOf(2)});
  log.ClaimAdded(2, LabelOf(3));
  log.Intent(3);
  log.Add(SmallLog::LeafOf(LeafKind::kCancelled, 3, 8));
  log.Intent(4);
  log.Voided(2, {LabelOf(3), LabelOf(1), LabelOf(2)});
  Monitor monitor(rules);
  EXPECT_EQ(Found(log, &monitor), Names{});
  EXPECT_OK(monitor.CheckHead(log.Head()));
  certs::TreeHead other = log.Head();
  other.root = certs::Sm3Of("another");
  EXPECT_THAT(monitor.CheckHead(other), tests::StatusIs(absl::StatusCode::kDataLoss, "LOG_FORKED"));
}

TEST_F(MonitorTest, IssuedOnlyAfterItsIntentAndOnce) {
  log.Issued(2, 0, {LabelOf(5)});
  EXPECT_EQ(Rules(log), Names{"END_WITHOUT_INTENT"});
  EXPECT_EQ(findings[0].leaf_index, certs::LeafIndex(3));
  EXPECT_EQ(findings[0].leaf.status_index, 2u);
  log.Intent(3);
  log.Issued(3, 5, {LabelOf(6)});
  log.Issued(3, 5, {LabelOf(7)});
  log.Add(SmallLog::LeafOf(LeafKind::kCancelled, 3, 5));
  EXPECT_EQ(Rules(log), (Names{"END_WITHOUT_INTENT", "STATUS_NOT_DENSE", "END_WITHOUT_INTENT",
                               "END_WITHOUT_INTENT"}));
}

TEST_F(MonitorTest, IssuedNamesItsOwnIntent) {
  log.Intent(2);
  log.Issued(2, 2, {LabelOf(5)});
  EXPECT_EQ(Rules(log), Names{"INTENT_INDEX"});
}

TEST_F(MonitorTest, IssuedOfTheInstitutionThatIntended) {
  log.Intent(2);
  certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kIssued, 2, 4);
  leaf.institution_code = "12520000MB0000002X";
  std::vector<std::string> change = {log.Change(LabelOf(5), 2)};
  log.Add(leaf, change);
  EXPECT_EQ(Rules(log), Names{"ANOTHER_INSTITUTION"});
}

TEST_F(MonitorTest, VoidedOnlyWhatIsInForceAndOnce) {
  log.Intent(2);
  log.Voided(1, {LabelOf(1), LabelOf(2)});
  EXPECT_EQ(Rules(log), Names{});
  log.Add(SmallLog::LeafOf(LeafKind::kVoided, 1));
  EXPECT_EQ(Rules(log), (Names{"MAP_CHANGE_MISSING", "VOIDED_NOT_LIVE"}));
  log.updates.pop_back();
  log.Add(SmallLog::LeafOf(LeafKind::kVoided, 2));  // never issued
  EXPECT_EQ(Rules(log), (Names{"MAP_CHANGE_MISSING", "VOIDED_NOT_LIVE"}));
}

TEST_F(MonitorTest, AVoidedCertificateKeepsNoLabel) {
  log.Voided(1, {LabelOf(1)});  // each change is right; one is missing
  EXPECT_EQ(Rules(log), Names{"LABELS_LEFT_LIVE"});
  EXPECT_EQ(findings[0].detail, "1 labels");
}

TEST_F(MonitorTest, StatusIndexesAreDenseAndUsedOnce) {
  log.Intent(3);
  EXPECT_EQ(Rules(log), Names{"STATUS_NOT_DENSE"});
  log.Intent(4);
  log.Intent(1);
  EXPECT_EQ(Rules(log), (Names{"STATUS_NOT_DENSE", "INTENT_REPEATED"}));
}

TEST_F(MonitorTest, TimeNeverGoesBack) {
  certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kIntent, 2);
  --leaf.log_minute;
  log.Add(leaf);
  EXPECT_EQ(Rules(log), Names{"LOG_TIME_BACK"});
}

TEST_F(MonitorTest, IntentsOnlyUnderAnEnrolledSeal) {
  log.Add(SmallLog::LeafOf(LeafKind::kSealSuspended, 0));
  log.Intent(2);
  EXPECT_EQ(Rules(log), Names{"INTENT_WITHOUT_SEAL"});
  log.Add(SmallLog::LeafOf(LeafKind::kSealEnrolled, 0));
  log.Intent(3);
  certs::Leaf other = SmallLog::LeafOf(LeafKind::kIntent, 4);
  other.institution_code = "12520000MB0000002X";
  log.Add(other);
  EXPECT_EQ(Rules(log), (Names{"INTENT_WITHOUT_SEAL", "INTENT_WITHOUT_SEAL"}));
}

TEST_F(MonitorTest, NoSecondLiveCertificate) {
  log.Intent(2);
  log.Issued(2, 4, {LabelOf(1)});
  EXPECT_EQ(Rules(log), Names{"MAP_SECOND_LIVE"});
  // A log that broke its proofs is still followed by its tables.
  log.Intent(3);
  log.Issued(3, 6, {LabelOf(2)});
  EXPECT_EQ(Rules(log), (Names{"MAP_SECOND_LIVE", "MAP_SECOND_LIVE"}));
}

TEST_F(MonitorTest, ClaimsAreAddedToCertificatesInForceOnly) {
  log.Intent(2);
  log.ClaimAdded(2, LabelOf(7));
  EXPECT_EQ(Rules(log), Names{"CLAIM_OF_NOT_LIVE"});
}

TEST_F(MonitorTest, ChangesComeFromTheTableAsItStands) {
  SmallLog forged = log;
  forged.Intent(2);
  forged.labels.erase(LabelOf(1));  // proves of another map that the label is absent
  forged.Issued(2, 4, {LabelOf(1)});
  EXPECT_EQ(Rules(forged), (Names{"MAP_PROOF", "MAP_TABLE", "MAP_SECOND_LIVE"}));
  log.Intent(2);
  log.updates.back().changes = {log.Change(LabelOf(9), 2)};
  EXPECT_EQ(Rules(log), Names{"MAP_CHANGE_WITHOUT_RIGHT"});
}

TEST_F(MonitorTest, WhatCannotBeReadIsTold) {
  log.updates.push_back({"no leaf", {}});
  EXPECT_EQ(Rules(log), Names{"LEAF_UNREADABLE"});
  log.updates.pop_back();
  log.Intent(2);
  log.Issued(2, 4, {LabelOf(5)});
  log.updates.back().changes = {"no change"};
  EXPECT_EQ(Rules(log).back(), "LEAF_UNREADABLE");
}

TEST_F(MonitorTest, ARecoveryIsAlwaysToldAndTheEpochGoesOn) {
  log.Intent(2);
  SmallLog next = log.Recovered(log.updates.size(), log.updates.size() + 2);
  certs::Leaf issued = SmallLog::LeafOf(LeafKind::kIssued, 2);  // its intent is of the old epoch
  std::vector<std::string> change = {next.Change(LabelOf(5), 2)};
  next.Add(issued, change);
  next.Intent(4);  // 3 was among the two lost leaves
  Monitor monitor(rules);
  EXPECT_EQ(Found(log, &monitor), Names{});
  EXPECT_EQ(Found(next, &monitor), Names{"RECOVERY"});
  EXPECT_EQ(findings[0].epoch, certs::LogEpoch(2));
  EXPECT_EQ(findings[0].leaf_index, certs::LeafIndex(0));
  EXPECT_EQ(findings[0].detail, "epoch 1 kept 4 of 6 leaves");
  EXPECT_OK(monitor.CheckHead(next.Head()));
}

TEST_F(MonitorTest, ReplaysAWitnessesMirrorAndGoesOnWhereItStopped) {
  log.Intent(2);
  SmallLog next = log.Recovered(4, 4);
  next.Intent(2);
  tests::MemoryStorage mirror;
  for (const auto& update : log.updates) mirror.mirror[1].push_back({update.leaf, update.changes});
  Monitor monitor(rules);
  ASSERT_OK(FollowMirror(&mirror, {certs::LogEpoch(1), certs::LogSize(2)}, &monitor, &findings));
  EXPECT_EQ(monitor.position().size, certs::LogSize(2));
  for (const auto& update : next.updates) mirror.mirror[2].push_back({update.leaf, update.changes});
  ASSERT_OK(FollowMirror(&mirror, {certs::LogEpoch(2), certs::LogSize(2)}, &monitor, &findings));
  EXPECT_EQ(monitor.position().epoch, certs::LogEpoch(2));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].rule, "RECOVERY");
  EXPECT_EQ(findings[1].rule, "INTENT_REPEATED");
  EXPECT_THAT(FollowMirror(&mirror, {certs::LogEpoch(2), certs::LogSize(3)}, &monitor, &findings),
              tests::StatusIs(absl::StatusCode::kDataLoss, "MIRROR_SHORT"));
}

TEST_F(MonitorTest, EveryRuleHasItsWordsInBothLanguages) {
  log.Intent(3);
  ASSERT_EQ(Rules(log), Names{"STATUS_NOT_DENSE"});
  const std::string line = Line(findings[0]);
  EXPECT_NE(line.find("状态序号不连续"), std::string::npos) << line;
  EXPECT_NE(line.find("status indexes have a gap"), std::string::npos) << line;
  EXPECT_NE(line.find("epoch 1 leaf 3 INTENT of 12520000MB0000001X"), std::string::npos) << line;
}

}  // namespace
}  // namespace birthseal::witness
