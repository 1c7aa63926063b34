// SPDX-License-Identifier: Apache-2.0
// birthseald: flags, signals, nothing else.
#include <malloc.h>
#include <signal.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/version.h"
#include "server/at_rest/full_disk.h"
#include "server/at_rest/offline_commands.h"
#include "server/at_rest/open_engine.h"
#include "server/host/config.h"
#include "server/host/event_log.h"
#include "server/server_app.h"
#include "store/engine.h"

namespace birthseal::server {
namespace {

constexpr timespec kLookEvery{1, 0};
constexpr int kCountersEvery = 300;  // looks

// What another start would meet again, so that a person must look first.
bool NeedsAPerson(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsFailedPrecondition(status) || certs::ReasonOf(status) == "HIGH_WATER_DAMAGED";
}

// `places`: what the configuration lets the service write, when there is one.
int Fail(const absl::Status& status, const std::vector<WrittenPlace>& places = {}) {
  const std::string message(status.message());
  std::fprintf(stderr, "birthseald: %s: %s\n", certs::ReasonOf(status).c_str(), message.c_str());
  const std::string zh = certs::TextZhOf(status);
  if (!zh.empty()) std::fprintf(stderr, "birthseald: %s\n", zh.c_str());
  if (absl::IsResourceExhausted(status) && !places.empty()) {
    const FullDisk disk = FindFullDisk(places, status);
    LogEvent(
        LogLevel::kError, "disk_full",
        {{"place", disk.place.field},
         {"path", disk.place.path},
         {"free_bytes", disk.free_bytes ? absl::StrCat(*disk.free_bytes) : "unknown"},
         {"reason", message},
         {"what", "nothing acknowledged is lost; make room on this disk, then it starts again"}});
    return EX_IOERR;
  }
  return NeedsAPerson(status) ? EX_CONFIG : EX_TEMPFAIL;
}

sigset_t Signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  return set;
}

// Until a signal ends it, or the service says that it must be started again.
int RunUntilStopped(ServerApp* app) {
  const sigset_t signals = Signals();
  bool clock_told = false;
  for (int looks = 1;; ++looks) {
    const int signal = sigtimedwait(&signals, nullptr, &kLookEvery);
    if (signal == SIGTERM || signal == SIGINT) {
      LogEvent(LogLevel::kInfo, "stopping", {{"signal", static_cast<int64_t>(signal)}});
      app->Stop();
      return 0;
    }
    if (signal == SIGUSR1) {
      LogEvent(LogLevel::kWarning, "clock_confirmed");
      app->ConfirmClock();
      clock_told = false;
    }
    if (looks % kCountersEvery == 0) app->LogCounters();
    app->CheckDisks();
    const absl::Status health = app->Healthy();
    if (health.ok()) continue;
    if (certs::ReasonOf(health) == "CLOCK_SUSPECT") {
      // A restart would forget the doubt: an operator looks at the clock, then sends SIGUSR1.
      if (!clock_told) {
        LogEvent(LogLevel::kError, "clock_suspect",
                 {{"what", "issuing stands; check the clock, then send SIGUSR1"}});
      }
      clock_told = true;
      continue;
    }
    LogEvent(LogLevel::kError, "must_restart", {{"reason", health.message()}});
    app->Stop();
    return EX_TEMPFAIL;
  }
}

// Files of some 100 KB come and go with every certificate. By default each one that goes makes
// malloc merge all its small free pieces and perhaps return memory that is asked for again at once.
void TuneMalloc() {
  mallopt(M_MXFAST, 0);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int Serve(const std::string& path) {
  TuneMalloc();
  // Blocked before any thread is made, so that only sigtimedwait sees them.
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a failed write, not the end
  absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return Fail(config.status());
  const std::vector<WrittenPlace> places = WrittenPlaces(*config);
  absl::StatusOr<std::unique_ptr<store::Engine>> engine = OpenEngine(config->store);
  if (!engine.ok()) return Fail(engine.status(), places);
  ServerApp::Options options;
  options.engine = *std::move(engine);
  absl::StatusOr<std::unique_ptr<ServerApp>> app =
      ServerApp::Start(*std::move(config), std::move(options));
  if (!app.ok()) return Fail(app.status(), places);
  return RunUntilStopped(app->get());
}

int CheckConfig(const std::string& path) {
  const absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return Fail(config.status());
  std::printf("%s: good (listen %s, %zu profiles, %zu bootstrap clients)\n", path.c_str(),
              config->listen.c_str(), config->profiles.size(), config->bootstrap_clients.size());
  return 0;
}

// What the command line may ask for, and what stands in it.
struct CommandLine {
  std::string config;
  CLI::App *check, *fsck, *backup, *restore;
  FsckArguments fsck_arguments;
  bool repair = false;
  std::string verify;  // folder of a backup
  std::string from;    // the same, to be put back
  CLI::Option* forward;
  ForwardFlags forward_flags;
};

void AddFsck(CLI::App* app, CommandLine* line) {
  line->fsck = app->add_subcommand(
      "fsck", "check the store from its bytes and name every bad record; exit 1 if there is one");
  FsckArguments& arguments = line->fsck_arguments;
  line->fsck->add_flag("--json", arguments.json, "the report as one JSON object");
  line->fsck->add_flag("--signatures", arguments.signatures,
                       "verify every signature too: documents, approvals, checkpoints "
                       "(核验全部签名)");
  line->fsck->add_option("--state", arguments.state_file,
                         "file that says where the check stands: stopped, it goes on from there");
  line->fsck->add_option("--rate", arguments.mib_per_second, "read at most so many MiB a second")
      ->check(CLI::Range(0, 1 << 20));
  line->fsck->add_flag(
      "--repair-indexes", line->repair,
      "rebuild damaged indexes; refused while anything else is damaged (重建索引)");
  line->fsck->fallthrough();
}

void AddRestore(CLI::App* app, CommandLine* line) {
  line->restore = app->add_subcommand("restore", "put a backup back (恢复)");
  line->restore->add_option("--from", line->from,
                            "folder of the backup; store.directory must be empty");
  line->forward = line->restore->add_flag(
      "--forward", "bring the store to the newest state that journal and mirrors have (前滚)");
  line->restore
      ->add_option("--mirror", line->forward_flags.mirrors, "folder of a witness; may be repeated")
      ->needs(line->forward);
  line->restore->add_flag("--dry-run", line->forward_flags.dry_run, "look, and change nothing")
      ->needs(line->forward);
  line->restore->fallthrough();
}

void AddCommands(CLI::App* app, CommandLine* line) {
  app->set_version_flag("--version", certs::VersionText("birthseald"));
  app->add_option("--config,-c", line->config, "configuration (textproto, see deploy/README.md)");
  app->require_subcommand(0, 1);
  line->check =
      app->add_subcommand("check-config", "read the configuration, name every fault, and end");
  line->check->fallthrough();  // so that --config may stand behind it
  AddFsck(app, line);
  line->backup = app->add_subcommand(
      "backup", "check a backup against its manifest (校验备份); exit 1 if it does not hold");
  line->backup->add_option("--verify", line->verify, "folder of the backup")->required();
  AddRestore(app, line);
}

int Run(CommandLine& line) {
  if (line.backup->parsed()) return VerifyBackupFolder(line.verify);
  if (line.config.empty()) {
    std::fprintf(stderr, "birthseald: --config FILE is required; see birthseald --help\n");
    return EX_USAGE;
  }
  line.fsck_arguments.config_path = line.config;
  if (line.fsck->parsed()) {
    return line.repair ? RepairStore(line.config) : CheckBytes(line.fsck_arguments);
  }
  const bool forward = line.forward->count() != 0;
  if (line.restore->parsed() && line.from.empty() != forward) {
    std::fprintf(stderr, "birthseald: restore takes either --from DIR or --forward\n");
    return EX_USAGE;
  }
  if (forward) return RestoreForward(line.forward_flags, line.config);
  if (line.restore->parsed()) return RestoreFrom(line.from, line.config);
  return line.check->parsed() ? CheckConfig(line.config) : Serve(line.config);
}

int ParseAndRun(int argc, char** argv) {
  CLI::App app{
      "birthseald: issues, seals, stores, shares and verifies medical certificates of birth"};
  CommandLine line;
  AddCommands(&app, &line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : EX_USAGE;
  }
  return Run(line);
}

}  // namespace
}  // namespace birthseal::server

int main(int argc, char** argv) {
  try {
    return birthseal::server::ParseAndRun(argc, argv);
  } catch (const std::exception& error) {  // two options of one name, no memory
    std::fprintf(stderr, "birthseald: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
