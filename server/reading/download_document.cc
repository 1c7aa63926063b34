// SPDX-License-Identifier: Apache-2.0
#include "server/reading/download_document.h"

#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {

absl::StatusOr<DownloadDocumentResult> DownloadDocument(const ReadingRoom& room,
                                                        const Caller& caller,
                                                        const CertificateRequest& request) {
  ASSIGN_OR_RETURN(const storage::v1::CertificateHead head,
                   OpenCertificate(room, caller, request, "DownloadDocument"));
  if (head.document_lost()) {
    return certs::Error(absl::StatusCode::kDataLoss, "DOCUMENT_LOST",
                        "the document was lost with the store and is known from the log alone: the "
                        "parents' file stays good, ask for it, or exchange the certificate",
                        "key", "该证照文件已随数据库丢失，仅日志有记载；家长手中的文件仍然有效");
  }
  DownloadDocumentResult result;
  result.certificate = ViewOf(head);
  ASSIGN_OR_RETURN(result.file, room.registry.Document(result.certificate.status_index));
  return result;
}

}  // namespace birthseal::server
