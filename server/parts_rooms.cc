// SPDX-License-Identifier: Apache-2.0
// What the rooms are furnished with: fonts, pools, the house itself.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/host/event_log.h"
#include "server/parts.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr int kWorkersPerCore = 16;  // a call waits for its commit most of its time
// A hostile file can make its verification hold some 300 MiB: few of them at once.
constexpr size_t kMaxVerificationThreads = 8;

absl::StatusOr<std::string> ReadFont(const std::string& field, const std::string& path) {
  // In one piece: fonts are tens of megabytes, and a restart waits for them.
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::string bytes(in ? static_cast<size_t>(in.tellg()) : 0, '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) {
    return certs::Error(absl::StatusCode::kNotFound, "FONT_UNREADABLE",
                        absl::StrCat(field, ": cannot read ", path), field);
  }
  return bytes;
}

// A newborn without certificate and a number in suspense: somebody has to look.
void LogUnfinished(const storage::v1::Reservation& reservation, const absl::Status& why) {
  LogEvent(
      LogLevel::kError, "issue_unfinished",
      {{"institution", reservation.institution_code()},
       {"intent", static_cast<int64_t>(store::IntentKeyOf(reservation).value())},
       {"case", absl::BytesToHexString(reservation.case_id())},
       {"reason", certs::ReasonOf(why)},
       {"what", why.message()},
       {"do", "end the reason and it goes on; else two people: admin cancel-reservation CASE"}});
}

void LogBlind(const absl::Status& why) {
  LogEvent(LogLevel::kError, "issues_unlisted",
           {{"reason", certs::ReasonOf(why)},
            {"what", why.message()},
            {"do", "open reservations cannot be read, so nothing is finished: birthseald fsck"}});
}

}  // namespace

absl::Status ServerApp::Parts::OpenFonts() {
  certs::ofd::FontFiles files;
  ASSIGN_OR_RETURN(files.value, ReadFont("fonts.value_ttf", config.fonts.value));
  ASSIGN_OR_RETURN(files.title, ReadFont("fonts.title_ttf", config.fonts.title));
  ASSIGN_OR_RETURN(files.rare, ReadFont("fonts.rare_ttf", config.fonts.rare));
  absl::StatusOr<std::shared_ptr<const certs::ofd::FontSet>> fonts =
      certs::ofd::FontSet::Load(std::move(files));
  RETURN_IF_ERROR(At("fonts", fonts.status()));
  font_version = (*fonts)->version();
  renderer = std::make_unique<certs::ofd::Renderer>(*std::move(fonts));
  return absl::OkStatus();
}

void ServerApp::Parts::MakePools() {
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const auto or_default = [](int configured, size_t otherwise) {
    return configured == 0 ? otherwise : static_cast<size_t>(configured);
  };
  workers = std::make_unique<WorkerPool>(
      or_default(config.limits.worker_threads, kWorkersPerCore * cores),
      static_cast<size_t>(config.limits.queue_length));
  verifications = std::make_unique<WorkerPool>(
      or_default(config.limits.verification_threads, std::min(kMaxVerificationThreads, cores)),
      static_cast<size_t>(config.limits.verification_queue));
}

void ServerApp::Parts::MakeUseCases(StepHook hook) {
  profiles.by_name = config.profiles;
  profiles.default_name = config.default_profile;
  operators = std::make_unique<OperatorDirectory>(registry.get());
  approvals = std::make_unique<signer::ApprovalVerifier>(operators.get());
  document_sealer = std::make_unique<signer::DocumentSealer>(
      signer::SealerTrust{keys.get(), approvals.get(), log_key, &profiles.by_name, renderer.get()});
  seal_check = std::make_unique<signer::SealCheck>(keys.get());
  MakePools();
  if (!hook && config.allow_crash_points) {
    const char* point = std::getenv("BIRTHSEAL_CRASH_POINT");
    if (point != nullptr) hook = CrashHook(point);
  }
  if (const std::string& directory = config.store.backup_directory; !directory.empty()) {
    backups = std::make_unique<BackupPlace>(engine.get(), directory);
  }
  house = std::make_unique<House>(Furnishing{*ledger,          *registry,
                                             *clock,           profiles,
                                             *operators,       *approvals,
                                             *workers,         open_issues,
                                             *checkpoints,     *desk,
                                             *freshness,       *labels,
                                             *renderer,        *verifier,
                                             *document_sealer, *seals,
                                             *seal_check,      config.keys.index_key,
                                             font_version,     config.store.ack_witnessed,
                                             std::move(hook),  backups.get()});
  finisher = std::make_unique<Finisher>(&house->issuing, &LogUnfinished, &LogBlind);
}

}  // namespace birthseal::server
