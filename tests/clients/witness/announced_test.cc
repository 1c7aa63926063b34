// SPDX-License-Identifier: Apache-2.0
// What no proof can show: genuine certificates that ought not to be.
#include "clients/witness/announced.h"

#include "tests/clients/witness/monitor_fixture.h"

namespace birthseal::witness {
namespace {

using certs::LeafKind;
using tests::kHospital;
using tests::LabelOf;
using tests::Names;
using tests::SmallLog;

// 2025-11-03 00:00 in Asia/Shanghai.
constexpr int64_t kMidnight = 29'368'800 - 480;
static_assert((kMidnight + 480) % 1440 == 0);

class AnnouncedTest : public tests::MonitorFixture {
 protected:
  AnnouncedTest() {
    log.updates.clear();
    log.hashes.clear();
    log.map_roots.clear();
    AddAt(SmallLog::LeafOf(LeafKind::kSealEnrolled, 0), kMidnight - 1440);
  }
  void AddAt(certs::Leaf leaf, int64_t minute, std::vector<std::string> changes = {}) {
    leaf.log_minute = minute;
    log.Add(leaf, std::move(changes));
  }
  // One whole certificate of the hospital.
  void IssueAt(int64_t minute) {
    ++status_;
    AddAt(SmallLog::LeafOf(LeafKind::kIntent, status_), minute);
    std::vector<std::string> change = {log.Change(LabelOf(static_cast<int>(status_)), status_)};
    AddAt(SmallLog::LeafOf(LeafKind::kIssued, status_, log.updates.size()), minute,
          std::move(change));
  }
  uint64_t status_ = 0;
};

TEST_F(AnnouncedTest, TheCeilingOfADayIsToldOnceADay) {
  rules.institutions[kHospital].issued_a_day = 3;
  for (int i = 0; i < 3; ++i) IssueAt(kMidnight + 600 + i);
  for (int i = 0; i < 3; ++i) IssueAt(kMidnight + 1440 + 600 + i);
  EXPECT_EQ(Rules(log), Names{});
  for (int i = 0; i < 5; ++i) IssueAt(kMidnight + 1440 + 700 + i);
  EXPECT_EQ(Rules(log), Names{"CEILING_EXCEEDED"});
  EXPECT_EQ(findings[0].leaf_index, certs::LeafIndex(14));  // the fourth of the second day
}

TEST_F(AnnouncedTest, TheDayIsThatOfShanghai) {
  rules.everywhere.issued_a_day = 1;
  IssueAt(kMidnight - 1);
  IssueAt(kMidnight);
  EXPECT_EQ(Rules(log), Names{});
  IssueAt(kMidnight + 1439);
  EXPECT_EQ(Rules(log), Names{"CEILING_EXCEEDED"});
}

TEST_F(AnnouncedTest, IssueOutsideOpeningHoursIsAWarning) {
  rules.institutions[kHospital].opens_minute = 8 * 60;
  rules.institutions[kHospital].closes_minute = 18 * 60;
  IssueAt(kMidnight + 8 * 60 - 1);
  IssueAt(kMidnight + 8 * 60);
  IssueAt(kMidnight + 18 * 60 - 1);
  IssueAt(kMidnight + 18 * 60);
  EXPECT_EQ(Rules(log), (Names{"OUTSIDE_HOURS", "OUTSIDE_HOURS"}));
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(findings[0].leaf_index, certs::LeafIndex(2));
  EXPECT_EQ(findings[1].leaf_index, certs::LeafIndex(8));
}

// After a case of 2023: the head of a small hospital sold genuine certificates for invented
// births, sealed by the book, without a delivery behind them. Every proof of the log holds.
TEST_F(AnnouncedTest, CertificatesSoldForInventedBirthsShow) {
  rules.institutions[kHospital] = {2, 8 * 60, 18 * 60};  // the ward delivers two a day at most
  for (int day = 0; day < 5; ++day) IssueAt(kMidnight + day * 1440 + 600);  // true births
  for (int sold = 0; sold < 6; ++sold) IssueAt(kMidnight + 5 * 1440 + 22 * 60 + sold);
  Monitor monitor(rules);
  const Names names = Found(log, &monitor);
  EXPECT_OK(monitor.CheckHead(log.Head()));  // nothing wrong with log and map
  EXPECT_EQ(std::count(names.begin(), names.end(), "CEILING_EXCEEDED"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "OUTSIDE_HOURS"), 6);
  EXPECT_EQ(names.size(), 7u);
  for (const Finding& finding : findings) EXPECT_EQ(finding.leaf.institution_code, kHospital);
}

TEST_F(AnnouncedTest, AnIntentThatStaysOpenIsToldOnce) {
  rules.intent_open_at_most = absl::Minutes(30);
  AddAt(SmallLog::LeafOf(LeafKind::kIntent, 1), kMidnight);
  Monitor monitor(rules);
  EXPECT_EQ(Found(log, &monitor), Names{});
  const absl::Time since = absl::FromUnixSeconds(60 * kMidnight);
  monitor.Tick(since + absl::Minutes(29), &findings);
  EXPECT_TRUE(findings.empty());
  monitor.Tick(since + absl::Minutes(30), &findings);
  monitor.Tick(since + absl::Minutes(31), &findings);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "INTENT_OVERDUE");
  EXPECT_EQ(findings[0].leaf_index, certs::LeafIndex(1));
}

TEST_F(AnnouncedTest, AnIntentThatEndsInTimeIsNotTold) {
  rules.intent_open_at_most = absl::Minutes(30);
  IssueAt(kMidnight);
  AddAt(SmallLog::LeafOf(LeafKind::kIntent, 2), kMidnight);
  AddAt(SmallLog::LeafOf(LeafKind::kCancelled, 2, 4), kMidnight);
  Monitor monitor(rules);
  EXPECT_EQ(Found(log, &monitor), Names{});
  monitor.Tick(absl::FromUnixSeconds(60 * kMidnight) + absl::Hours(24), &findings);
  EXPECT_TRUE(findings.empty());
}

TEST_F(AnnouncedTest, InstitutionsThatWereNotAnnounced) {
  rules.only_these_institutions = true;
  rules.institutions["12520000MB0000009X"] = {};
  EXPECT_EQ(Rules(log), Names{"UNKNOWN_INSTITUTION"});
  rules.institutions[kHospital] = {};
  EXPECT_EQ(Rules(log), Names{});
}

TEST_F(AnnouncedTest, ProfilesThatWereNotAnnounced) {
  rules.only_these_profiles = true;
  rules.profiles = {{"national", 3, certs::Sm3Of("profile")}};
  certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kProfileChanged, 0);
  leaf.institution_code.clear();
  const auto say = [&](const certs::ProfileAnnounced& profile) {
    leaf.detail = Canonical(profile);
    leaf.commitment = certs::Commit("", leaf.detail);
    AddAt(leaf, kMidnight);
  };
  say(rules.profiles[0]);
  EXPECT_EQ(Rules(log), Names{});
  say({"national", 3, certs::Sm3Of("another")});
  EXPECT_EQ(Rules(log), Names{"PROFILE_NOT_ANNOUNCED"});
  say({"national", 4, certs::Sm3Of("profile")});
  EXPECT_EQ(Rules(log).size(), 2u);
  say({"another", 3, certs::Sm3Of("profile")});
  EXPECT_EQ(Rules(log).size(), 3u);
  leaf.detail = Canonical(rules.profiles[0]);
  leaf.commitment = certs::Sm3Of("another");
  AddAt(leaf, kMidnight);
  EXPECT_EQ(Rules(log).back(), "DETAIL_NOT_COMMITTED");
  leaf.detail.clear();
  AddAt(leaf, kMidnight);
  EXPECT_EQ(Rules(log).back(), "LEAF_UNREADABLE");
}

TEST_F(AnnouncedTest, ManyChangesOfOperatorsInADay) {
  rules.operator_changes_a_day = 2;
  const certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kOperatorChanged, 0);
  for (const int64_t minute : {600, 601, 1440 + 1, 1440 + 2}) AddAt(leaf, kMidnight + minute);
  EXPECT_EQ(Rules(log), Names{});
  AddAt(leaf, kMidnight + 1440 + 3);
  EXPECT_EQ(Rules(log), Names{"OPERATOR_CHANGES"});
}

}  // namespace
}  // namespace birthseal::witness
