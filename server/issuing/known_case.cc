// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/known_case.h"

#include "certs/errors.h"

namespace birthseal::server {

absl::Status CaseUnknown() {
  return certs::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN", "no such case of the caller",
                      "case_id");
}

absl::StatusOr<store::StoredCase> KnownCase(const IssuingRoom& room, const certs::CaseId& id) {
  absl::StatusOr<store::StoredCase> filed = room.registry.Case(id);
  if (absl::IsNotFound(filed.status())) return CaseUnknown();
  return filed;
}

absl::StatusOr<storage::v1::CaseHead> KnownCaseHead(const IssuingRoom& room,
                                                    const certs::CaseId& id) {
  absl::StatusOr<storage::v1::CaseHead> head = room.registry.CaseHead(id);
  if (absl::IsNotFound(head.status())) return CaseUnknown();
  return head;
}

bool HasPartIn(const Caller& caller, const storage::v1::CaseHead& head) {
  return head.institution_code() == caller.organisation_code() ||
         head.organisation_code() == caller.organisation_code();
}

}  // namespace birthseal::server
