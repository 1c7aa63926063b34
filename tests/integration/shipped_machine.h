// SPDX-License-Identifier: Apache-2.0
// The files of deploy/ as an operator installs them, under a root of their own.
//
// Unit reads a systemd unit as far as paths and commands go. Machine is a small tree of directories
// where nothing may be written but what the unit allows: as root its programs run as nobody.
// Failures of the harness itself end the program. One owner thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {

class Unit {
 public:
  // Of deploy/systemd.
  explicit Unit(const std::string& name);

  // All words of all lines KEY=...
  std::vector<std::string> Words(const std::string& key) const;
  // What systemd makes for the unit, and what is there already, that it may write to.
  std::vector<std::string> MadeDirectories() const;
  std::vector<std::string> WritableDirectories() const;
  // The rest of the file system is read-only, and this much of it is hidden.
  std::vector<std::string> HiddenDirectories() const;
  // Program and arguments of ExecStart.
  std::vector<std::string> Command(const std::string& key = "ExecStart") const;
  // The argument behind `option` of ExecStart; empty: none.
  std::string Option(const std::string& option) const;

 private:
  std::multimap<std::string, std::string> lines_;
};

// `path` is `directory`, or lies in it.
bool LiesIn(const std::string& path, const std::string& directory);

class Machine {
 public:
  Machine();
  ~Machine();  // ends what it has started
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Where an absolute path of the machine really is.
  std::string At(const std::string& path) const { return root_.path() + path; }
  // Every "/path" of a configuration, as At gives it.
  std::string Rerooted(const std::string& config) const;
  void Install(const std::string& from, const std::string& path);
  void InstallText(const std::string& text, const std::string& path);
  // Programs of the build go to /usr/bin.
  void InstallProgram(const std::string& program);
  // What systemd and the operator prepare for these units. From now on only that can be written.
  void Prepare(const std::vector<Unit>& units);

  // Starts a command of a unit with its paths moved to where they are. Its number.
  size_t Start(const std::vector<std::string>& command);
  bool Running(size_t process);
  // Exit status, once it has ended; -1: a signal, or it did not end in time.
  int Wait(size_t process, absl::Duration patience);
  void Terminate(size_t process);  // SIGTERM
  // What it has printed so far.
  std::string Output(size_t process) const;
  bool WaitForFile(size_t process, const std::string& path, absl::Duration patience);

 private:
  struct Process {
    pid_t pid;
    std::string output;
    bool ended = false;
    int status = 0;
  };
  void GiveAway(const std::string& real, int mode) const;

  TempDir root_;
  TempDir outputs_;
  std::vector<Process> processes_;
};

}  // namespace birthseal::tests
