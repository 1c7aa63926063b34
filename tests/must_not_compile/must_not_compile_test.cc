// SPDX-License-Identifier: Apache-2.0
// What the types forbid: each case compiles when it is done right (RIGHT), and is refused, for the
// reason that it names, when it is not. Compiled as this file is.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "tests/support/places.h"
#include "tests/support/shell.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

constexpr char kFolder[] = "tests/must_not_compile/";
constexpr char kCompilerSays[] = "// Refused with: ";
constexpr char kTidySays[] = "// Refused by clang-tidy with: ";

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const auto& file : std::filesystem::directory_iterator(
           absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/", kFolder, "cases"))) {
    cases.push_back(file.path().stem());
  }
  return cases;
}

std::string PathOf(const std::string& name) {
  return absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/", kFolder, "cases/", name, ".cc");
}

// What a case says behind `prefix`; empty: nothing.
std::string Said(const std::string& name, absl::string_view prefix) {
  for (absl::string_view line : absl::StrSplit(ReadFile(PathOf(name)), '\n')) {
    if (absl::ConsumePrefix(&line, prefix)) return std::string(line);
  }
  return "";
}

// The compiler with the options of this very file, without what names its input and outputs.
std::string Compiler() {
  std::ifstream in(BIRTHSEAL_BINARY_DIR "/compile_commands.json");
  for (const auto& entry : nlohmann::json::parse(in)) {
    if (!absl::EndsWith(entry["file"].get<std::string>(), "must_not_compile_test.cc")) continue;
    std::vector<std::string> kept;
    for (const absl::string_view word : absl::StrSplit(entry["command"].get<std::string>(), ' ')) {
      if (word == "-o") break;
      kept.emplace_back(word);
    }
    return absl::StrJoin(kept, " ");
  }
  return "";
}

Ran Compile(const std::string& name, absl::string_view how) {
  static const std::string* const compiler = new std::string(Compiler());
  EXPECT_FALSE(compiler->empty()) << "not in compile_commands.json";
  return RunShell(absl::StrCat(*compiler, " ", how, " -fsyntax-only ", PathOf(name)));
}

class MustNotCompile : public testing::TestWithParam<std::string> {};

TEST_P(MustNotCompile, ButForTheRightWay) {
  const Ran right = Compile(GetParam(), "-DRIGHT");
  EXPECT_EQ(right.code, 0) << right.output;
  const std::string reason = Said(GetParam(), kCompilerSays);
  const Ran wrong = Compile(GetParam(), "");
  if (reason.empty()) {  // for clang-tidy
    EXPECT_EQ(wrong.code, 0) << wrong.output;
    return;
  }
  EXPECT_NE(wrong.code, 0) << "it compiles";
  EXPECT_TRUE(std::regex_search(wrong.output, std::regex(reason))) << wrong.output;
}

INSTANTIATE_TEST_SUITE_P(Cases, MustNotCompile, testing::ValuesIn(Cases()),
                         [](const auto& param) { return param.param; });

TEST(MustNotPassTidy, AMovedPlanThatIsUsedAgain) {
  int seen = 0;
  for (const std::string& name : Cases()) {
    const std::string reason = Said(name, kTidySays);
    if (reason.empty()) continue;
    ++seen;
    const std::string tidy =
        absl::StrCat("clang-tidy-14 --quiet ", PathOf(name), " -- -std=c++17 -I",
                     BIRTHSEAL_SOURCE_DIR, " -I", BIRTHSEAL_BINARY_DIR, "/gen ");
    const Ran right = RunShell(tidy + "-DRIGHT");
    EXPECT_EQ(right.code, 0) << right.output;
    const Ran wrong = RunShell(tidy);
    EXPECT_NE(wrong.code, 0);
    EXPECT_TRUE(absl::StrContains(wrong.output, reason)) << wrong.output;
  }
  EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace birthseal::tests
