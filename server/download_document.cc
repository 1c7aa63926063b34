#include "server/download_document.h"

#include "certs/status_macros.h"

namespace birthseal::server {

absl::StatusOr<DownloadDocumentResult> DownloadDocument(const Services& services,
                                                        const Caller& caller,
                                                        const CertificateRequest& request) {
  ASSIGN_OR_RETURN(const storage::v1::CertificateHead head,
                   OpenCertificate(services, caller, request, "DownloadDocument"));
  DownloadDocumentResult result;
  result.certificate = ViewOf(head);
  ASSIGN_OR_RETURN(result.file, services.registry.Document(result.certificate.status_index));
  return result;
}

}  // namespace birthseal::server
