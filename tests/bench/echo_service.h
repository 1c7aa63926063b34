// SPDX-License-Identifier: Apache-2.0
// The cost of a call without anything behind it: a program of its own that answers at once over
// mutual TLS with the service's own messages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/child_process.h"
#include "tests/bench/installation.h"

namespace birthseal::bench {

inline constexpr size_t kEchoRequest = 2 << 10, kEchoResponse = 20 << 10;

// The program: serves until SIGTERM. `directory` is that of the PKI.
int RunEchoService(const std::string& directory, const std::string& port_file);

absl::StatusOr<ChildProcess> StartEchoService(const Installation& installation,
                                              const std::string& own_program);

// CPU µs of one call, at each end.
struct CallCost {
  double server = 0, client = 0;
};
// Unary, 2 KB to 20 KB, many at once.
absl::StatusOr<CallCost> MeasureUnary(const Installation& installation, const ChildProcess& echo,
                                      int calls);
// One message and its answer on a stream with the window of the delivery feed, 2 KB to 100 bytes.
absl::StatusOr<CallCost> MeasureStream(const Installation& installation, const ChildProcess& echo,
                                       int messages);

}  // namespace birthseal::bench
