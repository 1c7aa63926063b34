// SPDX-License-Identifier: Apache-2.0
// A log that broke its proofs is judged by the monitor's own tables alone: each of their rules,
// when nothing else is wrong.
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
using tests::StatusIs;

// Leaf 0 enrols the seal, 1 and 2 issue certificate 1 with labels 1 and 2, 3 is no leaf at all.
class MonitorTablesTest : public tests::MonitorFixture {
 protected:
  MonitorTablesTest() {
    log.Intent(1);
    log.Issued(1, 2, {LabelOf(1), LabelOf(2)});
    log.updates.push_back({"no leaf", {}});
  }
  // What is found after the leaf that is none.
  Names Then(const SmallLog& over) {
    Names names = Rules(over);
    EXPECT_EQ(names.at(0), "LEAF_UNREADABLE");
    names.erase(names.begin());
    return names;
  }
};

TEST_F(MonitorTablesTest, WhatIsRightHasNoFinding) {
  log.Intent(2);
  log.Voided(1, {LabelOf(1), LabelOf(2)});
  log.Issued(2, 5, {LabelOf(1)});
  log.ClaimAdded(2, LabelOf(2));
  EXPECT_EQ(Then(log), Names{});
}

TEST_F(MonitorTablesTest, EachRuleOfTheMapForItself) {
  struct Row {
    const char* what;
    void (*add)(SmallLog* log);
    Names found;
  };
  const Row rows[] = {
      {"issued without a label",
       [](SmallLog* log) {
         log->Intent(2);
         log->Issued(2, 5, {});
       },
       {"MAP_CHANGE_MISSING"}},
      {"an intent with a label",
       [](SmallLog* log) {
         const std::vector<std::string> change = {log->Change(LabelOf(9), 2)};
         log->Add(SmallLog::LeafOf(LeafKind::kIntent, 2), change);
       },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"two labels added at once",
       [](SmallLog* log) {
         const std::vector<std::string> changes = {log->Change(LabelOf(8), 1),
                                                   log->Change(LabelOf(9), 1)};
         log->Add(SmallLog::LeafOf(LeafKind::kClaimAdded, 1), changes);
       },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"voided with a label that was nobody's",
       [](SmallLog* log) {
         log->Voided(1, {LabelOf(1), LabelOf(2), LabelOf(9)});
       },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"voided with a label that goes to another",
       [](SmallLog* log) {
         const std::vector<std::string> changes = {log->Change(LabelOf(1), 7),
                                                   log->Change(LabelOf(2), 0)};
         log->Add(SmallLog::LeafOf(LeafKind::kVoided, 1), changes);
       },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"a label added that is there",
       [](SmallLog* log) { log->ClaimAdded(1, LabelOf(1)); },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"a label added for another",
       [](SmallLog* log) {
         const std::vector<std::string> change = {log->Change(LabelOf(9), 7)};
         log->Add(SmallLog::LeafOf(LeafKind::kClaimAdded, 1), change);
       },
       {"MAP_CHANGE_WITHOUT_RIGHT"}},
      {"a label of a second certificate",
       [](SmallLog* log) {
         log->Intent(2);
         log->Issued(2, 5, {LabelOf(1)});
       },
       {"MAP_SECOND_LIVE"}},
      {"a label said to be absent",
       [](SmallLog* log) {
         log->labels.erase(LabelOf(1));
         log->Voided(1, {LabelOf(1), LabelOf(2)});
       },
       {"MAP_TABLE"}},
      {"a label said to be there",
       [](SmallLog* log) {
         log->labels[LabelOf(9)] = 1;
         log->ClaimAdded(1, LabelOf(9));
       },
       {"MAP_TABLE"}},
      {"a label said to be another's",
       [](SmallLog* log) {
         log->labels[LabelOf(1)] = 7;
         log->Voided(1, {LabelOf(1), LabelOf(2)});
       },
       {"MAP_TABLE"}},
      {"a label left", [](SmallLog* log) { log->Voided(1, {LabelOf(1)}); }, {"LABELS_LEFT_LIVE"}}};
  for (const Row& row : rows) {
    SmallLog changed = log;
    row.add(&changed);
    EXPECT_EQ(Then(changed), row.found) << row.what;
  }
}

TEST_F(MonitorTablesTest, ARecoveryThatCannotBeReadIsTold) {
  log.Add(SmallLog::LeafOf(LeafKind::kRecovery, 0));
  EXPECT_EQ(Then(log), Names{"LEAF_UNREADABLE"});
  EXPECT_EQ(findings.back().detail, "RECOVERY");
}

// Reading the mirror fails at one place.
class BrokenStorage : public tests::MemoryStorage {
 public:
  absl::StatusOr<std::vector<Update>> ReadMirror(certs::LogEpoch epoch, certs::LeafIndex first,
                                                 int count) override {
    if (epoch.value() == broken_epoch) return absl::DataLossError("cannot be read");
    if (++reads > 50) return absl::ResourceExhaustedError("read again and again");
    return MemoryStorage::ReadMirror(epoch, first, count);
  }
  uint64_t broken_epoch = 0;
  int reads = 0;
};

TEST(FollowMirrorTest, AMirrorThatIsShortOrCannotBeReadIsNotFollowedFurther) {
  const SmallLog log = [] {
    SmallLog made;
    made.Intent(1);
    return made;
  }();
  const SmallLog next = log.Recovered(1, 1);
  for (const uint64_t broken : {1, 2, 0}) {
    BrokenStorage mirror;
    mirror.broken_epoch = broken;
    for (const SmallLog* of : {&log, &next}) {
      for (const auto& u : of->updates) mirror.mirror[of->epoch].push_back({u.leaf, u.changes});
    }
    Monitor monitor{Rules()};
    Findings findings;
    const absl::Status followed =
        FollowMirror(&mirror, {certs::LogEpoch(2), certs::LogSize(2)}, &monitor, &findings);
    if (broken != 0) {
      EXPECT_THAT(followed, StatusIs(absl::StatusCode::kDataLoss, ""));
    } else {
      EXPECT_THAT(followed, StatusIs(absl::StatusCode::kDataLoss, "MIRROR_SHORT"));
    }
    EXPECT_EQ(monitor.position().epoch, certs::LogEpoch(broken == 0 ? 2 : 1));
    EXPECT_EQ(monitor.position().size, certs::LogSize(broken == 1 ? 0 : 1));
  }
}

}  // namespace
}  // namespace birthseal::witness
