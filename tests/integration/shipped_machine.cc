// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/shipped_machine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/support/places.h"

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;
constexpr absl::Duration kLookEvery = absl::Milliseconds(10);

const std::map<std::string, std::string>& PlacesSystemdMakes() {
  static const auto* const places =
      new std::map<std::string, std::string>{{"StateDirectory", "/var/lib/"},
                                             {"RuntimeDirectory", "/run/"},
                                             {"LogsDirectory", "/var/log/"},
                                             {"CacheDirectory", "/var/cache/"}};
  return *places;
}

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "shipped machine: %s\n", what.c_str());
  std::abort();
}

}  // namespace

bool LiesIn(const std::string& path, const std::string& directory) {
  return path == directory || absl::StartsWith(path, directory + "/");
}

Unit::Unit(const std::string& name) {
  std::string text = ReadSource("deploy/systemd/" + name);
  text = absl::StrReplaceAll(text, {{"\\\n", " "}});
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (parts.size() == 2 && !absl::StartsWith(line, "#")) lines_.emplace(parts[0], parts[1]);
  }
}

std::vector<std::string> Unit::Words(const std::string& key) const {
  std::vector<std::string> words;
  const auto [first, last] = lines_.equal_range(key);
  for (auto it = first; it != last; ++it) {
    for (const absl::string_view word : absl::StrSplit(it->second, ' ', absl::SkipEmpty())) {
      words.emplace_back(word);
    }
  }
  return words;
}

std::vector<std::string> Unit::MadeDirectories() const {
  std::vector<std::string> directories;
  for (const auto& [key, place] : PlacesSystemdMakes()) {
    for (const std::string& word : Words(key)) directories.push_back(place + word);
  }
  return directories;
}

std::vector<std::string> Unit::WritableDirectories() const {
  std::vector<std::string> directories = MadeDirectories();
  for (const std::string& word : Words("ReadWritePaths")) {
    directories.emplace_back(absl::StripPrefix(absl::StripPrefix(word, "-"), "+"));
  }
  return directories;
}

std::vector<std::string> Unit::HiddenDirectories() const {
  std::vector<std::string> hidden = Words("InaccessiblePaths");
  const auto yes = [this](const char* key) {
    return Words(key) == std::vector<std::string>{"yes"};
  };
  if (yes("ProtectHome")) hidden.insert(hidden.end(), {"/home", "/root", "/run/user"});
  if (yes("PrivateTmp")) hidden.insert(hidden.end(), {"/tmp", "/var/tmp"});
  if (yes("PrivateDevices")) hidden.emplace_back("/dev");
  return hidden;
}

std::vector<std::string> Unit::Command(const std::string& key) const { return Words(key); }

std::string Unit::Option(const std::string& option) const {
  const std::vector<std::string> words = Command();
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == option) return words[i + 1];
  }
  return "";
}

Machine::Machine() = default;

Machine::~Machine() {
  for (Process& process : processes_) {
    if (process.ended) continue;
    kill(process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
  }
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(root_.path(), ignored)) {
    if (entry.is_directory(ignored)) chmod(entry.path().c_str(), 0700);
  }
}

std::string Machine::Rerooted(const std::string& config) const {
  return absl::StrReplaceAll(config, {{"\"/", absl::StrCat("\"", root_.path(), "/")}});
}

void Machine::InstallText(const std::string& text, const std::string& path) {
  fs::create_directories(fs::path(At(path)).parent_path());
  WriteFile(At(path), text);
}

void Machine::Install(const std::string& from, const std::string& path) {
  fs::create_directories(fs::path(At(path)).parent_path());
  fs::copy(from, At(path), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void Machine::InstallProgram(const std::string& program) {
  const std::string name = fs::path(program).filename();
  Install(absl::StrCat(BIRTHSEAL_BINARY_DIR, "/", program), "/usr/bin/" + name);
}

void Machine::GiveAway(const std::string& real, int mode) const {
  if (geteuid() == 0 && lchown(real.c_str(), kNobody, kNobody) != 0) Die("chown " + real);
  if (chmod(real.c_str(), static_cast<mode_t>(mode)) != 0) Die("chmod " + real);
}

void Machine::Prepare(const std::vector<Unit>& units) {
  std::vector<std::string> writable;
  for (const Unit& unit : units) {
    for (const std::string& directory : unit.WritableDirectories()) writable.push_back(directory);
  }
  for (const std::string& directory : writable) fs::create_directories(At(directory));
  GiveAway(root_.path(), 0555);
  for (const auto& entry : fs::recursive_directory_iterator(root_.path())) {
    const bool program = LiesIn(entry.path(), At("/usr/bin"));
    GiveAway(entry.path(), entry.is_directory() || program ? 0555 : 0400);
  }
  for (const std::string& directory : writable) {
    GiveAway(At(directory), 0700);
    for (const auto& entry : fs::recursive_directory_iterator(At(directory))) {
      GiveAway(entry.path(), entry.is_directory() ? 0700 : 0600);
    }
  }
}

size_t Machine::Start(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const std::string& word : command) {
    words.push_back(absl::StartsWith(word, "/") ? At(word) : word);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string output = outputs_.Join(absl::StrCat(processes_.size()));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) Die("fork");
  if (pid == 0) {  // only async-signal-safe calls from here
    const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(125);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  processes_.push_back({pid, output});
  return processes_.size() - 1;
}

bool Machine::Running(size_t process) {
  Process& p = processes_.at(process);
  if (!p.ended && waitpid(p.pid, &p.status, WNOHANG) == p.pid) p.ended = true;
  return !p.ended;
}

int Machine::Wait(size_t process, absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (Running(process)) {
    if (absl::Now() >= give_up) return -1;
    absl::SleepFor(kLookEvery);
  }
  const int status = processes_.at(process).status;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Machine::Terminate(size_t process) {
  if (Running(process)) kill(processes_.at(process).pid, SIGTERM);
}

std::string Machine::Output(size_t process) const {
  return ReadFile(processes_.at(process).output);
}

bool Machine::WaitForFile(size_t process, const std::string& path, absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (!fs::exists(At(path))) {
    if (!Running(process) || absl::Now() >= give_up) return false;
    absl::SleepFor(kLookEvery);
  }
  return true;
}

}  // namespace birthseal::tests
