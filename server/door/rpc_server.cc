// SPDX-License-Identifier: Apache-2.0
#include "server/door/rpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <mutex>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "server/host/config.h"
#include "server/host/system_clock.h"

namespace birthseal::server {
namespace {

constexpr int kMaxStreams = 1024;  // of one connection
constexpr int kHandshakeMs = 10'000;
constexpr int kKeepaliveMs = 60'000;  // our pings to silent peers
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kLeastPingMs = 20'000;  // theirs to us, without data
constexpr int kMaxIdleMs = 30 * 60'000;
constexpr int kMaxMetadata = 16 << 10;
constexpr size_t kMemoryQuota = 192u << 20;

std::shared_ptr<grpc::ServerCredentials> MutualTls(
    const TlsConfig& tls, const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls.client_ca_pem;
  options.pem_key_cert_pairs.push_back({tls.private_key_pem, tls.certificate_pem});
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::SslServerCredentials(options);
  credentials->SetAuthMetadataProcessor(processor);
  return credentials;
}

void SetLimits(const Limits& limits, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(limits.max_message_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxIdleMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  // Two services on one port would share callers at random.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("birthseald");
  quota.Resize(kMemoryQuota);
  builder->SetResourceQuota(quota);
  // Only reflection is served by threads of its own; everything else is by callbacks.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

}  // namespace

RpcServer::RpcServer() = default;

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    const Config& config, const std::shared_ptr<grpc::AuthMetadataProcessor>& processor,
    const std::vector<grpc::Service*>& services) {
  EnablePlugins();
  std::unique_ptr<RpcServer> out(new RpcServer);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config.listen, MutualTls(config.tls, processor), &out->port_);
  SetLimits(config.limits, &builder);
  for (grpc::Service* service : services) builder.RegisterService(service);
  out->server_ = builder.BuildAndStart();
  if (out->server_ == nullptr) {
    return certs::Error(
        absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
        absl::StrCat("cannot listen on ", config.listen, ": is the port taken, the address ours?"),
        "listen");
  }
  out->SetServing(false);
  return out;
}

void RpcServer::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

void RpcServer::Shutdown(absl::Duration drain) {
  if (shut_down_) return;
  shut_down_ = true;
  server_->Shutdown(absl::ToChronoTime(SystemClock().Now() + drain));
  server_->Wait();
}

RpcServer::~RpcServer() {
  if (server_ != nullptr) Shutdown(absl::ZeroDuration());
}

}  // namespace birthseal::server
