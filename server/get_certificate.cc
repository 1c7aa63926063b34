#include "server/get_certificate.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/record_access.h"
#include "server/requests.h"

namespace birthseal::server {
namespace {

absl::Status CertificateUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN",
                      "no such certificate that the caller may see", "key", "未找到匹配的证照信息");
}

std::string StatusIndexBytes(uint64_t index) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, index >>= 8) bytes[i] = static_cast<char>(index);
  return bytes;
}

bool MaySee(const Caller& caller, const storage::v1::Reservation& reservation) {
  return caller.Has(Role::kPlatform) || caller.Has(Role::kManagingInstitution) ||
         reservation.institution_code() == caller.organisation_code;
}

}  // namespace

absl::StatusOr<storage::v1::CertificateHead> OpenCertificate(const Services& services,
                                                             const Caller& caller,
                                                             const CertificateRequest& request,
                                                             absl::string_view method) {
  RETURN_IF_ERROR(CheckUseCause(request.use_cause));
  if (request.key.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "KEY_REQUIRED",
                        "a number or a licence identifier is required", "key");
  }
  const auto index = services.registry.StatusIndexOf(request.key);
  if (absl::IsNotFound(index.status())) return CertificateUnknown();
  RETURN_IF_ERROR(index.status());
  absl::StatusOr<storage::v1::CertificateHead> head = services.registry.Certificate(*index);
  if (absl::IsNotFound(head.status())) return CertificateUnknown();
  RETURN_IF_ERROR(head.status());
  if (!MaySee(caller, head->reservation())) return CertificateUnknown();
  RETURN_IF_ERROR(
      RecordAccess(services, caller, method, request.use_cause, StatusIndexBytes(*index)));
  return head;
}

absl::StatusOr<certs::FaceContent> ContentOf(const Services& services,
                                             const storage::v1::CertificateHead& head) {
  ASSIGN_OR_RETURN(const store::Id case_id,
                   IdFrom(head.reservation().application_id(), "application_id"));
  ASSIGN_OR_RETURN(store::StoredCase filed, services.registry.Case(case_id));
  return std::move(filed.body.content);
}

absl::StatusOr<CertificateView> GetCertificate(const Services& services, const Caller& caller,
                                               const CertificateRequest& request) {
  ASSIGN_OR_RETURN(const storage::v1::CertificateHead head,
                   OpenCertificate(services, caller, request, "GetCertificate"));
  CertificateView view = ViewOf(head);
  ASSIGN_OR_RETURN(view.content, ContentOf(services, head));
  return view;
}

}  // namespace birthseal::server
