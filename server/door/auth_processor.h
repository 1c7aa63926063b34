// SPDX-License-Identifier: Apache-2.0
// Refuses calls before any handler runs: sits on the server credentials, sees the path and the
// peer certificate, covers every service, health and reflection included.
//
// One look-up a call: of the cache, or one read of the engine. Thread-safe.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"

namespace grpc {
class AuthContext;
class AuthMetadataProcessor;
}  // namespace grpc

namespace birthseal::server {

// Both arguments outlive the processor.
std::shared_ptr<grpc::AuthMetadataProcessor> NewAuthProcessor(const AccessPolicy* policy,
                                                              ClientDirectory* directory);

// The caller behind a connection. Errors: kUnauthenticated "CLIENT_UNKNOWN".
absl::StatusOr<std::shared_ptr<const Caller>> CallerOf(const grpc::AuthContext& context,
                                                       ClientDirectory* directory);

}  // namespace birthseal::server
