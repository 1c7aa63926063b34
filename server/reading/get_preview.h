// SPDX-License-Identifier: Apache-2.0
// A picture of the page with the cause of use as watermark (加注件).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/reading/get_certificate.h"

namespace birthseal::server {

// PNG. `dpi` 72..300; 0: 150. Errors: those of GetCertificate.
absl::StatusOr<std::string> GetPreview(const ReadingRoom& room, const Caller& caller,
                                       const CertificateRequest& request, int dpi);

}  // namespace birthseal::server
