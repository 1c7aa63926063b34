// SPDX-License-Identifier: Apache-2.0
#include "server/server_app.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"
#include "server/api/delivery_feed_service.h"
#include "server/api/rpc_services.h"
#include "server/at_rest/disk_watch.h"
#include "server/at_rest/full_disk.h"
#include "server/door/auth_processor.h"
#include "server/door/rpc_gate.h"
#include "server/door/rpc_server.h"
#include "server/host/log.h"
#include "server/host/system_clock.h"
#include "server/house.h"
#include "server/issuing/finisher.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/freshness.h"
#include "server/witnessing/high_water.h"
#include "server/witnessing/store_position.h"
#include "server/witnessing/witness_desk.h"
#include "signer/sealing/key_provider.h"
#include "signer/sealing/note_signer.h"
#include "signer/sealing/vrf_key.h"
#include "signer/verify/note_key.h"
#include "signer/verify/note_memory.h"
#include "store/engine.h"
#include "store/journal/journal.h"
#include "store/ledger/ledger.h"
#include "store/meta.h"
#include "store/sealed_value.h"

namespace birthseal::server {

// In the order of making; each stands on those above it, and they go in reverse.
struct ServerApp::Parts {
  Config config;
  SystemClock system_clock;
  const certs::Clock* clock = nullptr;
  std::unique_ptr<store::Engine> engine;
  std::unique_ptr<store::ValueSealer> sealer;
  std::unique_ptr<store::Registry> registry;
  std::unique_ptr<certs::ofd::Renderer> renderer;
  std::string font_version;
  std::unique_ptr<signer::SealBook> seals;
  std::unique_ptr<signer::KeyProvider> keys;
  std::unique_ptr<ClaimLabels> labels;
  signer::NoteSigners log_signers;
  certs::NoteVerifier log_key;
  std::vector<certs::NoteVerifier> log_keys;
  certs::WitnessPolicy witness_policy;
  std::unique_ptr<signer::DocumentVerifier> verifier;
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<HighWater> high_water;
  std::unique_ptr<CheckpointSigner> checkpoints;
  std::unique_ptr<Freshness> freshness;
  std::unique_ptr<WitnessDesk> desk;  // stopped before the ledger goes
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<OperatorDirectory> operators;
  std::unique_ptr<signer::ApprovalVerifier> approvals;
  std::unique_ptr<signer::DocumentSealer> document_sealer;
  std::unique_ptr<signer::SealCheck> seal_check;
  ProfileSet profiles;
  OpenIssues open_issues;
  std::unique_ptr<WorkerPool> workers, verifications;
  BackupPlace backups;
  std::unique_ptr<House> house;
  std::unique_ptr<Finisher> finisher;
  AccessPolicy policy;
  std::unique_ptr<ClientDirectory> clients;
  std::unique_ptr<RpcGate> gate;
  FeedStreams streams;
  std::vector<std::unique_ptr<grpc::Service>> adapters;
  std::unique_ptr<RpcServer> rpc;
  std::unique_ptr<DiskWatch> disks;
  bool new_log = false;  // nothing was ever signed for it
  bool stopped = false;

  absl::Status OpenStore();
  absl::Status OpenKeys();
  absl::Status OpenFonts();
  absl::Status OpenLogKeys();
  absl::Status OpenLedger();
  absl::Status OpenHighWater();
  absl::Status OpenDesk();
  void AnnounceProfiles();
  void OnAlarm(absl::string_view event, absl::string_view detail);
  void MakePools();
  void MakeUseCases(StepHook hook);
  absl::Status Serve();
  absl::Status WritePortFile() const;
  void LogDisks() const;
};

namespace {

constexpr int kWorkersPerCore = 16;  // a call waits for its commit most of its time
// A hostile file can make its verification hold some 300 MiB: few of them at once.
constexpr size_t kMaxVerificationThreads = 8;
// Messages of the largest size that may wait to be verified.
constexpr size_t kLargestFilesHeld = 8;

// Which field of the configuration the error is about.
absl::Status At(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return certs::Error(status.code(), certs::ReasonOf(status),
                      absl::StrCat(field, ": ", status.message()), field);
}

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
  Log(LogLevel::kError, "issue_unfinished",
      {{"institution", reservation.institution_code()},
       {"intent", static_cast<int64_t>(store::IntentKeyOf(reservation).value())},
       {"case", absl::BytesToHexString(reservation.case_id())},
       {"reason", certs::ReasonOf(why)},
       {"what", why.message()},
       {"do", "end the reason and it goes on; else two people: admin cancel-reservation CASE"}});
}

void LogBlind(const absl::Status& why) {
  Log(LogLevel::kError, "issues_unlisted",
      {{"reason", certs::ReasonOf(why)},
       {"what", why.message()},
       {"do", "open reservations cannot be read, so nothing is finished: birthseald fsck"}});
}

}  // namespace

