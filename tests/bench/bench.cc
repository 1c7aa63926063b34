// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

double Sum(const std::vector<Need>& needs) {
  double sum = 0;
  for (const Need& need : needs) sum += need.count * need.micros;
  return sum;
}

void Tell(const std::string& what) { std::fprintf(stderr, "bench: %s\n", what.c_str()); }

// What one certificate must cost; README.md tells where each count is from.
void AddNeeds(const Primitives& primitives, RunReport* run) {
  const auto need = [&](std::vector<Need>* to, const char* key, double count) {
    to->push_back({key, count, primitives.Of(key)});
  };
  const bool sm2 = run->operators == "sm2";
  const double calls = 1 + 2.0 / run->batch;  // application; share of approve and of issue
  std::vector<Need>* server = &run->server;
  need(server, "sm2_sign", 1 + std::min(1.0, run->commits_per_certificate));
  need(server, "sm2_verify", 1);
  need(server, sm2 ? "approval_sm2" : "approval_p256", 2);
  need(server, "sm3_variable", 2);
  need(server, "sm3_file", 1);
  need(server, "font_subset", 1);
  need(server, "deflate", 1);
  need(server, "inflate", 1);
  need(server, "sm4_value", 6);
  need(server, "sm4_recipe", 1);
  need(server, "zstd_recipe", 1);
  need(server, "message_server", 1);
  need(server, "call_server", calls);
  need(server, "commit", run->commits_per_certificate);
  need(server, "changes", 1);
  std::vector<Need>* generator = &run->generator;
  need(generator, sm2 ? "sm2_sign" : "sign_p256", 2);
  need(generator, "message_client", 1);
  need(generator, "call_client", calls);
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  absl::StatusOr<BenchReport> Run() {
    Tell("keys, certificates, fonts");
    ASSIGN_OR_RETURN(installation_,
                     Installation::Make({options_.birthseald, options_.workers, options_.journal}));
    ASSIGN_OR_RETURN(primitives_, Primitives::Make(*installation_, options_.own_program));
    RETURN_IF_ERROR(Round());
    for (const char* operators : {"sm2", "p256"}) {
      for (const int batch : {1, options_.batch}) {
        if (!Wanted(absl::StrCat(operators, "-", batch))) continue;
        RETURN_IF_ERROR(SustainedRun(operators, batch));
        RETURN_IF_ERROR(Round());
      }
    }
    if (Wanted("reads")) {
      if (report_.runs.empty()) RETURN_IF_ERROR(SustainedRun("sm2", 1));  // half of what?
      RETURN_IF_ERROR(HalfLoadAndReads());
      RETURN_IF_ERROR(Round());
    }
    if (Wanted("cost")) RETURN_IF_ERROR(CostOfLog());
    if (Wanted("proofs")) {
      ASSIGN_OR_RETURN(report_.transparency,
                       MeasureTransparency(installation_->Path(""), options_.proof_sizes,
                                           options_.slice_ms, Tell));
    }
    for (RunReport& run : report_.runs) AddNeeds(*primitives_, &run);
    report_.primitives = primitives_->all();
    return std::move(report_);
  }

 private:
  absl::Status Round() {
    Tell("primitives alone");
    return primitives_->Round(options_.slice_ms);
  }

  bool Wanted(const std::string& run) const {
    const std::vector<std::string>& only = options_.only;
    return only.empty() || std::find(only.begin(), only.end(), run) != only.end();
  }

  PathOptions PathOf(const std::string& operators, int batch) const {
    PathOptions path;
    path.operators = operators;
    path.batch = batch;
    path.threads = options_.threads;
    path.warm_up_seconds = options_.warm_up_seconds;
    path.seconds = options_.path_seconds;
    path.limit = options_.limit;
    return path;
  }

  // One service on an empty store, as much as it can.
  absl::Status SustainedRun(const std::string& operators, int batch) {
    const std::string name = absl::StrCat(operators, "-", batch);
    Tell(absl::StrCat("whole path: ", operators, " operators, certificates a call: ", batch));
    ASSIGN_OR_RETURN(const std::unique_ptr<Service> service, Service::Start(*installation_, name));
    ASSIGN_OR_RETURN(std::unique_ptr<Path> path,
                     Path::Open(*installation_, *service, PathOf(operators, batch)));
    RunReport run;
    run.operators = operators;
    run.batch = batch;
    run.path = path->Sustain();
    run.rss_peak_mib = UseOf(service->pid()).rss_peak_mib;
    ASSIGN_OR_RETURN(const uint64_t commits, service->StopAndCountCommits());
    run.commits_per_certificate =
        static_cast<double>(commits) / static_cast<double>(std::max<uint64_t>(1, path->issued()));
    report_.runs.push_back(std::move(run));
    return absl::OkStatus();
  }

  // Turns, so that the weather of the machine falls on both.
  absl::Status CostOfLog() {
    for (int turn = 0; turn < 2; ++turn) {
      RETURN_IF_ERROR(CostTurn("with", options_.birthseald, turn, &report_.log_cost.with));
      RETURN_IF_ERROR(
          CostTurn("without", options_.birthseald_null, turn, &report_.log_cost.without));
    }
    return absl::OkStatus();
  }

  absl::Status CostTurn(const char* what, const std::string& program, int turn,
                        LogCost::Side* side) {
    Tell(absl::StrCat("issuing ", what, " log and map"));
    const std::string name = absl::StrCat("cost-", what, "-", turn);
    ASSIGN_OR_RETURN(const std::unique_ptr<Service> service,
                     Service::Start(*installation_, name, program));
    PathOptions options = PathOf("sm2", 1);
    options.seconds /= 2;
    ASSIGN_OR_RETURN(const std::unique_ptr<Path> path,
                     Path::Open(*installation_, *service, options));
    const PathResult result = path->Sustain();
    side->certificates += result.certificates;
    side->failures += result.failures;
    side->seconds += result.seconds;
    side->server_cpu += result.server_cpu;
    return absl::OkStatus();
  }

  // Half of what the first run sustained; what it issues is then verified and asked for.
  absl::Status HalfLoadAndReads() {
    report_.reads_made = true;
    ASSIGN_OR_RETURN(const std::unique_ptr<Service> service,
                     Service::Start(*installation_, "half-load", "", options_.birthseal));
    ASSIGN_OR_RETURN(const std::unique_ptr<Path> path,
                     Path::Open(*installation_, *service, PathOf("sm2", 1)));
    report_.half_load_rate = report_.runs.front().per_second() / 2;
    double seconds = options_.half_load_seconds;
    if (options_.limit != 0) {
      seconds = static_cast<double>(options_.limit) / std::max(1.0, report_.half_load_rate);
    }
    Tell(absl::StrCat("half load: ", static_cast<int>(report_.half_load_rate), " births a second"));
    report_.half_load = path->Arrive(report_.half_load_rate, seconds);
    const ReadOptions reads{options_.read_seconds, options_.limit};
    Tell("verification and status");
    ASSIGN_OR_RETURN(const std::vector<std::string> files,
                     DownloadDocuments(*service, options_.documents));
    ASSIGN_OR_RETURN(report_.library, VerifyInLibrary(*installation_, files, reads));
    ASSIGN_OR_RETURN(report_.service, VerifyThroughService(*service, files, reads));
    ASSIGN_OR_RETURN(report_.status,
                     AskStatus(*service, std::max<uint64_t>(1, path->issued()), reads));
    Tell("check of the store");
    ASSIGN_OR_RETURN(report_.fsck_per_second, service->StopAndCheckStore(&report_.fsck_records));
    return absl::OkStatus();
  }

  const BenchOptions& options_;
  std::unique_ptr<Installation> installation_;
  std::unique_ptr<Primitives> primitives_;
  BenchReport report_;
};

}  // namespace

