// SPDX-License-Identifier: Apache-2.0
// Leaves and what stands in them: one field wrong, and the reason.
#include "certs/proof/leaf.h"

#include <functional>
#include <string>

#include "certs/canonical.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const std::string& Hash() {
  static const auto* const hash = new std::string(Bytes(Sm3Of("hash")));
  return *hash;
}

TEST(LeafTest, EveryKindReadsBackAndNoneBeyondThem) {
  for (uint64_t kind = 0; kind <= 300; ++kind) {
    const std::string bytes =
        CanonicalWriter("birthseal/leaf/v1").Number(1, kind).Text(6, Hash()).Finish();
    const auto leaf = ParseLeaf(bytes);
    if (kind < 1 || kind > 10) {
      EXPECT_THAT(leaf, StatusIs(kInvalid, "LEAF_FORM")) << kind;
    } else {
      ASSERT_OK(leaf);
      EXPECT_EQ(Canonical(*leaf), bytes) << kind;
    }
  }
}

// A time of which the seconds or microseconds overflow would be a time before it.
TEST(LeafTest, ATimeBeyondTheYear9999IsRefused) {
  const auto of = [](uint64_t minute) {
    return ParseLeaf(CanonicalWriter("birthseal/leaf/v1")
                         .Number(1, 1)
                         .Number(2, minute)
                         .Text(6, Hash())
                         .Finish());
  };
  const auto last = of(4'223'371'679);
  ASSERT_OK(last);
  EXPECT_EQ(absl::FormatTime("%Y-%m-%d %H:%M", absl::UnixEpoch() + absl::Minutes(last->log_minute),
                             absl::UTCTimeZone()),
            "9999-12-31 23:59");
  for (const uint64_t minute : {uint64_t{4'223'371'680}, uint64_t{274'907'573'610}, ~uint64_t{0}}) {
    EXPECT_THAT(of(minute), StatusIs(kInvalid, "LEAF_FORM")) << minute;
  }
}

TEST(LeafTest, ACommitmentThatIsNotWholeAndBytesBehindAreRefused) {
  for (const std::string& commitment :
       {std::string(), Hash().substr(1), Hash() + "x", std::string(64, 'x')}) {
    EXPECT_THAT(
        ParseLeaf(CanonicalWriter("birthseal/leaf/v1").Number(1, 1).Text(6, commitment).Finish()),
        StatusIs(kInvalid, "LEAF_FORM"))
        << commitment.size();
  }
  Leaf leaf;
  leaf.detail = "detail";
  EXPECT_THAT(ParseLeaf(Canonical(leaf) + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
}

CanonicalWriter RecoveryOf(uint64_t epoch, uint64_t kept, const std::string& root,
                           const std::string& map, uint64_t lost, const std::string& lost_root) {
  CanonicalWriter writer("birthseal/recovery/v1");
  writer.Number(1, epoch).Number(2, kept).Text(3, root).Text(4, map).Number(5, lost);
  writer.Text(6, lost_root);
  return writer;
}

TEST(RecoveryTest, AWholeAccountOfTheOldLogReadsBack) {
  for (const uint64_t lost : {7, 8}) {
    const std::string bytes = RecoveryOf(1, 7, Hash(), Hash(), lost, Hash()).Finish();
    const auto recovery = ParseRecovery(bytes);
    ASSERT_OK(recovery);
    EXPECT_EQ(Canonical(*recovery), bytes);
  }
}

TEST(RecoveryTest, OneFieldWrongIsRefused) {
  const std::string cut = Hash().substr(1);
  const auto parse = [](CanonicalWriter writer) { return ParseRecovery(writer.Finish()); };
  const auto bad = StatusIs(kInvalid, "RECOVERY_FORM");
  EXPECT_THAT(parse(RecoveryOf(0, 7, Hash(), Hash(), 8, Hash())), bad) << "no epoch";
  EXPECT_THAT(parse(RecoveryOf(1, 7, Hash(), Hash(), 6, Hash())), bad) << "less lost than kept";
  EXPECT_THAT(parse(RecoveryOf(1, 7, cut, Hash(), 8, Hash())), bad) << "kept root";
  EXPECT_THAT(parse(RecoveryOf(1, 7, Hash(), cut, 8, Hash())), bad) << "kept map root";
  EXPECT_THAT(parse(RecoveryOf(1, 7, Hash(), Hash(), 8, cut)), bad) << "lost root";
  EXPECT_THAT(ParseRecovery(RecoveryOf(1, 7, Hash(), Hash(), 8, Hash()).Finish() + "x"),
              StatusIs(kInvalid, "CANONICAL_FORM"));
}

TEST(ProfileAnnouncedTest, NeedsANameAndAWholeDigestAndNothingBehind) {
  const ProfileAnnounced good = {"national-default", 2, Sm3Of("file")};
  const auto read = ParseProfileAnnounced(Canonical(good));
  ASSERT_OK(read);
  EXPECT_EQ(Canonical(*read), Canonical(good));
  ProfileAnnounced nameless = good;
  nameless.name.clear();
  EXPECT_THAT(ParseProfileAnnounced(Canonical(nameless)),
              StatusIs(kInvalid, "PROFILE_ANNOUNCED_FORM"));
  EXPECT_THAT(ParseProfileAnnounced(CanonicalWriter("birthseal/profile-announced/v1")
                                        .Text(1, "name")
                                        .Text(3, Hash().substr(1))
                                        .Finish()),
              StatusIs(kInvalid, "PROFILE_ANNOUNCED_FORM"));
  EXPECT_THAT(ParseProfileAnnounced(Canonical(good) + "x"), StatusIs(kInvalid, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::certs
