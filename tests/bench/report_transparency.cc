// SPDX-License-Identifier: Apache-2.0
// The figures of log and map as text: one column for each size.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/bench.h"

namespace birthseal::bench {

std::string TransparencyText(const std::vector<TransparencyPoint>& points) {
  if (points.empty()) return "";
  std::string out =
      "\n日志与唯一性映射 Log and uniqueness map alone (RocksDB, 64 a synced commit)\n";
  const auto row = [&](const char* what, const char* format, double TransparencyPoint::*figure) {
    absl::StrAppendFormat(&out, "  %-46s", what);
    for (const TransparencyPoint& point : points) {
      absl::StrAppendFormat(&out, *absl::ParsedFormat<'f'>::New(format), point.*figure);
    }
    out += "\n";
  };
  absl::StrAppendFormat(&out, "  %-46s", "leaves, labels");
  for (const TransparencyPoint& point : points) absl::StrAppendFormat(&out, " %11d", point.size);
  out += "\n";
  row("leaves/s with inclusion proof, synced", " %11.0f", &TransparencyPoint::leaves_per_second);
  row("issues/s: two leaves, one change, synced", " %11.0f", &TransparencyPoint::issues_per_second);
  row("map change, CPU us", " %11.1f", &TransparencyPoint::map_change_us);
  row("map pages written for a change", " %11.2f", &TransparencyPoint::map_pages);
  row("inclusion proof, bytes", " %11.0f", &TransparencyPoint::inclusion_bytes);
  row("inclusion proof, check us", " %11.2f", &TransparencyPoint::inclusion_check_us);
  row("consistency proof, bytes", " %11.0f", &TransparencyPoint::consistency_bytes);
  row("consistency proof, check us", " %11.2f", &TransparencyPoint::consistency_check_us);
  row("map proof, bytes", " %11.0f", &TransparencyPoint::map_proof_bytes);
  row("map proof, check us", " %11.2f", &TransparencyPoint::map_check_us);
  row("map proof, make us", " %11.1f", &TransparencyPoint::map_prove_us);
  row("bulk load, s", " %11.1f", &TransparencyPoint::load_seconds);
  return out;
}

std::string LogCostText(const LogCost& cost) {
  if (cost.with.certificates == 0) return "";
  std::string out = "\n日志与映射的代价 What log and map cost (SM2, one a call, in turns)\n";
  const auto row = [&](const char* what, const LogCost::Side& side) {
    absl::StrAppendFormat(&out, "  %-46s %7.0f/s   CPU %.0f us a certificate\n", what,
                          side.per_second(), side.micros());
  };
  row("the service as it is", cost.with);
  row("without log and map", cost.without);
  absl::StrAppendFormat(&out, "  %-46s %6.1f %% of the rate, %.1f %% of the CPU\n", "cost",
                        100 * cost.of_rate(), 100 * cost.of_cpu());
  return out;
}

}  // namespace birthseal::bench
