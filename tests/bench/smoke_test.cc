// SPDX-License-Identifier: Apache-2.0
// The benchmark works: counts are asserted, times never.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/bench/bench.h"
#include "tests/bench/child_process.h"
#include "tests/bench/flood.h"
#include "tests/support/places.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::bench {
namespace {

BenchOptions Tiny() {
  BenchOptions options;
  options.birthseald = BIRTHSEAL_BINARY_DIR "/server/birthseald";
  options.birthseal = BIRTHSEAL_BINARY_DIR "/clients/birthseal/birthseal";
  options.birthseald_null = BIRTHSEAL_BINARY_DIR "/tests/bench/birthseald_null";
  options.own_program = BIRTHSEAL_BINARY_DIR "/tests/bench/birthseal_bench";
  options.limit = 24;
  options.batch = 8;
  options.threads = 8;
  options.slice_ms = 1;
  options.documents = 8;
  options.proof_sizes = {100, 3'000};
  return options;
}

TEST(BenchTest, EveryBirthOfATinyRunBecomesACertificateThatVerifies) {
  if (tests::TestFonts() == nullptr)
    GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  const BenchOptions options = Tiny();
  const absl::StatusOr<BenchReport> report = RunBench(options);
  ASSERT_OK(report);
  EXPECT_TRUE(AllRight(*report));
  ASSERT_EQ(report->runs.size(), 4u);
  for (const RunReport& run : report->runs) {
    EXPECT_EQ(run.path.certificates, options.limit) << run.path.first_failure;
    EXPECT_GT(run.commits_per_certificate, 0);
    EXPECT_GT(run.rss_peak_mib, 0);
  }
  EXPECT_GT(report->half_load.certificates, 0u) << report->half_load.first_failure;
  EXPECT_EQ(report->half_load.failures, 0u) << report->half_load.first_failure;
  for (const ReadResult* reads : {&report->library.again, &report->service, &report->status}) {
    EXPECT_EQ(reads->done, options.limit);
    EXPECT_EQ(reads->wrong, 0u);
  }
  EXPECT_EQ(report->log_cost.with.certificates, 2 * options.limit);
  EXPECT_EQ(report->log_cost.without.certificates, 2 * options.limit);
  ASSERT_EQ(report->transparency.size(), 2u);
  for (const TransparencyPoint& point : report->transparency) {
    EXPECT_EQ(point.wrong, 0u);
    EXPECT_GT(point.issues_per_second, 0);
    EXPECT_GT(point.map_pages, 0);
  }
  for (const Primitive& primitive : report->primitives) {
    EXPECT_FALSE(primitive.rounds.empty()) << primitive.key;
  }
  EXPECT_NE(Text(*report).find("Aims"), std::string::npos);
  EXPECT_NE(Json(*report).find("\"aims\""), std::string::npos);
}

// What a run alone must print, by its name.
std::string SectionOf(const std::string& run) {
  if (run == "reads") return "Verification and status";
  if (run == "cost") return "What log and map cost";
  if (run == "proofs") return "Log and uniqueness map alone";
  const bool sm2 = absl::StartsWith(run, "sm2");
  return absl::StrCat("Whole path: ", sm2 ? "SM2" : "P-256", " approvals, ",
                      run.substr(run.find('-') + 1), " a call");
}

TEST(BenchTest, EveryRunThatCanBeNamedAlonePrintsItsSection) {
  if (tests::TestFonts() == nullptr)
    GTEST_FAIL() << "the packaged fonts are not installed: ./dev setup";
  BenchOptions options = Tiny();
  EXPECT_EQ(absl::StrJoin(RunNames(options), " "), "sm2-1 sm2-8 p256-1 p256-8 reads cost proofs");
  for (const std::string& run : RunNames(options)) {
    options.only = {run};
    const absl::StatusOr<BenchReport> report = RunBench(options);
    ASSERT_OK(report);
    EXPECT_TRUE(AllRight(*report)) << run;
    const std::string text = Text(*report), json = Json(*report);
    EXPECT_TRUE(absl::StrContains(text, SectionOf(run))) << run << "\n" << text;
    // Nothing is said of what was not measured.
    for (const std::string& other : RunNames(options)) {
      if (other == run || (run == "reads" && other == "sm2-1")) continue;
      EXPECT_FALSE(absl::StrContains(text, SectionOf(other))) << run << "\n" << text;
    }
    EXPECT_EQ(absl::StrContains(json, "\"half_load\""), run == "reads") << json;
  }
}

TEST(BenchTest, ARunThatIsNotKnownIsRefusedWithTheNamesOfAll) {
  BenchOptions options = Tiny();
  options.only = {"sm2-1", "writes"};
  const auto report = RunBench(options);
  EXPECT_THAT(report, tests::StatusIs(absl::StatusCode::kInvalidArgument, "BENCH_RUN"));
  for (const std::string& run : RunNames(options)) {
    EXPECT_TRUE(absl::StrContains(report.status().message(), run)) << report.status();
  }
}

TEST(BenchTest, TheHelpAndTheReadmeNameTheRunsThatAreAccepted) {
  const std::string names = absl::StrJoin(RunNames(BenchOptions()), " ");
  const std::string program = BIRTHSEAL_BINARY_DIR "/tests/bench/birthseal_bench";
  EXPECT_TRUE(absl::StrContains(tests::RunShell(program + " --help").output, names)) << names;
  EXPECT_TRUE(absl::StrContains(tests::ReadSource("tests/bench/README.md"), "(" + names + ")"))
      << names;
  const tests::Ran ran = tests::RunShell(program + " --only writes");
  EXPECT_EQ(ran.code, 2) << ran.output;
  EXPECT_TRUE(absl::StrContains(ran.output, names)) << ran.output;
}

// A service that answers in a thread of its own, which then keeps what it was given for a while.
struct SlowToForget {
  struct Stub {};
  static std::unique_ptr<Stub> NewStub(const std::shared_ptr<grpc::Channel>&) {
    return std::make_unique<Stub>();
  }
};
struct CountedRequest {
  static inline std::atomic<int> alive{0};
  CountedRequest() { ++alive; }
  ~CountedRequest() { --alive; }
};
struct NoAnswer {};

TEST(BenchTest, AFloodThatHasEndedHoldsNoCallAndSoNoChannel) {
  std::vector<std::thread> threads;
  std::promise<void> seen;
  const std::shared_future<void> was_seen = seen.get_future();
  Flood<SlowToForget, CountedRequest, NoAnswer> flood(
      {nullptr},
      [&](SlowToForget::Stub*, grpc::ClientContext*, const CountedRequest*, NoAnswer*,
          std::function<void(grpc::Status)> done) {
        threads.emplace_back([was_seen, done = std::move(done)] {
          done(grpc::Status::OK);
          was_seen.wait();
        });
      },
      [](uint64_t, CountedRequest*) {}, [](const NoAnswer&) { return true; });
  flood.Run(1, std::numeric_limits<double>::max(), 1);
  EXPECT_EQ(CountedRequest::alive, 0);
  EXPECT_EQ(flood.done(), 1u);
  seen.set_value();
  for (std::thread& thread : threads) thread.join();
}

// An orphan that has ended may stay a zombie: nobody asks how it went.
bool Runs(pid_t pid) {
  std::string stat;
  std::getline(std::ifstream(absl::StrCat("/proc/", pid, "/stat")), stat);
  const size_t name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

TEST(BenchTest, WhatItStartedEndsWithABenchmarkThatIsKilled) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t benchmark = fork();
  if (benchmark == 0) {
    const auto child = ChildProcess::Spawn({"/bin/sleep", "3600"}, "/dev/null");
    const pid_t pid = child.ok() ? child->pid() : 0;
    if (write(told[1], &pid, sizeof(pid)) != sizeof(pid)) _exit(1);
    abort();
  }
  pid_t left = 0;
  ASSERT_EQ(read(told[0], &left, sizeof(left)), static_cast<ssize_t>(sizeof(left)));
  ASSERT_GT(left, 0);
  waitpid(benchmark, nullptr, 0);
  for (int tries = 0; tries < 600 && Runs(left); ++tries) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_FALSE(Runs(left));
  if (Runs(left)) kill(left, SIGKILL);
  close(told[0]);
  close(told[1]);
}

}  // namespace
}  // namespace birthseal::bench
