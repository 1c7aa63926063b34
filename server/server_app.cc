// SPDX-License-Identifier: Apache-2.0
#include "server/server_app.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/host/event_log.h"
#include "server/parts.h"

namespace birthseal::server {

absl::Status ServerApp::Parts::At(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return certs::Error(status.code(), certs::ReasonOf(status),
                      absl::StrCat(field, ": ", status.message()), field);
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
  LogEvent(LogLevel::kInfo, "listening",
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
void ServerApp::CheckDisks() { parts_->CheckDisks(); }
void ServerApp::LogCounters() const { parts_->LogCounters(); }

absl::Status ServerApp::Healthy() const {
  const std::string reason = parts_->ledger->Unhealthy();
  if (reason.empty()) {
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
  LogEvent(LogLevel::kInfo, "stopped");
}

}  // namespace birthseal::server
