// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/channels.h"

#include <algorithm>
#include <random>

#include "birthseal/v1/access.pb.h"
#include "certs/errors.h"
#include "certs/limits.h"

namespace birthseal::client {

Channels::Channels(const ClientOptions& options) : options_(options) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = options.ca_pem;
  ssl.pem_cert_chain = options.certificate_pem;
  ssl.pem_private_key = options.private_key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(certs::kMaxMessage);
  arguments.SetMaxSendMessageSize(certs::kMaxMessage);
  // Without it, channels to one target share one connection.
  if (options.channels > 1) arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  for (int i = 0; i < std::max(1, options.channels); ++i) {
    channels_.push_back(
        grpc::CreateCustomChannel(options.target, grpc::SslCredentials(ssl), arguments));
  }
}

const std::shared_ptr<grpc::Channel>& Channels::Next() {
  return channels_[next_++ % channels_.size()];
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  v1::StatusDetails details;
  v1::ErrorReason reason;
  if (details.ParseFromString(status.error_details()) && details.details_size() > 0) {
    details.details(0).UnpackTo(&reason);
  }
  return certs::Error(static_cast<absl::StatusCode>(status.error_code()), reason.reason(),
                      status.error_message(), reason.field(), reason.text_zh());
}

absl::Duration PauseBefore(int attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  const double jitter = std::uniform_real_distribution<double>(0.5, 1.5)(random);
  return std::min(absl::Milliseconds(50) * (1 << std::min(attempt, 7)), absl::Seconds(5)) * jitter;
}

bool MayRetry(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace birthseal::client
