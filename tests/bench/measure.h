// SPDX-License-Identifier: Apache-2.0
// Processor time and order statistics of the benchmark. Times are microseconds.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace birthseal::bench {

double ThreadCpuMicros();   // of the calling thread
double ProcessCpuMicros();  // of this process, all threads, user and system
double WallMicros();

// What a process has used since its start; zeros when it is gone.
struct ProcessUse {
  double cpu_micros = 0;  // in steps of a clock tick (10 ms)
  double rss_peak_mib = 0;
};
ProcessUse UseOf(pid_t pid);

// Both sort their argument; 0 for no values. `fraction` 0..1.
double Quantile(std::vector<double>* values, double fraction);
double Median(std::vector<double> values);

}  // namespace birthseal::bench
