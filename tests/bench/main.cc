// SPDX-License-Identifier: Apache-2.0
// birthseal_bench: options, then one run. README.md explains what it prints.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/str_join.h"
#include "tests/bench/bench.h"
#include "tests/bench/echo_service.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace {

// Half a minute: enough to see that it works and roughly how fast.
void MakeQuick(birthseal::bench::BenchOptions* options) {
  options->slice_ms = 10;
  options->warm_up_seconds = 0.5;
  options->path_seconds = 2.5;
  options->half_load_seconds = 3;
  options->read_seconds = 1.5;
  options->documents = 64;
  options->proof_sizes = {1'000, 10'000, 100'000};
}

}  // namespace

int main(int argc, char** argv) {
  namespace bench = birthseal::bench;
  CLI::App app("Measures the whole path of a certificate and its parts in one run.");
  bench::BenchOptions options;
  options.birthseald = BIRTHSEAL_BINARY_DIR "/server/birthseald";
  options.birthseal = BIRTHSEAL_BINARY_DIR "/clients/birthseal/birthseal";
  options.birthseald_null = BIRTHSEAL_BINARY_DIR "/tests/bench/birthseald_null";
  bool quick = false;
  std::string json, echo_directory, port_file;
  app.add_flag("--quick", quick, "short runs, at most 40 seconds in all");
  app.add_option("--json", json, "also write the report to this file");
  app.add_option("--threads", options.threads, "clients at work at once")
      ->check(CLI::Range(1, 512));
  app.add_option("--batch", options.batch, "certificates in one call of the batch runs")
      ->check(CLI::Range(2, 256));
  app.add_option("--workers", options.workers, "worker threads of the service");
  app.add_option("--seconds", options.path_seconds, "length of one run of the whole path");
  app.add_option("--only", options.only,
                 "runs to make: " + absl::StrJoin(bench::RunNames(options), " ") +
                     " (32: --batch); reads makes sm2-1 as well");
  app.add_option("--proof-sizes", options.proof_sizes, "sizes of log and map to measure");
  app.add_flag("--journal", options.journal, "every batch also synced to a journal");
  app.add_option("--birthseald", options.birthseald, "the service to measure")
      ->check(CLI::ExistingFile);
  app.add_option("--echo-service", echo_directory, "used by the program itself")->group("");
  app.add_option("--port-file", port_file, "used by the program itself")->group("");
  // Before the options, which then override it.
  for (int i = 1; i < argc; ++i) quick = quick || std::string(argv[i]) == "--quick";
  if (quick) MakeQuick(&options);
  CLI11_PARSE(app, argc, argv);
  if (!echo_directory.empty()) return bench::RunEchoService(echo_directory, port_file);
  options.own_program = std::filesystem::canonical("/proc/self/exe").string();
  const auto report = bench::RunBench(options);
  if (!report.ok()) {
    std::fprintf(stderr, "bench: %s\n", std::string(report.status().message()).c_str());
    return absl::IsInvalidArgument(report.status()) ? 2 : 1;
  }
  std::fputs(bench::Text(*report).c_str(), stdout);
  if (!json.empty()) birthseal::tests::WriteFile(json, bench::Json(*report));
  if (bench::AllRight(*report)) return 0;
  std::fputs("bench: some answers were wrong, see above\n", stderr);
  return 1;
}
