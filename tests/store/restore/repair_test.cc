// SPDX-License-Identifier: Apache-2.0
// Holes in a store: the check goes on behind them, indexes are rebuilt, all else is refused.
#include "store/restore/repair.h"

#include "certs/newborn.h"
#include "gmock/gmock.h"
#include "store/keys.h"
#include "tests/store/fsck/fsck_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::FsckFinding;
using store::FsckPosition;
using store::IndexKey;
using testing::Contains;

// A snapshot in which one range of keys cannot be read, ends included.
class HoledSnapshot : public store::Snapshot {
 public:
  HoledSnapshot(std::unique_ptr<Snapshot> whole, Family family, std::string first, std::string last)
      : whole_(std::move(whole)),
        family_(family),
        first_(std::move(first)),
        last_(std::move(last)) {}
  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    if (family == family_ && key >= first_ && key <= last_) return Bad();
    return whole_->Get(family, key);
  }
  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    if (family != family_) return whole_->Scan(family, prefix, from, visit);
    bool bad = false;
    const absl::Status status =
        whole_->Scan(family, prefix, from, [&](absl::string_view key, absl::string_view value) {
          bad = key >= first_ && key <= last_;
          return !bad && visit(key, value);
        });
    return bad ? Bad() : status;
  }

 private:
  static absl::Status Bad() { return absl::DataLossError("checksum"); }
  const std::unique_ptr<Snapshot> whole_;
  const Family family_;
  const std::string first_, last_;
};

class RepairTest : public FsckTest {
 protected:
  store::FsckOptions Options() {
    store::FsckOptions options;
    options.sealer = &sealer_;
    options.index_key = kIndexKey;
    return options;
  }
  std::string MetaBytes() { return Get(Family::kMeta, store::MetaKey()); }
};

TEST_F(RepairTest, TheCheckGoesOnBehindAHole) {
  for (const Family family : {Family::kAudit, Family::kNodes, Family::kClaims, Family::kBodies,
                              Family::kLicences, Family::kCertificates}) {
    const auto all = All(family);
    const size_t from = all.size() / 3, to = all.size() / 2;
    const HoledSnapshot holed(engine_.NewSnapshot(), family, all[from].first, all[to].first);
    const store::FsckReport report = store::CheckStore(holed, Options());
    bool named = false;
    for (const FsckFinding& finding : report.findings) {
      if (finding.code != "RANGE_UNREADABLE") continue;
      named = true;
      EXPECT_EQ(finding.family, family);
      EXPECT_EQ(finding.key, from == 0 ? "" : all[from - 1].first) << store::Name(family);
      EXPECT_EQ(finding.until, to + 1 < all.size() ? all[to + 1].first : "");
      EXPECT_NE(store::ToLine(finding).find("nothing behind it"), std::string::npos);
    }
    EXPECT_TRUE(named) << store::Name(family);
    EXPECT_EQ(report.records[static_cast<size_t>(family)], all.size() - (to - from + 1))
        << store::Name(family);
  }
}

TEST_F(RepairTest, AHoleToTheEndIsNamed) {
  const auto all = All(Family::kBodies);
  const HoledSnapshot holed(engine_.NewSnapshot(), Family::kBodies, all[1].first, all.back().first);
  const store::FsckReport report = store::CheckStore(holed, Options());
  bool named = false;
  for (const FsckFinding& finding : report.findings) {
    named = named || (finding.code == "RANGE_UNREADABLE" && finding.until.empty());
  }
  EXPECT_TRUE(named);
}

