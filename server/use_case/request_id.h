// SPDX-License-Identifier: Apache-2.0
// The name that a caller gives to a request, so that its repeat is known.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::server {

// 1 to 64 printable ASCII characters. Errors: kInvalidArgument "REQUEST_ID_REQUIRED".
absl::Status CheckRequestId(absl::string_view request_id);
// SM3 of organisation and request id: one organisation cannot meet another's request.
certs::Digest RequestKey(absl::string_view organisation_code, absl::string_view request_id);

}  // namespace birthseal::server
