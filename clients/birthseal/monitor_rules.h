// SPDX-License-Identifier: Apache-2.0
// The monitor's announced rules, from their textproto.
#pragma once

#include "absl/status/statusor.h"
#include "birthseal/v1/monitor_rules.pb.h"
#include "clients/witness/announced.h"

namespace birthseal::cli {

// Errors: kInvalidArgument "MONITOR_RULES" names the field.
absl::StatusOr<witness::Rules> RulesFrom(const v1::MonitorRules& proto);

}  // namespace birthseal::cli
