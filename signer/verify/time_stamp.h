// SPDX-License-Identifier: Apache-2.0
// Time stamp tokens (GB/T 20520, RFC 3161) over a signature value.
//
// Thread-safe: pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::signer {

struct TimeStamp {
  absl::Time time;          // genTime
  std::string certificate;  // of the time stamp authority, DER; its chain is not judged here
};

// Format, imprint of `stamped`, signature of the token, and that its certificate is one for time
// stamps. Errors: kInvalidArgument "TIME_STAMP_BROKEN".
absl::StatusOr<TimeStamp> CheckTimeStamp(absl::string_view token, absl::string_view stamped);

}  // namespace birthseal::signer
