// SPDX-License-Identifier: Apache-2.0
#include "server/reading/get_certificate.h"

#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "server/use_case/managing.h"
#include "server/use_case/stated_reason.h"
#include "server/use_case/stored_ids.h"
#include "store/keys.h"

namespace birthseal::server {
namespace {

absl::Status CertificateUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN",
                      "no such certificate that the caller may see", "key", "未找到匹配的证照信息");
}

// There is none, for this caller. A managing institution that has no rights learns no more of a
// number that exists than of one that does not.
absl::Status Missing(const ReadingRoom& room, const Caller& caller) {
  if (!caller.Has(Role::kPlatform) && caller.Has(Role::kManagingInstitution)) {
    RETURN_IF_ERROR(CheckManaging(room, caller));
  }
  return CertificateUnknown();
}

// Rule U3.
absl::Status MaySee(const ReadingRoom& room, const Caller& caller,
                    const storage::v1::Reservation& reservation) {
  const bool own = reservation.institution_code() == caller.organisation_code;
  if (own || caller.Has(Role::kPlatform)) return absl::OkStatus();
  if (!caller.Has(Role::kManagingInstitution)) return CertificateUnknown();
  return CheckManages(room, caller, reservation.institution_code());
}

}  // namespace

absl::StatusOr<storage::v1::CertificateHead> OpenCertificate(const ReadingRoom& room,
                                                             const Caller& caller,
                                                             const CertificateRequest& request,
                                                             absl::string_view method) {
  RETURN_IF_ERROR(CheckUseCause(request.use_cause));
  if (request.key.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "KEY_REQUIRED",
                        "a number or a licence identifier is required", "key");
  }
  // What is told here is status too: whether it stands, and which one took its place.
  RETURN_IF_ERROR(room.freshness.MayAnswer());
  const auto index = room.registry.StatusIndexOf(request.key);
  if (absl::IsNotFound(index.status())) return Missing(room, caller);
  RETURN_IF_ERROR(index.status());
  absl::StatusOr<storage::v1::CertificateHead> head = room.registry.Certificate(*index);
  if (absl::IsNotFound(head.status())) return Missing(room, caller);
  RETURN_IF_ERROR(head.status());
  RETURN_IF_ERROR(MaySee(room, caller, head->reservation()));
  RETURN_IF_ERROR(room.accesses.Record(caller, method, request.use_cause, store::IndexKey(*index)));
  return head;
}

absl::StatusOr<certs::FaceContent> ContentOf(const ReadingRoom& room,
                                             const storage::v1::CertificateHead& head) {
  ASSIGN_OR_RETURN(const certs::CaseId case_id,
                   StoredId<certs::CaseId>(head.reservation().case_id(), "case_id"));
  ASSIGN_OR_RETURN(store::StoredCase filed, Promised("case_id", room.registry.Case(case_id)));
  return std::move(filed.body.content);
}

absl::StatusOr<CertificateView> GetCertificate(const ReadingRoom& room, const Caller& caller,
                                               const CertificateRequest& request) {
  ASSIGN_OR_RETURN(const storage::v1::CertificateHead head,
                   OpenCertificate(room, caller, request, "GetCertificate"));
  CertificateView view = ViewOf(head);
  ASSIGN_OR_RETURN(view.content, ContentOf(room, head));
  return view;
}

}  // namespace birthseal::server