absl::Status ServerApp::Parts::OpenStore() {
  sealer = std::make_unique<store::ValueSealer>(config.keys.key_encryption_key);
  registry = std::make_unique<store::Registry>(engine.get(), sealer.get());
  if (!config.store.journal_directory.empty()) {
    absl::StatusOr<std::unique_ptr<store::Journal>> opened =
        store::Journal::Open(config.store.journal_directory);
    RETURN_IF_ERROR(At("store.journal_directory", opened.status()));
    journal = *std::move(opened);
  }
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::OpenKeys() {
  seals = signer::NewFileSealBook(config.keys.seal_directory);
  keys = signer::NewFileKeyProvider(config.keys.seal_directory, config.keys.key_encryption_key);
  auto vrf = signer::VrfKey::FromPkcs8(config.keys.vrf_key_pem);
  RETURN_IF_ERROR(At("keys.vrf_key_pem", vrf.status()));
  labels = std::make_unique<ClaimLabels>(*std::move(vrf));
  RETURN_IF_ERROR(OpenLogKeys());
  signer::VerifierTrust trust;
  const auto open = [](const char* field, const std::string& pem,
                       std::shared_ptr<const signer::TrustStore>* out) -> absl::Status {
    auto opened = signer::TrustStore::FromPem(pem);
    RETURN_IF_ERROR(At(field, opened.status()));
    *out = *std::move(opened);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(open("trust.seal_makers_pem", config.trust.seal_makers_pem, &trust.makers));
  RETURN_IF_ERROR(open("trust.signers_pem", config.trust.signers_pem, &trust.signers));
  RETURN_IF_ERROR(open("trust.time_stamps_pem", config.trust.time_stamps_pem, &trust.time_stamps));
  trust.log_key = log_key;
  trust.witnesses = witness_policy;
  verifier = std::make_unique<signer::DocumentVerifier>(std::move(trust));
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::OpenLogKeys() {
  auto sm2 = signer::PrivateKey::FromPkcs8(config.keys.log_key_pem);
  RETURN_IF_ERROR(At("keys.log_key_pem", sm2.status()));
  auto first = signer::NewSm2NoteSigner(config.keys.log_name, *std::move(sm2));
  RETURN_IF_ERROR(At("keys.log_key_pem", first.status()));
  auto second = signer::NewEd25519NoteSigner(config.keys.log_name, config.keys.log_ed25519_key_pem);
  RETURN_IF_ERROR(At("keys.log_ed25519_key_pem", second.status()));
  auto verifier_of_log =
      signer::NoteVerifierFromPem(config.keys.log_name, (*first)->PublicKeyPem());
  RETURN_IF_ERROR(At("keys.log_key_pem", verifier_of_log.status()));
  log_key = signer::RememberingVerifier(*std::move(verifier_of_log));
  auto verifier_of_second =
      signer::NoteVerifierFromPem(config.keys.log_name, (*second)->PublicKeyPem());
  RETURN_IF_ERROR(At("keys.log_ed25519_key_pem", verifier_of_second.status()));
  log_keys = {log_key, *std::move(verifier_of_second)};
  log_signers = {*std::move(first), *std::move(second)};
  for (const WitnessKey& witness : config.witnesses.keys) {
    auto cosigner = signer::CosignerFromPem(witness.name, witness.public_key_pem);
    RETURN_IF_ERROR(At("witnesses.witness.public_key_pem", cosigner.status()));
    witness_policy.witnesses.push_back({witness.name, *std::move(cosigner)});
  }
  witness_policy.quorum = config.witnesses.quorum;
  return absl::OkStatus();
}

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

absl::Status ServerApp::Parts::OpenLedger() {
  store::LedgerOptions options;
  options.queue_limit = static_cast<size_t>(config.limits.ledger_queue);
  options.index_key = config.keys.index_key;
  options.journal = journal.get();
  // A log that nothing was ever signed for cannot be behind.
  options.may_log = [this] { return new_log || freshness->MayIssue().ok(); };
  // Nothing is committed before the first command, and none comes before both are there.
  options.on_durable = [this](const store::DurableRoot& root) {
    checkpoints->OnDurable(root);
    desk->OnDurable(root);
  };
  absl::StatusOr<std::unique_ptr<store::Ledger>> opened =
      store::Ledger::Open(engine.get(), clock, std::move(options));
  RETURN_IF_ERROR(At("store", opened.status()));
  ledger = *std::move(opened);
  // Only now: the journal has given back what the engine lacked.
  RETURN_IF_ERROR(OpenHighWater());
  CheckpointSigner::Options signing;
  signing.keys = log_signers;
  signing.log_name = config.keys.log_name;
  signing.verifier = log_key;
  signing.mark = high_water.get();
  signing.epoch = ledger->Head().epoch;
  checkpoints = std::make_unique<CheckpointSigner>(std::move(signing));
  checkpoints->OnDurable(ledger->Head());
  return OpenDesk();
}

absl::Status ServerApp::Parts::OpenDesk() {
  const auto tell = [this](absl::string_view event, absl::string_view detail) {
    OnAlarm(event, detail);
  };
  Freshness::Options fresh;
  fresh.witnesses = config.witnesses.keys.size();
  fresh.quorum = config.witnesses.quorum;
  fresh.alarm = config.witnesses.alarm;
  fresh.stop = config.witnesses.stop;
  fresh.tell = tell;
  freshness = std::make_unique<Freshness>(std::move(fresh), clock);
  WitnessDesk::Options options;
  options.log_name = config.keys.log_name;
  options.log_keys = log_keys;
  options.policy = witness_policy;
  for (const WitnessKey& witness : config.witnesses.keys) {
    options.clients.emplace(witness.client_sm3, witness.name);
  }
  options.tell = tell;
  options.store_receipts = [this](store::StoreReceipts receipts) {
    return ledger->Call(std::move(receipts)).status();
  };
  desk = std::make_unique<WitnessDesk>(
      std::move(options),
      WitnessDesk::Surroundings{engine.get(), checkpoints.get(), freshness.get(), clock});
  desk->OnDurable(ledger->Head());
  return absl::OkStatus();
}

// A witness knows more than the store, or witnesses are silent.
void ServerApp::Parts::OnAlarm(absl::string_view event, absl::string_view detail) {
  const bool good = event == "FRESHNESS_PROVEN" || event == "WITNESSES_BACK";
  Log(good ? LogLevel::kInfo : LogLevel::kError, "witnesses",
      {{"what", event}, {"detail", detail}});
  if (event == "FRESHNESS_PROVEN" || event == "WITNESSES_BACK") AnnounceProfiles();
  if (rpc != nullptr && !freshness->MayAnswer().ok()) rpc->SetServing(false);
}

// In the log, once for each state of a profile. Refused while freshness is not proven: told again
// when it is.
void ServerApp::Parts::AnnounceProfiles() {
  const auto told = [](const absl::StatusOr<store::Done>& answer) {
    if (answer.ok()) return;
    Log(LogLevel::kWarning, "profile_not_announced",
        {{"reason", certs::ReasonOf(answer.status())}, {"what", answer.status().message()}});
  };
  for (const auto& [name, profile] : config.profiles) {
    ledger->Submit(store::AnnounceProfile{name, static_cast<uint64_t>(profile.version),
                                          config.profile_files.at(name)},
                   told);
  }
}

absl::Status ServerApp::Parts::OpenHighWater() {
  absl::StatusOr<std::unique_ptr<HighWater>> opened = HighWater::Open(config.keys.high_water_file);
  if (absl::IsNotFound(opened.status()) && ledger->Head().size == certs::LogSize()) {
    opened = HighWater::Create(config.keys.high_water_file);  // of a new log
  }
  RETURN_IF_ERROR(opened.status());
  high_water = *std::move(opened);
  new_log = high_water->head().size == 0;
  return CheckStorePosition(high_water->head(), config.keys.log_name, *engine->NewSnapshot());
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
  document_sealer = std::make_unique<signer::DocumentSealer>(keys.get(), approvals.get(), log_key);
  seal_check = std::make_unique<signer::SealCheck>(keys.get());
  MakePools();
  if (!hook && config.allow_crash_points) {
    const char* point = std::getenv("BIRTHSEAL_CRASH_POINT");
    if (point != nullptr) hook = CrashHook(point);
  }
  backups.engine = engine.get();
  backups.directory = config.store.backup_directory;
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
                                             std::move(hook),  &backups});
  finisher = std::make_unique<Finisher>(&house->issuing, &LogUnfinished, &LogBlind);
}

absl::Status ServerApp::Parts::Serve() {
  // Known without the registry: a witness must be heard also by a store that lost everything.
  std::vector<BootstrapClient> known = config.bootstrap_clients;
  for (const WitnessKey& witness : config.witnesses.keys) {
    known.push_back({witness.client_sm3, "", {static_cast<int>(Role::kWitness)}});
  }
  clients = std::make_unique<ClientDirectory>(registry.get(), known);
  gate = std::make_unique<RpcGate>(clients.get(), &policy, workers.get());
  adapters.push_back(NewDeliveryFeedService(gate.get(), &house->feed, &streams));
  adapters.push_back(NewIssuingService(gate.get(), &house->issuing));
  adapters.push_back(NewSharingService(gate.get(), &house->reading));
  adapters.push_back(NewVerificationService(
      gate.get(), &house->reading,
      {verifications.get(),
       kLargestFilesHeld * static_cast<size_t>(config.limits.max_message_bytes)}));
  adapters.push_back(NewTransparencyService(gate.get(), &house->reading));
  adapters.push_back(NewAdminService(gate.get(), &house->admin, &house->issuing));
  std::vector<grpc::Service*> registered;
  for (const auto& adapter : adapters) registered.push_back(adapter.get());
  ASSIGN_OR_RETURN(rpc,
                   RpcServer::Start(config, NewAuthProcessor(&policy, clients.get()), registered));
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::WritePortFile() const {
  if (config.port_file.empty()) return absl::OkStatus();
  // Renamed into place, so that who waits for the file never reads half a number.
  const std::string fresh = config.port_file + ".new";
  errno = 0;
  std::ofstream out(fresh);
  out << rpc->port() << "\n";
  out.close();
  if (!out || std::rename(fresh.c_str(), config.port_file.c_str()) != 0) {
    if (SaysFull(errno)) {
      return certs::Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
                          absl::StrCat("port_file: no room to write ", config.port_file),
                          "port_file");
    }
    return certs::Error(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                        absl::StrCat("port_file: cannot write ", config.port_file), "port_file");
  }
  return absl::OkStatus();
}

void ServerApp::Parts::LogDisks() const {
  for (const DiskWatch::Reading& disk : disks->readings()) {
    Log(LogLevel::kInfo, "disk",
        {{"place", disk.field},
         {"free_mib", disk.free_mib},
         {"min_free_mib", static_cast<int64_t>(config.store.min_free_bytes >> 20)},
         {"new_work", disks->state().ok() ? "taken" : "refused"}});
  }
}

ServerApp::ServerApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<ServerApp>> ServerApp::Start(Config config, Options options) {
  auto parts = std::make_unique<Parts>();
  parts->config = std::move(config);
  parts->clock = options.clock != nullptr ? options.clock : &parts->system_clock;
  parts->engine = std::move(options.engine);
  Parts* p = parts.get();
  // From here on the destructor takes down whatever was made.
  std::unique_ptr<ServerApp> app(new ServerApp(std::move(parts)));
  RETURN_IF_ERROR(p->OpenStore());
  RETURN_IF_ERROR(p->OpenKeys());
  RETURN_IF_ERROR(p->OpenFonts());
  RETURN_IF_ERROR(p->OpenLedger());
  p->disks = std::make_unique<DiskWatch>(p->config.store, std::move(options.free_space));
  app->CheckDisks();
  p->MakeUseCases(std::move(options.step_hook));
  RETURN_IF_ERROR(p->Serve());
  if (options.run_finisher) p->finisher->Start();
  p->desk->Start();
  p->AnnounceProfiles();
  p->rpc->SetServing(true);
  RETURN_IF_ERROR(p->WritePortFile());
  Log(LogLevel::kInfo, "listening",
      {{"port", static_cast<int64_t>(p->rpc->port())},
       {"workers", static_cast<int64_t>(p->workers->threads())},
       {"verifying", static_cast<int64_t>(p->verifications->threads())},
       {"log_size", static_cast<int64_t>(p->ledger->Head().size.value())}});
  return app;
}

ServerApp::~ServerApp() { Stop(); }

int ServerApp::port() const { return parts_->rpc->port(); }
const House& ServerApp::house() const { return *parts_->house; }
WorkerPool& ServerApp::verifications() const { return *parts_->verifications; }
void ServerApp::ConfirmClock() { parts_->ledger->ConfirmClock(); }
void ServerApp::CheckDisks() {
  if (!parts_->disks->Look(parts_->ledger.get())) return;
  if (parts_->disks->state().ok()) {
    Log(LogLevel::kInfo, "disk_has_room_again", {{"what", "new work is taken again"}});
  } else {
    Log(LogLevel::kError, "disk_nearly_full",
        {{"what", "new work is refused, finishing and reads go on: make room"}});
  }
  parts_->LogDisks();
}
void ServerApp::LogCounters() const {
  parts_->gate->LogCounters();
  parts_->LogDisks();
  const Finisher::Counters finisher = parts_->finisher->counters();
  Log(LogLevel::kInfo, "finisher",
      {{"finished", static_cast<int64_t>(finisher.finished)},
       {"failed", static_cast<int64_t>(finisher.failed)},
       {"blind", static_cast<int64_t>(finisher.blind)}});
  if (parts_->config.witnesses.keys.empty()) return;
  const WitnessDesk::Counters desk = parts_->desk->counters();
  const Freshness::Counters freshness = parts_->freshness->counters();
  Log(LogLevel::kInfo, "witnessing",
      {{"offered", static_cast<int64_t>(desk.offered)},
       {"witnessed", static_cast<int64_t>(desk.witnessed)},
       {"replaced", static_cast<int64_t>(desk.replaced)},
       {"reports", static_cast<int64_t>(desk.reports)},
       {"rounds_failed", static_cast<int64_t>(desk.rounds_failed)},
       {"receipts_failed", static_cast<int64_t>(desk.receipts_failed)},
       {"witnessed_size", static_cast<int64_t>(desk.witnessed_size)},
       {"log_size", static_cast<int64_t>(parts_->ledger->Head().size.value())},
       {"confirmed", static_cast<int64_t>(freshness.confirmed)},
       {"alarms", static_cast<int64_t>(freshness.alarms)},
       {"silence_seconds", absl::ToInt64Seconds(freshness.silence)}});
}

absl::Status ServerApp::Healthy() const {
  std::string reason;
  if (parts_->ledger->Healthy(&reason)) {
    const std::string failure = parts_->checkpoints->failure();
    if (failure.empty()) return absl::OkStatus();
    return certs::Error(absl::StatusCode::kUnavailable, "CHECKPOINT_SIGNER_STOPPED", failure);
  }
  const absl::Status cause = parts_->ledger->CommitFailure();
  return certs::Error(absl::StatusCode::kUnavailable, reason,
                      cause.ok() ? reason : absl::StrCat(reason, ": ", cause.message()));
}

void ServerApp::Stop() {
  Parts& p = *parts_;
  if (p.stopped) return;
  p.stopped = true;
  if (p.rpc != nullptr) {
    p.rpc->SetServing(false);
    p.streams.Stop();
    p.rpc->Shutdown(p.config.limits.drain);
    p.gate->LogCounters();
  }
  if (p.finisher != nullptr) p.finisher->Stop();
  if (p.desk != nullptr) p.desk->Stop();
  if (p.verifications != nullptr) p.verifications->Drain();
  if (p.workers != nullptr) p.workers->Drain();
  p.ledger.reset();
  if (!p.config.port_file.empty()) std::remove(p.config.port_file.c_str());
  Log(LogLevel::kInfo, "stopped");
}

}  // namespace birthseal::server
