// SPDX-License-Identifier: Apache-2.0
// Why somebody does or reads something, in their own words.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace birthseal::server {

// Plain text (certs/printable.h) of 1 to 200 bytes.
bool IsShortText(absl::string_view text);
// A short text. Errors: kInvalidArgument "USE_CAUSE_REQUIRED".
absl::Status CheckUseCause(absl::string_view use_cause);
// A short text. Errors: kInvalidArgument "REASON_REQUIRED".
absl::Status CheckReason(absl::string_view reason);

}  // namespace birthseal::server
