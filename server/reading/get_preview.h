// SPDX-License-Identifier: Apache-2.0
// A picture of the page with the cause of use as watermark (加注件), drawn anew: with the fonts and
// the institution's seal of today.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/reading/get_certificate.h"

namespace birthseal::server {

// PNG. `dpi` 72..300; 0: 150. Errors: those of GetCertificate; kInvalidArgument "DPI"; those of the
// seal book and of the renderer.
absl::StatusOr<std::string> GetPreview(const ReadingRoom& room, const Caller& caller,
                                       const CertificateRequest& request, int dpi);

}  // namespace birthseal::server
