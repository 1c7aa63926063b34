// SPDX-License-Identifier: Apache-2.0
// One run of the benchmark: primitives alone, the whole path through a real service, reads, the
// ratio of the path to its parts, the aims. README.md explains the figures.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/path.h"
#include "tests/bench/primitives.h"
#include "tests/bench/reads.h"
#include "tests/bench/transparency.h"

namespace birthseal::bench {

struct BenchOptions {
  std::string birthseald, birthseald_null, birthseal, own_program;
  bool journal = false;
  int workers = 0;  // threads of the service; 0: its own choice
  int threads = 64, batch = 32;
  double slice_ms = 60;  // of one primitive in one round
  double warm_up_seconds = 2, path_seconds = 18, half_load_seconds = 15, read_seconds = 8;
  uint64_t limit = 0;             // certificates of each run and reads of each kind; 0: time
  std::vector<std::string> only;  // of RunNames; empty: all
  int documents = 512;            // different files to verify
  // Sizes of log and map to measure ("proofs"). 10 million take some minutes and 3 GB of disk.
  std::vector<uint64_t> proof_sizes = {1'000, 10'000, 100'000, 10'000'000};
};

// One line of a ratio: what one certificate needs of a primitive.
struct Need {
  std::string key;
  double count = 0;
  double micros = 0;  // of one
};

struct RunReport {
  std::string operators;
  int batch = 1;
  PathResult path;
  double commits_per_certificate = 0;
  double rss_peak_mib = 0;
  std::vector<Need> server, generator;
  double per_second() const;
  double server_micros() const;     // CPU of the service for one certificate
  double generator_micros() const;  // of the load generator
  double server_ratio() const;      // to the sum of `server`
  double total_ratio() const;       // of both to the sum of `server` and `generator`
};

// What log and map cost: the service as it is and without them (null/README.md), in turns.
struct LogCost {
  struct Side {
    uint64_t certificates = 0, failures = 0;
    double seconds = 0, server_cpu = 0;
    double per_second() const;
    double micros() const;  // CPU of the service for one certificate
  };
  Side with, without;
  double of_rate() const;  // 0.1: a tenth of the throughput
  double of_cpu() const;
};

struct BenchReport {
  std::vector<Primitive> primitives;
  std::vector<RunReport> runs;
  bool reads_made = false;  // half load, verification, status
  PathResult half_load;
  double half_load_rate = 0;  // with three witnesses at work
  uint64_t fsck_records = 0;
  double fsck_per_second = 0;
  LibraryResult library;
  ReadResult service, status;
  std::vector<TransparencyPoint> transparency;
  LogCost log_cost;  // no certificates: not measured
};

// The runs that `only` may name, in the order in which they are made: the whole path for both kinds
// of operators, one and `batch` a call, then "reads", "cost" and "proofs". Half load and reads go
// by the rate of the first run of the path, so "reads" alone makes and shows "sm2-1" as well.
std::vector<std::string> RunNames(const BenchOptions& options);

// What is being done is told to stderr. Errors: kInvalidArgument "BENCH_RUN" `only` names an
// unknown run; else the program does not work; a slow one is no error.
absl::StatusOr<BenchReport> RunBench(const BenchOptions& options);

// False when anything was answered wrongly.
bool AllRight(const BenchReport& report);
std::string Text(const BenchReport& report);
// Parts of Text.
std::string TransparencyText(const std::vector<TransparencyPoint>& points);
std::string LogCostText(const LogCost& cost);
std::string Json(const BenchReport& report);

}  // namespace birthseal::bench
