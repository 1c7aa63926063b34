// SPDX-License-Identifier: Apache-2.0
#include "tests/support/witness_at_work.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/witness/runner.h"
#include "signer/sealing/note_signer.h"
#include "signer/verify/note_key.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

constexpr char kLog[] = "birthseal.test/log";

}  // namespace

std::string WitnessAtWork::FolderOf(const ServiceSite& site, const std::string& name) {
  return absl::StrCat(site.directory(), "/state-", name);
}

WitnessAtWork::WitnessAtWork(const ServiceSite& site, const std::string& name, int port)
    : site_(site), name_(name), client_(site.ClientFor(name, port)) {
  auto opened = witness::FileState::Open(FolderOf(site, name));
  EXPECT_OK(opened);
  state_ = *std::move(opened);
  witness::WitnessOptions options;
  options.log_name = kLog;
  options.log_keys = {*signer::NoteVerifierFromPem(kLog, Pem("trust/log.pem")),
                      *signer::NoteVerifierFromPem(kLog, Pem("trust/log-ed25519.pem"))};
  options.cosign = [this](absl::Time time, absl::string_view body) { return Sign(time, body); };
  options.now = [] { return absl::Now(); };
  auto made = witness::Witness::Open(std::move(options), state_.get());
  EXPECT_OK(made);
  witness_ = *std::move(made);
  thread_ = std::thread([this] { Work(); });
}

WitnessAtWork::~WitnessAtWork() {
  stop_ = true;
  thread_.join();
}

std::string WitnessAtWork::trouble() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return trouble_;
}

std::string WitnessAtWork::Pem(const std::string& file) const {
  return ReadFile(absl::StrCat(site_.directory(), "/", file));
}

absl::StatusOr<certs::NoteSignature> WitnessAtWork::Sign(absl::Time time,
                                                         absl::string_view body) const {
  ASSIGN_OR_RETURN(const auto key,
                   signer::NewEd25519NoteSigner(name_, Pem(absl::StrCat("keys/", name_, ".pem"))));
  ASSIGN_OR_RETURN(const certs::NoteSignature made,
                   key->Sign(certs::CosignatureMessage(time, body)));
  ASSIGN_OR_RETURN(
      const signer::NoteKeyId id,
      signer::NoteKeyIdFromPem(name_, key->PublicKeyPem(), signer::NoteKeyUse::kCosigner));
  return certs::NoteSignature{name_, id.hash, signer::CosignatureBlob(time, made.signature)};
}

void WitnessAtWork::Work() {
  witness::Service service;
  service.exchange = [this](const std::string& cosigned) -> absl::StatusOr<std::string> {
    v1::WitnessRequest request;
    request.set_cosigned(cosigned);
    ASSIGN_OR_RETURN(const v1::WitnessResponse response, client_.Witness(request));
    return response.checkpoint();
  };
  service.list = [this](certs::LogEpoch epoch, certs::LeafIndex first,
                        int count) -> absl::StatusOr<std::vector<witness::Update>> {
    v1::ListUpdatesRequest request;
    request.set_epoch(epoch.value());
    request.set_first(first.value());
    request.set_count(count);
    ASSIGN_OR_RETURN(const v1::ListUpdatesResponse response, client_.ListUpdates(request));
    std::vector<witness::Update> updates;
    for (const auto& update : response.updates()) {
      updates.push_back({update.leaf(), {update.changes().begin(), update.changes().end()}});
    }
    return updates;
  };
  witness::RunnerOptions options;
  options.now = [] { return absl::Now(); };
  options.sleep = [](absl::Duration) {};
  options.stop = [this] { return stop_.load(); };
  witness::Runner runner(witness_.get(), std::move(service), std::move(options));
  while (!stop_) {
    const absl::Status status = runner.RunOnce();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      trouble_ = certs::ReasonOf(status);
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace birthseal::tests
