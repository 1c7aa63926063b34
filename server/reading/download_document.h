// SPDX-License-Identifier: Apache-2.0
// The sealed OFD file, byte for byte as it was committed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/reading/get_certificate.h"

namespace birthseal::server {

struct DownloadDocumentResult {
  std::string file;
  CertificateView certificate;  // without content
};

// Errors: those of OpenCertificate; kDataLoss "DOCUMENT_LOST" it went with the store before a
// recovery, "DOCUMENT_DAMAGED" the stored file does not have its digest.
absl::StatusOr<DownloadDocumentResult> DownloadDocument(const ReadingRoom& room,
                                                        const Caller& caller,
                                                        const CertificateRequest& request);

}  // namespace birthseal::server
