// SPDX-License-Identifier: Apache-2.0
// The example of README.md is the one that is built, and does what the README says.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/places.h"
#include "tests/support/registry_office.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using testing::HasSubstr;

TEST(ExampleTest, OfTheReadmeIsTheOneThatIsBuilt) {
  const std::string source = ReadSource("clients/cpp/verify_example.cc");
  const size_t begin = source.find("int main");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_THAT(ReadSource("README.md"), HasSubstr("```cpp\n" + source.substr(begin) + "```\n"));
}

TEST(ExampleTest, TellsAGenuineFileFromAnAlteredOne) {
  ServiceSite site;
  ServiceProcess service(site);
  ASSERT_TRUE(service.WaitUntilServing()) << ReadFile(site.log_path());
  site.Register(service.port());
  RegistryOffice office(site, service.port());
  const auto issued = office.Issue(1);
  ASSERT_OK(issued);
  auto file = office.Download(issued->number());
  ASSERT_OK(file);
  const std::string path = site.directory() + "/one.ofd";
  const auto verify = [&](const std::string& role) {
    return RunShell(absl::StrCat(BIRTHSEAL_BINARY_DIR, "/clients/cpp/verify_example 127.0.0.1:",
                                 service.port(), " ", site.directory(), "/tls ", role, " ", path));
  };
  WriteFile(path, *file);
  const Ran genuine = verify("police");
  EXPECT_EQ(genuine.code, 0) << genuine.output;
  EXPECT_THAT(genuine.output, HasSubstr("VERDICT_VALID"));

  (*file)[file->size() / 2] ^= 1;
  WriteFile(path, *file);
  const Ran altered = verify("police");
  EXPECT_EQ(altered.code, 3) << altered.output;
  EXPECT_THAT(altered.output, HasSubstr("VERDICT_FORGED_OR_ALTERED"));

  const Ran none = RunShell(absl::StrCat(BIRTHSEAL_BINARY_DIR, "/clients/cpp/verify_example x ",
                                         site.directory(), "/tls police ", path, ".none"));
  EXPECT_EQ(none.code, 1) << none.output;
  EXPECT_THAT(none.output, HasSubstr("cannot read " + path + ".none"));

  const Ran nobody = verify("nobody");
  EXPECT_EQ(nobody.code, 1) << nobody.output;
  EXPECT_THAT(nobody.output, HasSubstr("nobody.pem"));
}

}  // namespace
}  // namespace birthseal::tests
