// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/request_id.h"

#include <algorithm>

#include "certs/errors.h"
#include "certs/limits.h"

namespace birthseal::server {

absl::Status CheckRequestId(absl::string_view request_id) {
  const bool ok = !request_id.empty() && request_id.size() <= certs::kMaxRequestId &&
                  std::all_of(request_id.begin(), request_id.end(),
                              [](char c) { return c > 0x20 && c < 0x7f; });
  if (ok) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REQUIRED",
                      "a request id of 1 to 64 printable characters is required", "request_id");
}

certs::Digest RequestKey(absl::string_view organisation_code, absl::string_view request_id) {
  const absl::string_view zero("\0", 1);
  return certs::Sm3()
      .Add("birthseal/request/v1")
      .Add(zero)
      .Add(organisation_code)
      .Add(zero)
      .Add(request_id)
      .Finish();
}

}  // namespace birthseal::server
