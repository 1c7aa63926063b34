// SPDX-License-Identifier: Apache-2.0
#include "server/access/client_directory.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "certs/errors.h"
#include "server/access/caller_maker.h"
#include "server/host/config.h"
#include "store/reads/registry.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxCached = 8192;

absl::Status Unknown() {
  return certs::Error(absl::StatusCode::kUnauthenticated, "CLIENT_UNKNOWN",
                      "the TLS certificate is not that of an active registered client");
}

// DER of the first PEM block; empty when there is none.
std::string DerOf(absl::string_view pem) {
  constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const size_t begin = pem.find(kBegin);
  if (begin == absl::string_view::npos) return "";
  const absl::string_view body = pem.substr(begin + kBegin.size());
  const size_t end = body.find("-----END");
  std::string der;
  if (end == absl::string_view::npos || !absl::Base64Unescape(body.substr(0, end), &der)) return "";
  return der;
}

}  // namespace

ClientDirectory::ClientDirectory(const store::Registry* registry,
                                 const std::vector<BootstrapClient>& bootstrap)
    : registry_(registry) {
  for (const BootstrapClient& client : bootstrap) {
    bootstrap_.emplace(client.certificate_sm3,
                       std::make_shared<const Caller>(CallerMaker::Make(
                           client.organisation_code, client.roles, {}, client.certificate_sm3)));
  }
}

absl::StatusOr<std::shared_ptr<const Caller>> ClientDirectory::Find(absl::string_view pem) {
  uint64_t generation;
  const std::string key(pem);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = cache_.find(key);
    if (found != cache_.end()) return found->second;
    generation = generation_;
  }
  absl::StatusOr<std::shared_ptr<const Caller>> caller = Read(pem);
  if (!caller.ok()) return caller;
  std::lock_guard<std::mutex> lock(mutex_);
  // A PutClient in between may have changed what was read: then it is not kept.
  if (generation == generation_) {
    if (cache_.size() >= kMaxCached) cache_.clear();
    cache_.emplace(key, *caller);
  }
  return caller;
}

void ClientDirectory::Invalidate() {
  std::lock_guard<std::mutex> lock(mutex_);
  ++generation_;
  cache_.clear();
}

absl::StatusOr<std::shared_ptr<const Caller>> ClientDirectory::Read(absl::string_view pem) const {
  const std::string der = DerOf(pem);
  if (der.empty()) return Unknown();
  const certs::Digest sm3 = certs::Sm3Of(der);
  const auto bootstrap = bootstrap_.find(sm3);
  const bool known = bootstrap != bootstrap_.end();
  absl::StatusOr<storage::v1::Client> record = registry_->Client(certs::View(sm3));
  if (absl::IsNotFound(record.status())) {
    if (known) return bootstrap->second;
    return Unknown();
  }
  // Also of who is in the configuration: whether an administrator ended this must be known.
  if (!record.ok()) return record.status();
  if (!record->active()) return Unknown();
  if (known) return bootstrap->second;
  return std::make_shared<const Caller>(
      CallerMaker::Make(record->organisation_code(), record->roles(),
                        {record->facility_codes().begin(), record->facility_codes().end()}, sm3));
}

}  // namespace birthseal::server
