// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/offline_commands.h"

#include <sysexits.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/at_rest/fsck_trust.h"
#include "server/at_rest/open_engine.h"
#include "server/host/config.h"
#include "server/host/system_clock.h"
#include "server/witnessing/high_water.h"
#include "signer/sealing/note_signer.h"
#include "signer/sealing/sm2_sign.h"
#include "signer/verify/note_key.h"
#include "store/fsck/fsck.h"
#include "store/journal/journal.h"
#include "store/restore/backup.h"
#include "store/restore/file_mirror.h"
#include "store/restore/recovery.h"
#include "store/restore/repair.h"
#include "store/sealed_value.h"

namespace birthseal::server {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "birthseald: %s\n", std::string(status.message()).c_str());
  if (absl::IsDataLoss(status)) return 1;
  if (absl::IsResourceExhausted(status)) return EX_IOERR;  // the disk is full
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

// Nothing when there is no such file yet.
absl::StatusOr<std::optional<certs::TreeHead>> MarkOf(const Config& config) {
  const absl::StatusOr<std::unique_ptr<HighWater>> mark =
      HighWater::Open(config.keys.high_water_file);
  if (absl::IsNotFound(mark.status())) {
    Say("高水位文件不存在 no high-water file: whether anything is missing is not known; ask the "
        "witnesses");
    return std::optional<certs::TreeHead>();
  }
  if (!mark.ok()) return mark.status();
  const certs::TreeHead& head = (*mark)->head();
  Say(absl::StrCat("高水位标记 high-water file: ", head.origin, " size ", head.size, " root ",
                   absl::BytesToHexString(certs::View(head.root)), " map ",
                   absl::BytesToHexString(certs::View(head.map_root))));
  return std::optional<certs::TreeHead>(head);
}

// The public halves of both keys that sign checkpoints.
absl::StatusOr<std::vector<certs::NoteVerifier>> LogKeys(const Config& config) {
  const std::string& name = config.keys.log_name;
  ASSIGN_OR_RETURN(auto key, signer::PrivateKey::FromPkcs8(config.keys.log_key_pem));
  ASSIGN_OR_RETURN(const auto sm2, signer::NewSm2NoteSigner(name, std::move(key)));
  ASSIGN_OR_RETURN(const auto ed25519,
                   signer::NewEd25519NoteSigner(name, config.keys.log_ed25519_key_pem));
  std::vector<certs::NoteVerifier> keys;
  for (const std::string& pem : {sm2->PublicKeyPem(), ed25519->PublicKeyPem()}) {
    ASSIGN_OR_RETURN(certs::NoteVerifier verifier, signer::NoteVerifierFromPem(name, pem));
    keys.push_back(std::move(verifier));
  }
  return keys;
}

absl::StatusOr<store::ForwardReport> Forward(const ForwardFlags& flags, const Config& config) {
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Engine> engine, OpenEngine(config.store));
  const SystemClock clock;
  store::ForwardOptions options;
  options.log_name = config.keys.log_name;
  options.index_key = config.keys.index_key;
  options.clock = &clock;
  options.dry_run = flags.dry_run;
  ASSIGN_OR_RETURN(options.high_water, MarkOf(config));
  ASSIGN_OR_RETURN(options.log_keys, LogKeys(config));
  std::unique_ptr<store::Journal> journal;
  if (!config.store.journal_directory.empty()) {
    ASSIGN_OR_RETURN(journal, store::Journal::Open(config.store.journal_directory));
    options.journal = journal.get();
    if (flags.dry_run) {
      Say(absl::StrCat("日志副本 journal: up to batch ", journal->last_sequence(),
                       " (not replayed in a dry run)"));
    }
  }
  std::vector<std::unique_ptr<store::FileMirror>> mirrors;
  for (const std::string& directory : flags.mirrors) {
    ASSIGN_OR_RETURN(std::unique_ptr<store::FileMirror> mirror, store::FileMirror::Open(directory));
    options.mirrors.push_back(mirrors.emplace_back(std::move(mirror)).get());
  }
  options.on_link = [](const store::ChainLink& link) { Say(store::ToLine(link)); };
  options.on_refused = [](const std::string& name, const absl::Status& why) {
    Say(absl::StrCat("镜像不可用 mirror not used: ", name, ": ", certs::ReasonOf(why), ": ",
                     why.message()));
  };
  return store::BringForward(engine.get(), options);
}

int Account(const ForwardFlags& flags, const store::ForwardReport& report) {
  if (report.issued + report.voided != 0) {
    Say(absl::StrCat("自镜像恢复 from the mirror: ", report.issued,
                     " certificates whose documents are lost 证照文件丢失, ", report.voided,
                     " voided 已作废; numbers are held 编号冻结 until two people confirm them"));
  }
  if (report.lost_from != report.lost_to) {
    Say(absl::StrCat("日志丢失 LOST: leaves [", report.lost_from, ", ", report.lost_to,
                     ") were signed for and nobody has them. 其中的签发与作废无从得知: what was "
                     "issued or revoked there is not known here; compare with paper and outbox."));
    Say(flags.dry_run ? "演练 dry run: a new log epoch would begin; nothing was changed"
                      : "新日志纪元 a new log epoch has begun with RECOVERY");
    return 2;
  }
  Say(flags.dry_run
          ? "演练 dry run: nothing was changed"
          : "无已签署内容丢失 nothing that was signed for is lost, as far as is known here");
  return 0;
}

}  // namespace

int RestoreForward(const ForwardFlags& flags, const std::string& config_path) {
  const absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return Fail(config.status());
  const absl::StatusOr<store::ForwardReport> report = Forward(flags, *config);
  if (!report.ok()) return Fail(report.status());
  return Account(flags, *report);
}

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
  if (report.lost_documents != 0) {
    std::printf(", %llu documents lost in a recovery",
                static_cast<unsigned long long>(report.lost_documents));
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
  const absl::StatusOr<std::unique_ptr<store::Engine>> engine =
      OpenEngine(config->store, EngineUse::kRepair);
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
