// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

namespace birthseal::bench {
namespace {

double Read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

}  // namespace

double ThreadCpuMicros() { return Read(CLOCK_THREAD_CPUTIME_ID); }
double ProcessCpuMicros() { return Read(CLOCK_PROCESS_CPUTIME_ID); }
double WallMicros() { return Read(CLOCK_MONOTONIC); }

ProcessUse UseOf(pid_t pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  ProcessUse use;
  std::ifstream stat(directory + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  // The name of the command may hold blanks; fields are counted from its closing bracket.
  std::istringstream fields(text.substr(text.find(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  use.cpu_micros = 1e6 * (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream status(directory + "/status");
  for (std::string line; std::getline(status, line);) {
    long kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %ld kB", &kib) == 1) {
      use.rss_peak_mib = static_cast<double>(kib) / 1024;
    }
  }
  return use;
}

double Quantile(std::vector<double>* values, double fraction) {
  if (values->empty()) return 0;
  std::sort(values->begin(), values->end());
  const auto last = static_cast<double>(values->size() - 1);
  return (*values)[static_cast<size_t>(fraction * last + 0.5)];
}

double Median(std::vector<double> values) { return Quantile(&values, 0.5); }

}  // namespace birthseal::bench
