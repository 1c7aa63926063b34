// SPDX-License-Identifier: Apache-2.0
#include "tests/model/spin_run.h"

#include <sys/wait.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

constexpr char kModel[] = BIRTHSEAL_SOURCE_DIR "/tests/model/issuance.pml";
constexpr char kTransitions[] = BIRTHSEAL_MODEL_TRANSITIONS;  // made from transitions.txt

// Output of a command in `directory`; empty `trouble` when it ended with 0.
std::string Shell(const std::string& directory, const std::string& command, std::string* trouble) {
  const std::string out = absl::StrCat(directory, "/out");
  const int status = std::system(
      absl::StrCat("cd '", directory, "' && ( ", command, " ) > '", out, "' 2>&1").c_str());
  std::string text = ReadFile(out);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    *trouble = absl::StrCat(command, ": ", text.substr(0, 2000));
  }
  return text;
}

std::string CompilerFlags(const SpinRun& run) {
  std::string flags = "-O2 -w -DMEMLIM=2000";
  if (run.liveness) {
    absl::StrAppend(&flags, " -DNFAIR=3");
  } else {
    absl::StrAppend(&flags, " -DSAFETY");
  }
  if (run.shortest) absl::StrAppend(&flags, " -DBFS");
  absl::StrAppend(&flags, run.bitstate_minutes > 0 ? " -DBITSTATE" : " -DCOLLAPSE");
  return flags;
}

std::string SearchFlags(const SpinRun& run) {
  std::string flags = "-m100000";
  if (run.liveness) absl::StrAppend(&flags, " -a -f");
  if (run.bitstate_minutes > 0) {
    absl::StrAppend(&flags, " -w33 -k3 -Q", run.bitstate_minutes);
  } else {
    absl::StrAppend(&flags, " -w", run.shortest ? 20 : 23);
  }
  return flags;
}

// The number at the start of the line that holds `words`, or after `words` when `behind`.
double NumberBeside(absl::string_view report, absl::string_view words, bool behind) {
  for (absl::string_view line : absl::StrSplit(report, '\n')) {
    const size_t at = line.find(words);
    if (at == absl::string_view::npos) continue;
    line = behind ? line.substr(at + words.size()) : line.substr(0, at);
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::ByAnyChar(" ,"), absl::SkipEmpty());
    double number = 0;
    if (!parts.empty() && absl::SimpleAtod(parts[0], &number)) return number;
  }
  return -1;
}

void TellStory(const std::string& directory, const std::string& flags, SpinResult* result) {
  std::string trouble;
  const std::string told =
      Shell(directory, absl::StrCat("spin -T -t ", flags, " issuance.pml || true"), &trouble);
  for (absl::string_view line : absl::StrSplit(told, '\n')) {
    if (absl::ConsumePrefix(&line, "violated: ")) {
      result->violated = std::string(line);
      return;
    }
    for (absl::string_view who : {"writer ", "the ", "a backup"}) {
      if (absl::StartsWith(line, who)) result->story.emplace_back(line);
    }
  }
}

}  // namespace

SpinResult RunSpin(const SpinRun& run) {
  SpinResult result;
  const TempDir directory;
  WriteFile(directory.Join("issuance.pml"), ReadFile(kModel));
  WriteFile(directory.Join("transitions.pml"), ReadFile(kTransitions));
  const std::string defines = absl::StrJoin(
      run.defines, " ",
      [](std::string* out, const std::string& define) { absl::StrAppend(out, "-D", define); });
  Shell(directory.path(),
        absl::StrCat("spin -a ", defines, " issuance.pml && gcc ", CompilerFlags(run),
                     " -o pan pan.c"),
        &result.trouble);
  if (!result.trouble.empty()) return result;
  const std::string report =
      Shell(directory.path(), absl::StrCat("./pan ", SearchFlags(run)), &result.trouble);
  if (!result.trouble.empty()) return result;
  result.errors = static_cast<int>(NumberBeside(report, "errors:", true));
  result.states = static_cast<uint64_t>(NumberBeside(report, "states, stored", false));
  result.megabytes = NumberBeside(report, "total actual memory usage", false);
  result.complete = !absl::StrContains(report, "not completed") &&
                    !absl::StrContains(report, "too small") &&
                    !absl::StrContains(report, "memory limit");
  if (result.errors < 0) result.trouble = report;
  if (result.errors > 0) {
    if (run.liveness) result.violated = "finished";
    TellStory(directory.path(), defines, &result);
  }
  return result;
}

}  // namespace birthseal::tests