double RunReport::per_second() const {
  return path.seconds > 0 ? static_cast<double>(path.certificates) / path.seconds : 0;
}
double RunReport::server_micros() const {
  return path.server_cpu / static_cast<double>(std::max<uint64_t>(1, path.certificates));
}
double RunReport::generator_micros() const {
  return path.generator_cpu / static_cast<double>(std::max<uint64_t>(1, path.certificates));
}
double RunReport::server_ratio() const { return server_micros() / Sum(server); }
double RunReport::total_ratio() const {
  return (server_micros() + generator_micros()) / (Sum(server) + Sum(generator));
}

double LogCost::Side::per_second() const {
  return seconds > 0 ? static_cast<double>(certificates) / seconds : 0;
}
double LogCost::Side::micros() const {
  return server_cpu / static_cast<double>(std::max<uint64_t>(1, certificates));
}
double LogCost::of_rate() const { return 1 - with.per_second() / without.per_second(); }
double LogCost::of_cpu() const { return 1 - without.micros() / with.micros(); }

std::vector<std::string> RunNames(const BenchOptions& options) {
  const std::string batch = absl::StrCat(options.batch);
  return {"sm2-1", "sm2-" + batch, "p256-1", "p256-" + batch, "reads", "cost", "proofs"};
}

absl::StatusOr<BenchReport> RunBench(const BenchOptions& options) {
  const std::vector<std::string> names = RunNames(options);
  for (const std::string& run : options.only) {
    if (std::find(names.begin(), names.end(), run) != names.end()) continue;
    return certs::Error(absl::StatusCode::kInvalidArgument, "BENCH_RUN",
                        absl::StrCat("--only: there is no run \"", run,
                                     "\"; name some of: ", absl::StrJoin(names, " ")),
                        "only");
  }
  return Bench(options).Run();
}

bool AllRight(const BenchReport& report) {
  bool right = report.half_load.failures == 0;
  right = right && report.log_cost.with.failures == 0 && report.log_cost.without.failures == 0;
  for (const TransparencyPoint& point : report.transparency) right = right && point.wrong == 0;
  for (const RunReport& run : report.runs) {
    right = right && run.path.failures == 0 && run.path.certificates > 0;
  }
  if (!report.reads_made) return right;
  for (const ReadResult* reads :
       {&report.library.first_sight, &report.library.again, &report.service, &report.status}) {
    right = right && reads->wrong == 0 && reads->done > 0;
  }
  return right;
}

}  // namespace birthseal::bench
