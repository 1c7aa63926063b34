#include "server/store_commands.h"

#include <sysexits.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/config.h"
#include "server/fsck_trust.h"
#include "server/open_engine.h"
#include "server/system_clock.h"
#include "store/backup.h"
#include "store/fsck.h"
#include "store/journal.h"
#include "store/recovery.h"
#include "store/repair.h"
#include "store/sealed_value.h"

namespace birthseal::server {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "birthseald: %s\n", std::string(status.message()).c_str());
  if (absl::IsDataLoss(status)) return 1;
  const bool config = absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
                      absl::IsFailedPrecondition(status);
  return config ? EX_CONFIG : EX_TEMPFAIL;
}

void Say(const std::string& line) { std::printf("%s\n", line.c_str()); }

absl::Status Restore(const std::string& backup, const Config& config) {
  if (config.store.in_memory) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "STORE_NOT_ON_DISK",
                        "store.in_memory: there is nothing to restore into", "store.in_memory");
  }
  ASSIGN_OR_RETURN(const storage::v1::BackupManifest manifest,
                   store::RestoreBackup(backup, config.store.directory));
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Engine> engine, OpenEngine(config.store));
  ASSIGN_OR_RETURN(store::ChainLink link, store::StateOf(*engine, store::Source::kBackup));
  RETURN_IF_ERROR(store::CheckRestored(manifest, link.meta));
  link.detail = manifest.name();
  Say(store::ToLine(link));
  if (config.store.journal_directory.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Journal> journal,
                   store::Journal::Open(config.store.journal_directory));
  ASSIGN_OR_RETURN(link, store::ReplayJournal(*journal, engine.get()));
  Say(store::ToLine(link));
  return absl::OkStatus();
}

}  // namespace

namespace {

// Waits so that the mean stays below the limit; service on the same disks goes first.
class Throttle {
 public:
  explicit Throttle(int mib_per_second) : rate_(mib_per_second * 1048576.0) {}
  void Read(size_t bytes) {
    read_ += static_cast<double>(bytes);
    const std::chrono::duration<double> ahead =
        std::chrono::duration<double>(read_ / rate_) - (std::chrono::steady_clock::now() - start_);
    if (ahead.count() > 0.02) std::this_thread::sleep_for(ahead);
  }

 private:
  const double rate_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double read_ = 0;
};

// Renamed into place, so that a stop at any time leaves a whole file.
void WriteState(const std::string& path, const store::FsckPosition& position) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh);
  out << store::ToText(position);
  out.close();
  if (!out || std::rename(fresh.c_str(), path.c_str()) != 0) {
    std::fprintf(stderr, "birthseald: fsck: cannot write %s\n", path.c_str());
  }
}

std::optional<store::FsckPosition> ReadState(const std::string& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return store::ParsePosition(text);
}

void PrintLine(const store::FsckFinding& finding) {
  std::printf("%s\n", store::ToLine(finding).c_str());
  std::fflush(stdout);
}

int Conclude(const store::FsckReport& report, const FsckArguments& arguments) {
  if (!arguments.state_file.empty()) std::remove(arguments.state_file.c_str());
  if (arguments.json) {
    std::printf("%s\n", store::ToJson(report).c_str());
    return report.clean() ? 0 : 1;
  }
  std::printf("%s: %zu findings, %llu more not shown", report.clean() ? "clean" : "damaged",
              report.findings.size(), static_cast<unsigned long long>(report.more_findings));
  if (report.resumed) {
    std::printf(", %llu before it was stopped",
                static_cast<unsigned long long>(report.earlier_findings));
  }
  std::printf("\n");
  return report.clean() ? 0 : 1;
}

// What does not hold becomes part of the report.
absl::Status AddSignatures(const Config& config, const store::Snapshot& snapshot,
                           const store::FsckOptions& options, store::FsckReport* report) {
  ASSIGN_OR_RETURN(const FsckTrust trust, FsckTrustOf(config, SystemClock().Now()));
  SignatureReport found = CheckSignatures(snapshot, trust.trust, options);
  report->more_findings += found.more_findings;
  for (store::FsckFinding& finding : found.findings) {
    report->findings.push_back(std::move(finding));
  }
  for (const store::FsckFinding& note : found.not_checkable) {
    std::fprintf(stderr, "birthseald: fsck: 密钥已更换，无法核验 key replaced, not checkable: %s\n",
                 store::ToLine(note).c_str());
  }
  std::fprintf(stderr,
               "birthseald: fsck: 签名有效 signatures hold: %llu documents, %llu approvals, "
               "%llu checkpoints, %llu map proofs\n",
               static_cast<unsigned long long>(found.documents),
               static_cast<unsigned long long>(found.approvals),
               static_cast<unsigned long long>(found.checkpoints),
               static_cast<unsigned long long>(found.map_proofs));
  return absl::OkStatus();
}

}  // namespace

