// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/config.h"

#include <arpa/inet.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/identifiers.h"
#include "certs/status_macros.h"

namespace birthseal::connect {
namespace {

constexpr int kMaxConnections = 4096, kMaxIdleSeconds = 7 * 24 * 3600;

absl::Status Bad(absl::string_view field, absl::string_view rule) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "CONFIG",
                      absl::StrCat("configuration field ", field, ": ", rule), field);
}

// Keeps the first complaint of the parser, with its line.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat("line ", line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

absl::Status CheckListener(int index, const v1::ConnectConfig::MllpListener& listener) {
  const std::string field = absl::StrCat("mllp[", index, "].");
  in_addr address;
  if (!listener.address().empty() &&
      inet_pton(AF_INET, listener.address().c_str(), &address) != 1) {
    return Bad(field + "address", "must be an IPv4 address, or empty for 127.0.0.1");
  }
  if (listener.port() < 0 || listener.port() > 65535) {
    return Bad(field + "port", "must be 0 (a free one) to 65535");
  }
  if (listener.max_connections() < 0 || listener.max_connections() > kMaxConnections) {
    return Bad(field + "max_connections", "must be 0 (64) to 4096");
  }
  if (listener.max_connections_per_peer() < 0 ||
      listener.max_connections_per_peer() > kMaxConnections) {
    return Bad(field + "max_connections_per_peer", "must be 0 (no limit of its own) to 4096");
  }
  if (listener.idle_seconds() < 0 || listener.idle_seconds() > kMaxIdleSeconds) {
    return Bad(field + "idle_seconds", "must be 0 (an hour) to 604800 (a week)");
  }
  if (!certs::CreditCode::Parse(listener.facility_code()).ok()) {
    return Bad(field + "facility_code", "must be the facility's unified social credit code");
  }
  if (!hl7::CharsetNamed(listener.charset(), hl7::Charset::kUtf8).ok()) {
    return Bad(field + "charset", "must be UTF-8, GB18030 or 8859/1");
  }
  if (listener.zone_minutes() < -14 * 60 || listener.zone_minutes() > 14 * 60) {
    return Bad(field + "zone_minutes", "must lie between -840 and 840");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ConnectConfig> ParseConfig(const std::string& textproto) {
  v1::ConnectConfig config;
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(textproto, &config)) return Bad("(file)", error.text);
  if (config.service().empty()) return Bad("service", "is required: host:port of birthseald");
  if (config.tls_directory().empty()) return Bad("tls_directory", "is required");
  if (config.tls_role().empty()) return Bad("tls_role", "is required: the name of the key pair");
  if (config.mllp().empty()) return Bad("mllp", "at least one listener is required");
  for (int i = 0; i < config.mllp_size(); ++i) RETURN_IF_ERROR(CheckListener(i, config.mllp(i)));
  return config;
}

hl7::SenderSettings SenderOf(const v1::ConnectConfig::MllpListener& listener) {
  hl7::SenderSettings sender;
  sender.facility_code = listener.facility_code();
  sender.facility_name = listener.facility_name();
  if (listener.zone_minutes() != 0) sender.zone = absl::FixedTimeZone(listener.zone_minutes() * 60);
  if (listener.processing_ids_size() > 0) {
    sender.processing_ids.assign(listener.processing_ids().begin(),
                                 listener.processing_ids().end());
  }
  sender.weeks_and_days = listener.gestation_weeks_and_days();
  return sender;
}

hl7::Charset CharsetOf(const v1::ConnectConfig::MllpListener& listener) {
  return *hl7::CharsetNamed(listener.charset(), hl7::Charset::kUtf8);
}

mllp::ListenerOptions ListenerOf(const v1::ConnectConfig::MllpListener& listener) {
  mllp::ListenerOptions options;
  if (!listener.address().empty()) options.address = listener.address();
  options.port = static_cast<uint16_t>(listener.port());
  if (listener.max_connections() > 0) options.max_connections = listener.max_connections();
  if (listener.has_max_connections_per_peer()) {
    options.max_connections_per_peer = listener.max_connections_per_peer();
  }
  if (listener.idle_seconds() > 0) options.idle = absl::Seconds(listener.idle_seconds());
  return options;
}

}  // namespace birthseal::connect
