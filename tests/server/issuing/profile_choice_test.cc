// SPDX-License-Identifier: Apache-2.0
// Which profile judges a case: it follows the institution, never who files.
#include "absl/strings/str_cat.h"
#include "certs/profile.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

class ProfileChoiceTest : public UseCaseTest {
 protected:
  void SetUp() override {
    Load("guizhou-2021");
    UseCaseTest::SetUp();
  }
  void Load(const std::string& name) {
    const auto profile = certs::ParseProfile(ReadSource("deploy/profiles/" + name + ".textproto"));
    ASSERT_OK(profile);
    profiles_.by_name[name] = *profile;
  }
  absl::StatusOr<server::SubmitApplicationResult> FileNaming(const std::string& profile,
                                                             const server::Caller& caller) {
    server::SubmitApplicationInput input;
    input.request_id = absl::StrCat("request-of-", ++births_);
    input.application = ApplicationFor(births_, PushBirth(BirthOf(births_)));
    input.profile = profile;
    return server::SubmitApplication(*house_, caller, input);
  }
  std::string JudgedBy(const absl::StatusOr<server::SubmitApplicationResult>& filed) {
    EXPECT_OK(filed);
    return filed.ok() ? registry_.CaseHead(filed->case_id)->profile() : "";
  }
  // The hospital's record, with this profile of its own.
  void GiveHospital(const std::string& profile, const std::string& division) {
    storage::v1::Institution record = *registry_.Institution(hospital());
    record.set_profile(profile);
    record.set_county_code(division);
    ASSERT_OK(server::PutInstitution(*house_, As(kManaging, server::Role::kAdministrator), record));
  }
  int births_ = 0;
};

// Rule J2.
TEST_F(ProfileChoiceTest, WhoFilesCannotChooseIt) {
  for (const server::Role role : {server::Role::kIssuingInstitution, server::Role::kPlatform}) {
    for (const char* name : {"national-default", "no-such-profile"}) {
      const auto filed = FileNaming(name, As(hospital(), role));
      EXPECT_THAT(filed, StatusIs(StatusCode::kInvalidArgument, "PROFILE_NOT_OF_INSTITUTION"))
          << name;
      EXPECT_EQ(certs::FieldOf(filed.status()), "application.profile");
    }
  }
  EXPECT_EQ(JudgedBy(FileNaming("guizhou-2021", Issuing(hospital()))), "guizhou-2021");
}

TEST_F(ProfileChoiceTest, TheDivisionOfTheInstitutionGivesItAndElseTheDefault) {
  EXPECT_EQ(JudgedBy(FileNaming("", Issuing(hospital()))), "guizhou-2021");  // 529901
  for (const char* elsewhere : {"539901", ""}) {
    GiveHospital("", elsewhere);
    EXPECT_EQ(JudgedBy(FileNaming("", Issuing(hospital()))), "national-default") << elsewhere;
  }
}

// Rule J1.
TEST_F(ProfileChoiceTest, TheSmallestAreaAndInItTheNewestThatIsInForceGivesIt) {
  const auto add = [this](const char* name, const char* division, absl::CivilDay from) {
    certs::Profile profile = profiles_.by_name.at("guizhou-2021");
    profile.name = name;
    profile.division = division;
    profile.effective_from = from;
    profiles_.by_name[name] = profile;
  };
  const absl::CivilDay today(2026, 5, 28);
  storage::v1::Institution institution = *registry_.Institution(hospital());
  const auto chosen = [&](absl::CivilDay day) { return profiles_.Of(institution, day)->name; };
  add("city-early", "529900", today - 10);
  EXPECT_EQ(chosen(today), "city-early");
  add("city-late", "529900", today - 1);
  add("county-to-come", "529901", today + 1);
  add("another-county", "529902", today - 1);
  EXPECT_EQ(chosen(today), "city-late");
  EXPECT_EQ(chosen(today - 5), "city-early");
  EXPECT_EQ(chosen(today - 20), "guizhou-2021");
  EXPECT_EQ(chosen(today + 1), "county-to-come");
  EXPECT_EQ(chosen(absl::CivilDay(2020, 1, 1)), "national-default");
}

// Rule J3.
TEST_F(ProfileChoiceTest, ACaseFiledAgainIsJudgedByTheSameRuleAndWhoAsksSeesItsProfile) {
  GiveHospital("national-default", "529901");
  server::SubmitApplicationInput input;
  input.request_id = "returned";
  input.application = ApplicationFor(1, PushBirth(BirthOf(1)));
  input.application.evidence.clear();
  const auto returned = server::SubmitApplication(*house_, Issuing(hospital()), input);
  ASSERT_OK(returned);
  EXPECT_EQ(returned->state, certs::CaseState::kReturned);
  EXPECT_EQ(JudgedBy(returned), "national-default");
  GiveHospital("", "529901");
  input.request_id = "again";
  input.case_id = returned->case_id;
  EXPECT_EQ(JudgedBy(server::SubmitApplication(*house_, Issuing(hospital()), input)),
            "guizhou-2021");
}

// Rule J1.
TEST_F(ProfileChoiceTest, TheRecordOfTheInstitutionNamesItBeforeItsDivisionDoes) {
  GiveHospital("national-default", "529901");
  EXPECT_EQ(JudgedBy(FileNaming("", Issuing(hospital()))), "national-default");
}

}  // namespace
}  // namespace birthseal::tests