int CheckBytes(const FsckArguments& arguments) {
  const absl::StatusOr<Config> config = LoadConfig(arguments.config_path);
  if (!config.ok()) return Fail(config.status());
  const absl::StatusOr<std::unique_ptr<store::Engine>> engine = OpenEngine(config->store);
  if (!engine.ok()) return Fail(engine.status());
  const store::ValueSealer sealer(config->keys.key_encryption_key);
  store::FsckOptions options;
  options.sealer = &sealer;
  options.index_key = config->keys.index_key;
  if (!arguments.json) {
    options.on_finding = PrintLine;
    options.progress = [](store::Family family, uint64_t records) {
      std::fprintf(stderr, "birthseald: fsck: %s %llu\n", store::Name(family),
                   static_cast<unsigned long long>(records));
    };
  }
  Throttle throttle(arguments.mib_per_second);
  if (arguments.mib_per_second > 0) {
    options.on_read = [&](size_t bytes) { throttle.Read(bytes); };
  }
  std::optional<store::FsckPosition> stood;
  if (!arguments.state_file.empty()) {
    stood = ReadState(arguments.state_file);
    if (stood) options.resume_from = &*stood;
    options.on_position = [&](const store::FsckPosition& at) {
      WriteState(arguments.state_file, at);
    };
  }
  const auto snapshot = (*engine)->NewSnapshot();
  store::FsckReport report = store::CheckStore(*snapshot, options);
  if (arguments.signatures) {
    const absl::Status added = AddSignatures(*config, *snapshot, options, &report);
    if (!added.ok()) return Fail(added);
  }
  return Conclude(report, arguments);
}

int RepairStore(const std::string& config_path) {
  const absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return Fail(config.status());
  const absl::StatusOr<std::unique_ptr<store::Engine>> engine = OpenEngine(config->store);
  if (!engine.ok()) return Fail(engine.status());
  const store::ValueSealer sealer(config->keys.key_encryption_key);
  store::FsckOptions options;
  options.sealer = &sealer;
  options.index_key = config->keys.index_key;
  options.on_finding = PrintLine;
  const absl::StatusOr<store::RepairReport> report = store::RepairIndexes(engine->get(), options);
  if (!report.ok()) {
    std::fprintf(stderr, "birthseald: %s\n未修复：其他记录须从备份和日志恢复。\n",
                 std::string(report.status().message()).c_str());
    return 1;
  }
  std::printf("repaired (已修复): %zu findings, %llu records written, %llu erased; clean\n",
              report->before.findings.size(), static_cast<unsigned long long>(report->written),
              static_cast<unsigned long long>(report->erased));
  return 0;
}

int VerifyBackupFolder(const std::string& directory) {
  const absl::StatusOr<storage::v1::BackupManifest> manifest = store::VerifyBackup(directory);
  if (!manifest.ok()) return Fail(manifest.status());
  uint64_t bytes = 0;
  for (const auto& file : manifest->files()) bytes += file.size();
  Say(absl::StrCat("备份完好 backup ", manifest->name(), " holds: ", manifest->files_size(),
                   " files, ", bytes, " bytes; ", manifest->time(), ", batch ",
                   manifest->batch_sequence(), ", log epoch ", manifest->log_epoch(), " size ",
                   manifest->log_size(), " root ", manifest->log_root()));
  return 0;
}

int RestoreFrom(const std::string& backup, const std::string& config_path) {
  const absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return Fail(config.status());
  const absl::Status restored = Restore(backup, *config);
  if (!restored.ok()) return Fail(restored);
  Say("备份已恢复。下一步 restored; next: birthseald restore --forward --config FILE");
  return 0;
}

}  // namespace birthseal::server
