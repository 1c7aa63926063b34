// SPDX-License-Identifier: Apache-2.0
// The network side: one listening port with mutual TLS, limits, health and reflection.
//
// Limits here: message size, concurrent streams, handshake time, keepalive, idle time, metadata,
// memory quota. What this release of the transport cannot bound: connections, and resets of streams
// faster than they are made; put the port behind a proxy or firewall that counts connections
// (SECURITY.md).
// SetServing and port: any thread. Shutdown: the owner's.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class AuthMetadataProcessor;
class Server;
class Service;
}  // namespace grpc

namespace birthseal::server {

struct Config;

class RpcServer {
 public:
  // Serves at once; health says NOT_SERVING until SetServing(true). `services` outlive the server.
  // Errors: kUnavailable "CANNOT_LISTEN".
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      const Config& config, const std::shared_ptr<grpc::AuthMetadataProcessor>& processor,
      const std::vector<grpc::Service*>& services);
  // Shuts down at once if Shutdown was not called.
  ~RpcServer();

  int port() const { return port_; }
  void SetServing(bool serving);
  // Takes no new call, waits up to `drain` for those in flight, then cancels them.
  void Shutdown(absl::Duration drain);

 private:
  RpcServer();
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool shut_down_ = false;  // owner's thread only
};

}  // namespace birthseal::server
