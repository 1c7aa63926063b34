// SPDX-License-Identifier: Apache-2.0
// The report as text for people and as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/bench.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

using nlohmann::json;

struct Aim {
  std::string what;
  double value, aim;
  bool at_most;  // else at least
  const char* format;
};

std::vector<Aim> Aims(const BenchReport& report) {
  std::vector<Aim> aims;
  double rss = 0;
  for (const RunReport& run : report.runs) {
    rss = std::max(rss, run.rss_peak_mib);
    const bool sm2 = run.operators == "sm2";
    const std::string name = absl::StrCat(sm2 ? "SM2" : "P-256", ", ", run.batch, " a call: ");
    aims.push_back({name + "certificates/s", run.per_second(), sm2 ? 500.0 : 700.0, false, "%.0f"});
    aims.push_back({name + "ratio, service", run.server_ratio(), 1.6, true, "%.2f"});
    aims.push_back({name + "ratio, both ends", run.total_ratio(), 1.6, true, "%.2f"});
  }
  if (!report.runs.empty())
    aims.push_back({"memory of the service, peak MiB", rss, 500, true, "%.0f"});
  if (report.log_cost.with.certificates > 0) {
    aims.push_back(
        {"log and map, % of issue throughput", 100 * report.log_cost.of_rate(), 15, true, "%.1f"});
    aims.push_back(
        {"log and map, % of the service's CPU", 100 * report.log_cost.of_cpu(), 15, true, "%.1f"});
  }
  if (!report.reads_made) return aims;
  std::vector<double> latency = report.half_load.issue_ms;
  aims.push_back(
      {"issue answer p99 at half load, ms", Quantile(&latency, 0.99), 100, true, "%.1f"});
  aims.push_back(
      {"verify in the library, files/s", report.library.again.per_second(), 3500, false, "%.0f"});
  aims.push_back(
      {"verify through the service, files/s", report.service.per_second(), 2000, false, "%.0f"});
  aims.push_back({"status, answers/s", report.status.per_second(), 15000, false, "%.0f"});
  return aims;
}

bool Reached(const Aim& aim) { return aim.at_most ? aim.value <= aim.aim : aim.value >= aim.aim; }

std::string Number(double value, const char* format) {
  return absl::StrFormat(*absl::ParsedFormat<'f'>::New(format), value);
}

std::string TextOf(const BenchReport& report, const std::string& key) {
  for (const Primitive& primitive : report.primitives) {
    if (primitive.key == key) return primitive.text;
  }
  return key;
}

void AppendPrimitives(const BenchReport& report, std::string* out) {
  absl::StrAppend(out, "\n部件 Primitives alone (CPU, median of the rounds)\n");
  absl::StrAppendFormat(out, "  %-46s %9s %9s %9s %9s\n", "", "us", "lowest", "highest", "MB/s");
  for (const Primitive& primitive : report.primitives) {
    std::vector<double> rounds = primitive.rounds;
    absl::StrAppendFormat(out, "  %-46s %9.1f %9.1f %9.1f", primitive.text, primitive.micros(),
                          Quantile(&rounds, 0), Quantile(&rounds, 1));
    if (primitive.bytes > 0 && primitive.micros() > 0) {
      absl::StrAppendFormat(out, " %9.0f", primitive.bytes / primitive.micros());
    }
    absl::StrAppend(out, "\n");
  }
}

void AppendNeeds(const BenchReport& report, const std::vector<Need>& needs, const char* end,
                 double whole, std::string* out) {
  double sum = 0;
  for (const Need& need : needs) {
    sum += need.count * need.micros;
    absl::StrAppendFormat(out, "    %-44s %8.2f x %8.1f = %8.1f\n", TextOf(report, need.key),
                          need.count, need.micros, need.count * need.micros);
  }
  absl::StrAppendFormat(out, "    %-44s %30.1f\n    %-44s %30.1f   ratio %.2f\n",
                        absl::StrCat("sum of parts, ", end), sum, absl::StrCat("whole path, ", end),
                        whole, sum > 0 ? whole / sum : 0.0);
}

