// SPDX-License-Identifier: Apache-2.0
// A program started by the benchmark that says in a file which port it serves. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace birthseal::bench {

class ChildProcess {
 public:
  // Waits until `port_file` holds a port. The program's output goes to `log_file`.
  // Errors: kUnavailable it ended, or is not ready after a minute.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& command,
                                            const std::string& port_file,
                                            const std::string& log_file);
  // The same without a port to wait for.
  static absl::StatusOr<ChildProcess> Spawn(const std::vector<std::string>& command,
                                            const std::string& log_file);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // stops it

  // Waits for its own end and gives the exit code.
  int Wait();
  // SIGTERM, and waits for the end. Idempotent.
  void Stop();
  pid_t pid() const { return pid_; }
  const std::string& target() const { return target_; }  // "127.0.0.1:PORT"

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  std::string target_;
};

}  // namespace birthseal::bench
