// SPDX-License-Identifier: Apache-2.0
// A misprint wastes the allotted number and allots the next one; the case stays approved.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "certs/digest.h"
#include "server/issuing/issuing_room.h"
#include "store/commands.h"

namespace birthseal::server {

struct ReportMisprintInput {
  std::string request_id;  // 1 to 64 bytes
  certs::CaseId case_id;
  std::string number;       // the number spoilt
  std::string operator_id;  // an active operator of the institution
  std::string reason;       // 1 to 200 bytes
};

// Gives the new certificate number. Errors: kInvalidArgument; kNotFound "CASE_UNKNOWN";
// kPermissionDenied "OPERATOR_UNKNOWN"; those of Freshness::MayIssue and store::Misprint.
absl::StatusOr<std::string> ReportMisprint(const IssuingRoom& room, const Caller& caller,
                                           const ReportMisprintInput& input);

}  // namespace birthseal::server
