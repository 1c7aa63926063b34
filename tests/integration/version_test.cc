// SPDX-License-Identifier: Apache-2.0
// Every program says which build it is: version, commit, formats.
#include "certs/version.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/places.h"
#include "tests/support/shell.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

struct Program {
  const char* name;
  const char* path;  // below the build
};

class VersionTest : public testing::TestWithParam<Program> {};

TEST_P(VersionTest, IsToldWithCommitAndFormats) {
  const Ran ran = RunShell(absl::StrCat(BIRTHSEAL_BINARY_DIR, "/", GetParam().path, " --version"));
  EXPECT_EQ(ran.code, 0) << ran.output;
  std::string version = ReadSource("VERSION");
  ASSERT_THAT(version, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
  version.pop_back();
  EXPECT_THAT(ran.output, StartsWith(absl::StrCat(GetParam().name, " ", version, " (commit ")))
      << ran.output;
  EXPECT_THAT(ran.output, HasSubstr(absl::StrCat("formats: store ", certs::kStoreFormat, ", face ",
                                                 certs::kFaceFormat)));
}

INSTANTIATE_TEST_SUITE_P(
    Programs, VersionTest,
    testing::Values(Program{"birthseald", "server/birthseald"},
                    Program{"birthseal", "clients/birthseal/birthseal"},
                    Program{"birthseal-connect", "clients/connect/birthseal-connect"},
                    Program{"birthseal-devpki", "signer/devpki/birthseal-devpki"}),
    [](const testing::TestParamInfo<Program>& param) {
      std::string name;
      for (const char c : std::string(param.param.name)) name += c == '-' ? '_' : c;
      return name;
    });

TEST(FormatsTest, AreThoseOfTheDocuments) {
  EXPECT_THAT(ReadSource("store/FORMAT.md"),
              HasSubstr(absl::StrCat("\nFormat ", certs::kStoreFormat, ". ")));
  const struct {
    const char* source;
    const char* type;
    uint32_t version;
  } types[] = {{"certs/face.cc", "face", certs::kFaceFormat},
               {"certs/proof/leaf.cc", "leaf", certs::kLeafFormat},
               {"certs/proof/receipt.cc", "receipt", certs::kReceiptFormat}};
  for (const auto& [source, type, version] : types) {
    EXPECT_THAT(ReadSource(source), HasSubstr(absl::StrCat("birthseal/", type, "/v", version)));
  }
}

}  // namespace
}  // namespace birthseal::tests
