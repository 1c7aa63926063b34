// SPDX-License-Identifier: Apache-2.0
// Reads and checks the configuration of birthseal-connect.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "birthseal/v1/connect_config.pb.h"
#include "clients/connect/hl7/birth_message.h"
#include "clients/connect/hl7/encoding.h"
#include "clients/connect/mllp/listener.h"

namespace birthseal::connect {

// Errors: kInvalidArgument names the field, the rule and what to do.
absl::StatusOr<v1::ConnectConfig> ParseConfig(const std::string& textproto);
// Of a listener that ParseConfig has checked.
hl7::SenderSettings SenderOf(const v1::ConnectConfig::MllpListener& listener);
hl7::Charset CharsetOf(const v1::ConnectConfig::MllpListener& listener);
mllp::ListenerOptions ListenerOf(const v1::ConnectConfig::MllpListener& listener);

}  // namespace birthseal::connect