TEST_F(RepairTest, ACheckGoesOnFromEveryPosition) {
  const std::string key = IndexKey(4);
  Put(Family::kDocuments, key, Get(Family::kDocuments, IndexKey(2)));
  std::vector<FsckPosition> positions;
  store::FsckOptions options = Options();
  options.on_position = [&](const FsckPosition& position) { positions.push_back(position); };
  size_t told = 0;
  options.on_finding = [&](const FsckFinding&) { ++told; };
  size_t bytes = 0;
  options.on_read = [&](size_t size) { bytes += size; };
  const store::FsckReport whole = store::CheckStore(*engine_.NewSnapshot(), options);
  EXPECT_EQ(told, whole.findings.size());
  EXPECT_GT(bytes, 10'000u);
  ASSERT_GT(positions.size(), 15u);
  for (const FsckPosition& position : positions) {
    const auto read = store::ParsePosition(store::ToText(position));
    ASSERT_TRUE(read.has_value());
    store::FsckOptions again = Options();
    again.resume_from = &*read;
    const store::FsckReport rest = store::CheckStore(*engine_.NewSnapshot(), again);
    EXPECT_TRUE(rest.resumed);
    EXPECT_FALSE(rest.clean());
    EXPECT_EQ(rest.earlier_findings + rest.findings.size(), whole.findings.size())
        << store::ToText(position);
  }
  // Another state of the store: from the beginning.
  FsckPosition other = positions.back();
  other.sequence += 1;
  store::FsckOptions again = Options();
  again.resume_from = &other;
  EXPECT_FALSE(store::CheckStore(*engine_.NewSnapshot(), again).resumed);
  for (const char* text : {"", "birthseal-fsck 1\n",
                           "birthseal-fsck 1\nsequence x\npass 1\nscan 1\n"
                           "key 00\nfindings 0\n"}) {
    EXPECT_FALSE(store::ParsePosition(text).has_value()) << text;
  }
}

TEST_F(RepairTest, EveryErasedOrAlteredIndexComesBack) {
  const std::string meta = MetaBytes();
  std::vector<std::pair<Family, std::string>> places;
  for (const Family family : {Family::kLicences, Family::kReviews, Family::kNodes}) {
    for (const auto& record : All(family)) places.emplace_back(family, record.first);
  }
  for (const auto& [family, key] : places) {
    const std::string value = Get(family, key);
    Erase(family, key);
    EXPECT_THAT(CodesOf(family, key), Contains("MISSING"));
    auto repaired = store::RepairIndexes(&engine_, Options());
    ASSERT_OK(repaired);
    EXPECT_EQ(repaired->written, 1u);
    EXPECT_EQ(Get(family, key), value);
    if (value.empty()) continue;
    Put(family, key, std::string(value.size(), '\1'));
    EXPECT_FALSE(Check().clean());
    ASSERT_OK(store::RepairIndexes(&engine_, Options()));
    EXPECT_EQ(Get(family, key), value);
  }
  Put(Family::kLicences, store::LicenceKey("A520009999"), IndexKey(2));
  auto repaired = store::RepairIndexes(&engine_, Options());
  ASSERT_OK(repaired);
  EXPECT_EQ(repaired->erased, 1u);
  EXPECT_TRUE(Check().clean());
  EXPECT_EQ(MetaBytes(), meta);
}

TEST_F(RepairTest, TheClaimOfANumberComesBackAndOthersAreRefused) {
  const auto claims = All(Family::kClaims);
  size_t repaired = 0;
  for (const auto& [key, value] : claims) {
    Put(Family::kClaims, key, std::string(16, 'x'));
    const auto report = store::RepairIndexes(&engine_, Options());
    if (report.ok()) {
      ++repaired;
    } else {
      EXPECT_THAT(report.status(), StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
      Put(Family::kClaims, key, value);
    }
    EXPECT_EQ(Get(Family::kClaims, key), value);
  }
  EXPECT_EQ(repaired, 4u);  // one for each certificate
}

// Anyone can compute the claims that an empty key would give: they are nobody's.
TEST_F(RepairTest, WithoutTheKeyNoClaimIsThatOfANumber) {
  const std::string key =
      store::DigestKey(certs::NumberClaim("", Head(4).reservation().certificate_number()));
  Put(Family::kClaims, key, std::string(16, 'x'));
  store::FsckOptions options = Options();
  options.index_key.clear();
  EXPECT_THAT(store::RepairIndexes(&engine_, options),
              StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"));
  EXPECT_EQ(Get(Family::kClaims, key), std::string(16, 'x'));
}

TEST_F(RepairTest, WhatCannotBeDerivedIsRefusedAndNothingIsChanged) {
  const auto licence = All(Family::kLicences)[0];
  Erase(Family::kLicences, licence.first);
  for (const Family family : {Family::kDocuments, Family::kCertificates, Family::kLeaves,
                              Family::kAudit, Family::kBodies}) {
    const auto [key, value] = All(family).back();
    std::string flipped = value;
    flipped[flipped.size() / 2] ^= 4;
    Put(family, key, flipped);
    const auto report = store::RepairIndexes(&engine_, Options());
    EXPECT_THAT(report.status(), StatusIs(StatusCode::kFailedPrecondition, "NOT_DERIVABLE"))
        << store::Name(family);
    EXPECT_NE(report.status().message().find("restore"), std::string::npos);
    EXPECT_EQ(engine_.NewSnapshot()->Get(Family::kLicences, licence.first).status().code(),
              StatusCode::kNotFound);
    Put(family, key, value);
  }
  ASSERT_OK(store::RepairIndexes(&engine_, Options()));
  EXPECT_EQ(Get(Family::kLicences, licence.first), licence.second);
}

}  // namespace
}  // namespace birthseal::tests