void AppendRun(const BenchReport& report, const RunReport& run, std::string* out) {
  absl::StrAppendFormat(out,
                        "\n全流程 Whole path: %s approvals, %d a call\n"
                        "  %d certificates in %.1f s: %.0f/s; CPU per certificate %.0f us service, "
                        "%.0f us generator; %.3f commits with sync; peak %.0f MiB\n",
                        run.operators == "sm2" ? "SM2" : "P-256", run.batch, run.path.certificates,
                        run.path.seconds, run.per_second(), run.server_micros(),
                        run.generator_micros(), run.commits_per_certificate, run.rss_peak_mib);
  if (run.path.failures > 0) {
    absl::StrAppendFormat(out, "  %d FAILED, first: %s\n", run.path.failures,
                          run.path.first_failure);
  }
  AppendNeeds(report, run.server, "service", run.server_micros(), out);
  AppendNeeds(report, run.generator, "generator", run.generator_micros(), out);
}

void AppendReads(const char* what, const ReadResult& reads, std::string* out) {
  const double count = static_cast<double>(std::max<uint64_t>(1, reads.done));
  absl::StrAppendFormat(out, "  %-30s %8.0f/s   CPU us: service %6.1f, caller %6.1f%s\n", what,
                        reads.per_second(), reads.server_cpu / count, reads.own_cpu / count,
                        reads.wrong == 0 ? "" : absl::StrCat("   WRONG: ", reads.wrong));
}

void AppendHalfLoadAndReads(const BenchReport& report, std::string* text) {
  std::string& out = *text;
  std::vector<double> latency = report.half_load.issue_ms;
  absl::StrAppendFormat(
      &out,
      "\n半负荷 Half load, three witnesses: %.0f births/s, %d issued, issue answer p50 %.1f ms, "
      "p99 %.1f ms, longest %.1f ms\n",
      report.half_load_rate, report.half_load.certificates, Quantile(&latency, 0.5),
      Quantile(&latency, 0.99), Quantile(&latency, 1));
  if (report.half_load.failures > 0) {
    absl::StrAppendFormat(&out, "  %d FAILED, first: %s\n", report.half_load.failures,
                          report.half_load.first_failure);
  }
  absl::StrAppend(&out, "\n核验 Verification and status\n");
  AppendReads("verify, library, first sight", report.library.first_sight, &out);
  AppendReads("verify, library", report.library.again, &out);
  AppendReads("verify, service", report.service, &out);
  AppendReads("status, service", report.status, &out);
  absl::StrAppendFormat(&out, "  %-30s %8.0f records/s of %d\n", "fsck, one thread",
                        report.fsck_per_second, report.fsck_records);
}

json JsonOf(const std::vector<Need>& needs) {
  json out = json::array();
  for (const Need& need : needs) {
    out.push_back({{"primitive", need.key}, {"count", need.count}, {"us", need.micros}});
  }
  return out;
}

json JsonOf(const ReadResult& reads) {
  const double count = static_cast<double>(std::max<uint64_t>(1, reads.done));
  return {{"per_second", reads.per_second()},
          {"done", reads.done},
          {"wrong", reads.wrong},
          {"server_cpu_us", reads.server_cpu / count},
          {"own_cpu_us", reads.own_cpu / count}};
}

void AddReads(const BenchReport& report, json* out) {
  std::vector<double> latency = report.half_load.issue_ms;
  (*out)["half_load"] = {{"rate", report.half_load_rate},
                         {"certificates", report.half_load.certificates},
                         {"failures", report.half_load.failures},
                         {"issue_p50_ms", Quantile(&latency, 0.5)},
                         {"issue_p99_ms", Quantile(&latency, 0.99)}};
  (*out)["verify_library_first_sight"] = JsonOf(report.library.first_sight);
  (*out)["verify_library"] = JsonOf(report.library.again);
  (*out)["verify_service"] = JsonOf(report.service);
  (*out)["status"] = JsonOf(report.status);
  (*out)["fsck"] = {{"records", report.fsck_records}, {"per_second", report.fsck_per_second}};
}

}  // namespace

