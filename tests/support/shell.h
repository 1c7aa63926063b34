// SPDX-License-Identifier: Apache-2.0
// Programs of this build as a person runs them from a shell.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace birthseal::tests {

struct Ran {
  int code = -1;       // exit status; 128 and the signal when one ended it
  std::string output;  // both streams
};

// Runs `command` in a shell and waits for its end.
inline Ran RunShell(const std::string& command) {
  Ran ran;
  FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer;
  for (size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace birthseal::tests
