// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

extern char** environ;

namespace birthseal::bench {

absl::StatusOr<ChildProcess> ChildProcess::Spawn(const std::vector<std::string>& command,
                                                 const std::string& log_file) {
  // It ends with the benchmark, also with one that is killed (setpriv of util-linux, an essential
  // package). Only a thread that lives as long may start it.
  std::vector<std::string> tied = {"/usr/bin/setpriv", "--pdeathsig", "TERM", "--"};
  tied.insert(tied.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (const std::string& word : tied) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return absl::UnavailableError(absl::StrCat("cannot start ", command[0]));
  return ChildProcess(pid);
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& command,
                                                 const std::string& port_file,
                                                 const std::string& log_file) {
  absl::StatusOr<ChildProcess> started = Spawn(command, log_file);
  if (!started.ok()) return started.status();
  ChildProcess child = *std::move(started);
  const pid_t pid = child.pid();
  const absl::Time patience = absl::Now() + absl::Minutes(1);
  while (absl::Now() < patience) {
    int port = 0;
    std::ifstream in(port_file);
    if (in >> port && port > 0) {
      child.target_ = absl::StrCat("127.0.0.1:", port);
      return child;
    }
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      child.pid_ = 0;
      return absl::UnavailableError(absl::StrCat(command[0], " ended; see ", log_file));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::UnavailableError(absl::StrCat(command[0], " is not ready; see ", log_file));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), target_(std::move(other.target_)) {}

ChildProcess::~ChildProcess() { Stop(); }

int ChildProcess::Wait() {
  int status = 0;
  waitpid(std::exchange(pid_, 0), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ChildProcess::Stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace birthseal::bench
