// SPDX-License-Identifier: Apache-2.0
// The development PKI when something is in the way: files, names, times, keys. It says which.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "signer/devpki/dev_pki.h"
#include "signer/devpki/pki_directory.h"
#include "tests/support/places.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::signer::devpki {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using tests::FixtureNow;
using tests::SharedPki;
using tests::StatusIs;

PkiRequest Request(const std::string& directory) {
  PkiRequest request;
  request.directory = directory;
  request.institutions = {SharedPki().institution};
  request.operators = {{"a", KeyAlgorithm::kSm2}};
  request.now = FixtureNow();
  return request;
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), directory).string());
  }
  return files;
}

// Folders stand where the files would be made. Each run ends at the first of them and names it;
// the next one goes on from there.
TEST(PkiFilesTest, EachFileThatCannotBeWrittenEndsTheRunAndIsNamed) {
  const tests::TempDir whole, dir;
  ASSERT_OK(WritePkiDirectory(Request(whole.path())));
  std::set<std::string> in_the_way;
  for (const std::string& file : FilesIn(whole.path())) {
    in_the_way.insert("writing " + file);
    fs::create_directories(dir.Join(file + ".new"));
  }
  ASSERT_GT(in_the_way.size(), 50u);
  while (true) {
    const absl::Status status = WritePkiDirectory(Request(dir.path()));
    if (status.ok()) break;
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kInternal, "DEV_PKI_FILE"));
    ASSERT_EQ(in_the_way.erase(std::string(status.message())), 1u) << status;
    const std::string file = std::string(status.message()).substr(8);
    EXPECT_FALSE(fs::exists(dir.Join(file)));
    fs::remove(dir.Join(file + ".new"));
  }
  EXPECT_THAT(in_the_way, testing::IsEmpty());
}

TEST(PkiFilesTest, AFileThatCannotTakeItsPlaceEndsTheRun) {
  const tests::TempDir dir;
  fs::create_directories(dir.Join("ca/maker-root.key/in the way"));
  EXPECT_THAT(WritePkiDirectory(Request(dir.path())),
              StatusIs(absl::StatusCode::kInternal, "DEV_PKI_FILE"));
}

TEST(PkiFilesTest, AnAuthorityThatIsGoneIsNotMadeAnew) {
  const tests::TempDir dir;
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  for (const char* name :
       {"maker-root", "maker-intermediate", "maker", "signer-root", "signer-intermediate", "tls"}) {
    for (const char* half : {".pem", ".key"}) {
      const std::string path = dir.Join(absl::StrCat("ca/", name, half));
      fs::rename(path, path + ".away");
      EXPECT_THAT(WritePkiDirectory(Request(dir.path())),
                  StatusIs(absl::StatusCode::kInternal, "DEV_PKI_FILE"))
          << path;
      fs::rename(path + ".away", path);
    }
  }
  EXPECT_OK(WritePkiDirectory(Request(dir.path())));
}

TEST(PkiFilesTest, APolicyThatSomeoneHasEditedStays) {
  const tests::TempDir dir;
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  ASSERT_THAT(tests::ReadFile(dir.Join("trust/witnesses.textproto")), HasSubstr("quorum: 2"));
  tests::WriteFile(dir.Join("trust/witnesses.textproto"), "quorum: 3\n");
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  EXPECT_EQ(tests::ReadFile(dir.Join("trust/witnesses.textproto")), "quorum: 3\n");
}

TEST(DevPkiFaultsTest, ACertificateThatCannotBeMadeNamesNoOther) {
  const std::string long_name(65, 'x');  // X.520: 64
  const absl::Time from = FixtureNow(), until = FixtureNow() + absl::Hours(24);
  const Identity no_issuer{"no certificate", SharedPki().log_key};
  struct Row {
    const char* name;
    CertificateRequest request;
    const Identity* issuer;
  };
  const Row rows[] = {
      {"organisation", {{long_name, "u", "c"}, Use::kTls, from, until}, nullptr},
      {"unit", {{"o", long_name, "c"}, Use::kTls, from, until}, nullptr},
      {"common name", {{"o", "u", long_name}, Use::kTls, from, until}, nullptr},
      {"beginning", {{"o", "u", "c"}, Use::kTls, absl::InfiniteFuture(), until}, nullptr},
      {"end", {{"o", "u", "c"}, Use::kTls, from, absl::InfiniteFuture()}, nullptr},
      {"issuer", {{"o", "u", "c"}, Use::kTls, from, until}, &no_issuer}};
  const CertificateRequest good{{"o", "u", "c"}, Use::kTls, from, until};
  EXPECT_OK(MakeIdentity(good, KeyAlgorithm::kSm2, nullptr));
  for (const Row& row : rows) {
    EXPECT_THAT(MakeIdentity(row.request, KeyAlgorithm::kSm2, row.issuer),
                StatusIs(absl::StatusCode::kInternal, "DEV_PKI"))
        << row.name;
  }
}

TEST(DevPkiFaultsTest, AMakerWithTheKeyOfAnotherMakesNoSeal) {
  Hierarchy hierarchy = SharedPki().hierarchy;
  hierarchy.maker.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  EXPECT_THAT(MakeInstitutionSeal(hierarchy, SharedPki().institution, FixtureNow()),
              StatusIs(absl::StatusCode::kInternal, "DEV_PKI"));
}

class DevPkiToolTest : public testing::Test {
 protected:
  tests::Ran Run(const std::string& list, const std::string& more) const {
    tests::WriteFile(dir_.Join("list"), list);
    return tests::RunShell(absl::StrCat(BIRTHSEAL_BINARY_DIR,
                                        "/signer/devpki/birthseal-devpki --out ", dir_.Join("pki"),
                                        " --institutions ", dir_.Join("list"), " --now ",
                                        absl::ToUnixSeconds(FixtureNow()), " ", more));
  }
  const tests::TempDir dir_;
};

TEST_F(DevPkiToolTest, WhatIsWrongIsSaidAndNothingIsMade) {
  const std::string good = "12529901MB0A12342F\t云岭县人民医院\t云岭县\tfirst-issue\n";
  tests::Ran ran = Run(good + "no institution\n", "");
  EXPECT_EQ(ran.code, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("line 2"));
  ran = Run(good, "--operator a --operator ../b");
  EXPECT_EQ(ran.code, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("ID:p256"));
  EXPECT_FALSE(fs::exists(dir_.Join("pki")));
  tests::WriteFile(dir_.Join("pki"), "in the way");
  ran = Run(good, "");
  EXPECT_EQ(ran.code, 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("writing ca/maker-root.key"));
  fs::remove(dir_.Join("pki"));
  ran = Run(good, "--operator a");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_TRUE(fs::exists(dir_.Join("pki/operators/a.pub")));
}

}  // namespace
}  // namespace birthseal::signer::devpki
