#include "server/store_commands.h"

#include <sysexits.h>

#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/config.h"
#include "server/open_engine.h"
#include "store/backup.h"
#include "store/fsck.h"
#include "store/journal.h"
#include "store/recovery.h"
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

int CheckBytes(const std::string& path, bool json) {
  const absl::StatusOr<Config> config = LoadConfig(path);
  if (!config.ok()) return Fail(config.status());
  const absl::StatusOr<std::unique_ptr<store::Engine>> engine = OpenEngine(config->store);
  if (!engine.ok()) return Fail(engine.status());
  const store::ValueSealer sealer(config->keys.key_encryption_key);
  store::FsckOptions options;
  options.sealer = &sealer;
  options.index_key = config->keys.index_key;
  if (!json) {
    options.progress = [](store::Family family, uint64_t records) {
      std::fprintf(stderr, "birthseald: fsck: %s %llu\n", store::Name(family),
                   static_cast<unsigned long long>(records));
    };
  }
  const store::FsckReport report = store::CheckStore(*(*engine)->NewSnapshot(), options);
  if (json) {
    std::printf("%s\n", store::ToJson(report).c_str());
    return report.clean() ? 0 : 1;
  }
  for (const store::FsckFinding& finding : report.findings) {
    std::printf("%s\n", store::ToLine(finding).c_str());
  }
  std::printf("%s: %zu findings, %llu more not shown\n", report.clean() ? "clean" : "damaged",
              report.findings.size(), static_cast<unsigned long long>(report.more_findings));
  return report.clean() ? 0 : 1;
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
