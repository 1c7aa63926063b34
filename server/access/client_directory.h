// SPDX-License-Identifier: Apache-2.0
// From a TLS certificate to the registered organisation: bootstrap clients of the configuration
// first, then the registry; what was found is cached until PutClient says otherwise. Who was made
// inactive in the registry is nobody, in the configuration or not.
//
// Thread-safe. Never blocks on more than one engine read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "server/access/caller.h"

namespace birthseal::store {
class Registry;
}

namespace birthseal::server {

struct BootstrapClient;

class ClientDirectory {
 public:
  // `registry` outlives the directory.
  ClientDirectory(const store::Registry* registry, const std::vector<BootstrapClient>& bootstrap);

  // `pem` is the peer's certificate as the transport hands it over.
  // Errors: kUnauthenticated "CLIENT_UNKNOWN" not registered, or no longer active; others as the
  // registry gives them.
  absl::StatusOr<std::shared_ptr<const Caller>> Find(absl::string_view pem);
  // After a PutClient has committed: every later Find reads again.
  void Invalidate();

 private:
  absl::StatusOr<std::shared_ptr<const Caller>> Read(absl::string_view pem) const;

  const store::Registry* registry_;
  std::map<certs::Digest, std::shared_ptr<const Caller>> bootstrap_;  // const after construction
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Caller>> cache_;  // by PEM; mutex_
  uint64_t generation_ = 0;                                               // mutex_
};

}  // namespace birthseal::server
