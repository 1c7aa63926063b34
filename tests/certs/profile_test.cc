// SPDX-License-Identifier: Apache-2.0
#include "certs/profile.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/certs/rules/case_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;

std::string NationalText() {
  return tests::ReadSource("deploy/profiles/national-default.textproto");
}

// The field an edited file is refused for; empty when it is accepted.
std::string RefusedField(const std::string& from, const std::string& to) {
  const std::string text = NationalText();
  EXPECT_NE(text.find(from), std::string::npos) << from;
  const auto profile = ParseProfile(absl::StrReplaceAll(text, {{from, to}}));
  if (profile.ok()) return "";
  EXPECT_THAT(profile, StatusIs(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID"));
  return FieldOf(profile.status());
}

TEST(ProfileTest, ShippedProfilesParse) {
  const Profile national = ShippedProfile("national-default");
  EXPECT_EQ(national.name, "national-default");
  EXPECT_EQ(national.earliest_birth, absl::CivilDay(1996, 1, 1));
  EXPECT_EQ(national.explain_after_days, 30);
  EXPECT_EQ(national.records_after_days, std::nullopt);
  EXPECT_EQ(national.dna_after_days, std::nullopt);  // no law of the nation asks for it
  EXPECT_EQ(national.police_check_after_days, 365);
  EXPECT_EQ(national.licence_type_code.size(), 21u);
  const Profile guizhou = ShippedProfile("guizhou-2021");
  EXPECT_EQ(guizhou.name, "guizhou-2021");
  EXPECT_EQ(guizhou.earliest_birth, absl::CivilDay(1996, 3, 1));
  EXPECT_EQ(guizhou.dna_after_days, std::nullopt);
  EXPECT_EQ(guizhou.police_check_after_days, 365);
}

// Rule E2.
TEST(ProfileTest, RequiredEvidenceIsTheUnionOfMatchingLists) {
  const Profile profile = ShippedProfile("national-default");
  EXPECT_THAT(RequiredEvidence(profile, CaseKind::kFirstIssue, ExchangeGround::kNone),
              testing::ElementsAre(EvidenceKind::kMotherId));
  EXPECT_THAT(RequiredEvidence(profile, CaseKind::kExchange, ExchangeGround::kNameUnregistrable),
              testing::ElementsAre(EvidenceKind::kMotherId, EvidenceKind::kIssuingRecord,
                                   EvidenceKind::kOriginalFront, EvidenceKind::kOriginalSecond,
                                   EvidenceKind::kChangeAdvice));
}

// Rule I7.
TEST(ProfileTest, Scenario18NoProfileCanAddAFieldAboutBirthPermission) {
  EXPECT_EQ(RefusedField("version: 2", "version: 2 birth_permit_required: true"), "(file)");
  EXPECT_EQ(RefusedField("required: \"ERROR_PROOF\"", "required: \"BIRTH_PERMIT\""),
            "evidence[2].required[0]");
}

// Rules J5, J6.
TEST(ProfileTest, ValuesThatMakeNoSenseAreRefusedByField) {
  EXPECT_EQ(RefusedField("name: \"national-default\"", "name: \"National Default\""), "name");
  EXPECT_EQ(RefusedField("version: 2", "version: 0"), "version");
  EXPECT_EQ(RefusedField("\"1996-01-01\"", "\"1995-12-31\""), "earliest_birth");
  EXPECT_EQ(RefusedField("\"1996-01-01\"", "\"1997-01-01\""), "earliest_birth");
  EXPECT_EQ(RefusedField("\"1996-01-01\"", "\"1996-02-30\""), "earliest_birth");
  EXPECT_EQ(RefusedField("earliest_birth: \"1996-01-01\"", ""), "earliest_birth");
  EXPECT_EQ(RefusedField("absent_marker: \"/\"", ""), "absent_marker");
  EXPECT_EQ(RefusedField("signing_hours: 24", "signing_hours: -1"), "signing_hours");
  EXPECT_EQ(RefusedField("explain_after_days: 30", "explain_after_days: 0"), "explain_after_days");
  EXPECT_EQ(RefusedField("signing_hours: 24", "dna_after_days: 100000"), "dna_after_days");
  EXPECT_EQ(RefusedField("signing_hours: 24", "dna_after_days: -1"), "dna_after_days");
  EXPECT_EQ(RefusedField("signing_hours: 24", "division: \"52\""), "division");
  EXPECT_EQ(RefusedField("signing_hours: 24", "division: \"000000\""), "division");
  EXPECT_EQ(RefusedField("signing_hours: 24", "effective_from: \"2021-9-27\""), "effective_from");
  EXPECT_EQ(RefusedField("police_check_after_days: 365", "police_check_after_days: -5"),
            "police_check_after_days");
  EXPECT_EQ(RefusedField("FAKE00001L001", "FAKE00001M001"), "licence_type_code");
  EXPECT_EQ(RefusedField("FAKE00001L001", "FAKE00001L00"), "licence_type_code");
  EXPECT_EQ(RefusedField("FAKE00001L001", "FAKE00001L00a"), "licence_type_code");
}

TEST(ProfileTest, EachLimitHoldsAtItsEnd) {
  const std::string name = "name: \"national-default\"", marker = "absent_marker: \"/\"";
  const auto named = [](size_t size) { return "name: \"" + std::string(size, 'n') + "\""; };
  const auto marked = [](size_t size) {
    return "absent_marker: \"" + std::string(size, '/') + "\"";
  };
  EXPECT_EQ(RefusedField(name, named(64)), "");
  EXPECT_EQ(RefusedField(name, named(65)), "name");
  EXPECT_EQ(RefusedField(name, named(0)), "name");
  EXPECT_EQ(RefusedField(marker, marked(30)), "");
  EXPECT_EQ(RefusedField(marker, marked(31)), "absent_marker");
  EXPECT_EQ(RefusedField("signing_hours: 24", "signing_hours: 720"), "");
  EXPECT_EQ(RefusedField("signing_hours: 24", "signing_hours: 721"), "signing_hours");
  for (const char* field : {"records_after_days", "dna_after_days"}) {
    EXPECT_EQ(RefusedField("signing_hours: 24", absl::StrCat(field, ": 1")), "");
    EXPECT_EQ(RefusedField("signing_hours: 24", absl::StrCat(field, ": 3650")), "");
    EXPECT_EQ(RefusedField("signing_hours: 24", absl::StrCat(field, ": 3651")), field);
  }
  EXPECT_EQ(RefusedField("\"1996-01-01\"", "\"1996-12-31\""), "");
  for (const char* date :
       {"\"1996-1-01\"", "\"1996-01-1\"", "\" 1996-01-01\"", "\"1996-01-01 \"", "\"01996-1-01\"",
        "\" 1996-1-01\"", "\"1996-1-01 \"", "\"1996-01\"", "\"\""}) {
    EXPECT_EQ(RefusedField("\"1996-01-01\"", date), "earliest_birth") << date;
  }
}

// Rule J4.
TEST(ProfileTest, NationalMinimumCannotBeDropped) {
  EXPECT_EQ(RefusedField("required: \"CHANGE_ADVICE\"", "required: \"ERROR_PROOF\""), "evidence");
  EXPECT_EQ(RefusedField("required: \"DNA_REPORT\"", "required: \"ERROR_PROOF\""), "evidence");
  EXPECT_EQ(RefusedField("required: \"POLICE_CHECK_REPLY\"", ""), "evidence");
  EXPECT_EQ(RefusedField("required: \"LOSS_STATEMENT\"", ""), "evidence");
  EXPECT_EQ(RefusedField("required: \"ORIGINAL_FRONT\"", ""), "evidence");
}

// Rule J5.
TEST(ProfileTest, ListsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(RefusedField("kind: \"BACKFILL\"", "kind: \"GIFT\""), "evidence[6].kind");
  EXPECT_EQ(RefusedField("kind: \"BACKFILL\"", "kind: \"BACKFILL\" ground: \"CUT\""),
            "evidence[6].ground");
  EXPECT_EQ(RefusedField("ground: \"ISSUER_ERROR\"", "ground: \"PARENTS_WISH\""),
            "evidence[2].ground");
  EXPECT_EQ(RefusedField("kind: \"BACKFILL\" required: \"ISSUING_RECORD\"", "kind: \"BACKFILL\""),
            "evidence[6].required");
  EXPECT_EQ(RefusedField("required: \"ERROR_PROOF\"",
                         "required: \"ERROR_PROOF\" required: \"DECISION\" "
                         "required: \"ERROR_PROOF\""),
            "evidence[2].required[2]");
}

TEST(ProfileTest, LeftOutRuleIsOff) {
  const auto profile = ParseProfile(absl::StrReplaceAll(
      NationalText(), {{"police_check_after_days: 365", ""}, {"signing_hours: 24", ""}}));
  ASSERT_OK(profile);
  EXPECT_EQ(profile->police_check_after_days, std::nullopt);
  EXPECT_EQ(profile->signing_hours, 24);
}

// Rule J7.
TEST(ProfileTest, DnaIsAskedForOnlyWhereTheProfileSaysAfterHowManyDays) {
  const auto with = [](const std::string& line) {
    const auto profile =
        ParseProfile(absl::StrReplaceAll(NationalText(), {{"signing_hours: 24", line}}));
    EXPECT_OK(profile) << line;
    return profile.ok() ? profile->dna_after_days : std::optional<int>(-1);
  };
  EXPECT_EQ(with(""), std::nullopt);
  EXPECT_EQ(with("dna_after_days: 0"), std::nullopt);
  EXPECT_EQ(with("dna_after_days: 180"), 180);
}

TEST(ProfileTest, AProfileSaysForWhichAreaAndFromWhenItIs) {
  const Profile guizhou = ShippedProfile("guizhou-2021");
  EXPECT_EQ(guizhou.division, "520000");
  EXPECT_EQ(guizhou.effective_from, absl::CivilDay(2021, 9, 27));
  const Profile national = ShippedProfile("national-default");
  EXPECT_EQ(national.division, "");
  EXPECT_EQ(national.effective_from, absl::CivilDay());
}

TEST(ProfileTest, EveryEvidenceKindHasOneName) {
  for (int kind = 1; kind <= static_cast<int>(kLastEvidenceKind); ++kind) {
    const auto name = EvidenceKindName(static_cast<EvidenceKind>(kind));
    ASSERT_FALSE(name.empty()) << kind;
    EXPECT_EQ(*EvidenceKindFrom(name), static_cast<EvidenceKind>(kind));
  }
  EXPECT_THAT(EvidenceKindFrom("BIRTH_PERMIT"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(EvidenceKindFrom(""), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace birthseal::certs
