// SPDX-License-Identifier: Apache-2.0
// The benchmark works: counts are asserted, times never.
#include <string>

#include "tests/bench/bench.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::bench {
namespace {

TEST(BenchTest, EveryBirthOfATinyRunBecomesACertificateThatVerifies) {
  if (tests::TestFonts() == nullptr) GTEST_SKIP() << "the packaged fonts are not installed";
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

}  // namespace
}  // namespace birthseal::bench
