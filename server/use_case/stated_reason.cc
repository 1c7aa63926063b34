// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/stated_reason.h"

#include "certs/errors.h"
#include "certs/limits.h"
#include "certs/printable.h"

namespace birthseal::server {

bool IsShortText(absl::string_view text) {
  return !text.empty() && text.size() <= certs::kMaxReason && certs::IsPlainText(text);
}

// Rule U1.
absl::Status CheckUseCause(absl::string_view use_cause) {
  if (IsShortText(use_cause)) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED",
                      "a cause of use of 1 to 200 bytes is required", "use_cause",
                      "必须说明用证事由");
}

absl::Status CheckReason(absl::string_view reason) {
  if (IsShortText(reason)) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                      "a reason of 1 to 200 bytes is required", "reason", "必须说明原因");
}

}  // namespace birthseal::server