std::string Text(const BenchReport& report) {
  std::string out;
  AppendPrimitives(report, &out);
  for (const RunReport& run : report.runs) AppendRun(report, run, &out);
  if (report.reads_made) AppendHalfLoadAndReads(report, &out);
  out += TransparencyText(report.transparency);
  out += LogCostText(report.log_cost);
  absl::StrAppend(&out, "\n目标 Aims\n");
  for (const Aim& aim : Aims(report)) {
    absl::StrAppendFormat(
        &out, "  %-46s %9s  aim %s %8s   %s\n", aim.what, Number(aim.value, aim.format),
        aim.at_most ? "<=" : ">=", Number(aim.aim, aim.aim < 10 ? "%.1f" : "%.0f"),
        Reached(aim) ? "reached" : "NOT reached");
  }
  return out;
}

std::string Json(const BenchReport& report) {
  json out;
  for (const Primitive& primitive : report.primitives) {
    out["primitives"][primitive.key] = {
        {"text", primitive.text}, {"us", primitive.micros()}, {"rounds", primitive.rounds}};
  }
  for (const RunReport& run : report.runs) {
    std::vector<double> latency = run.path.issue_ms;
    out["runs"].push_back({{"operators", run.operators},
                           {"batch", run.batch},
                           {"certificates", run.path.certificates},
                           {"per_second", run.per_second()},
                           {"failures", run.path.failures},
                           {"server_cpu_us", run.server_micros()},
                           {"generator_cpu_us", run.generator_micros()},
                           {"server_ratio", run.server_ratio()},
                           {"total_ratio", run.total_ratio()},
                           {"commits_per_certificate", run.commits_per_certificate},
                           {"rss_peak_mib", run.rss_peak_mib},
                           {"issue_p50_ms", Quantile(&latency, 0.5)},
                           {"issue_p99_ms", Quantile(&latency, 0.99)},
                           {"server_parts", JsonOf(run.server)},
                           {"generator_parts", JsonOf(run.generator)}});
  }
  if (report.reads_made) AddReads(report, &out);
  const auto side = [](const LogCost::Side& s) {
    return json{{"per_second", s.per_second()}, {"server_cpu_us", s.micros()}};
  };
  if (report.log_cost.with.certificates > 0) {
    out["log_cost"] = {{"with", side(report.log_cost.with)},
                       {"without", side(report.log_cost.without)},
                       {"of_rate", report.log_cost.of_rate()},
                       {"of_cpu", report.log_cost.of_cpu()}};
  }
  for (const TransparencyPoint& p : report.transparency) {
    out["transparency"].push_back({{"size", p.size},
                                   {"load_seconds", p.load_seconds},
                                   {"leaves_per_second", p.leaves_per_second},
                                   {"issues_per_second", p.issues_per_second},
                                   {"map_change_us", p.map_change_us},
                                   {"map_pages", p.map_pages},
                                   {"map_prove_us", p.map_prove_us},
                                   {"map_check_us", p.map_check_us},
                                   {"map_proof_bytes", p.map_proof_bytes},
                                   {"inclusion_bytes", p.inclusion_bytes},
                                   {"inclusion_check_us", p.inclusion_check_us},
                                   {"consistency_bytes", p.consistency_bytes},
                                   {"consistency_check_us", p.consistency_check_us},
                                   {"wrong", p.wrong}});
  }
  for (const Aim& aim : Aims(report)) {
    out["aims"].push_back(
        {{"what", aim.what}, {"value", aim.value}, {"aim", aim.aim}, {"reached", Reached(aim)}});
  }
  return out.dump(2) + "\n";
}

}  // namespace birthseal::bench
