// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/managing.h"

#include "absl/strings/str_cat.h"
#include "certs/division.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

absl::Status Denied(absl::string_view reason, absl::string_view message, absl::string_view zh) {
  return certs::Error(absl::StatusCode::kPermissionDenied, reason, message, "", zh);
}

absl::Status CheckRole(const Caller& caller) {
  if (caller.Has(Role::kManagingInstitution)) return absl::OkStatus();
  return Denied("NOT_MANAGING", "only a managing institution does this", "仅管理机构可以办理");
}

// Rule M1.
absl::StatusOr<storage::v1::Institution> Managing(const Basis& basis, absl::string_view code) {
  absl::StatusOr<storage::v1::Institution> institution = basis.registry.Institution(code);
  if (absl::IsNotFound(institution.status())) {
    return Denied("INSTITUTION_NOT_REGISTERED",
                  absl::StrCat("institution ", code,
                               " is not registered: an administrator registers it first"),
                  "该机构未登记，请管理员先行登记");
  }
  RETURN_IF_ERROR(institution.status());
  if (!institution->managing()) {
    return Denied("NOT_MANAGING",
                  absl::StrCat("institution ", code, " is not registered as a managing one"),
                  "该机构未登记为管理机构");
  }
  if (!institution->licensed()) {
    return Denied("INSTITUTION_NOT_LICENSED",
                  absl::StrCat("licence or mandate of institution ", code, " is not in force"),
                  "该管理机构的许可或委托已失效");
  }
  return institution;
}

}  // namespace

absl::Status CheckManaging(const Basis& basis, absl::string_view institution) {
  return Managing(basis, institution).status();
}

absl::Status CheckManaging(const Basis& basis, const Caller& caller) {
  RETURN_IF_ERROR(CheckRole(caller));
  return CheckManaging(basis, caller.organisation_code());
}

absl::Status CheckManages(const Basis& basis, absl::string_view institution,
                          absl::string_view concerned) {
  ASSIGN_OR_RETURN(const storage::v1::Institution managing, Managing(basis, institution));
  const auto holder = basis.registry.Institution(concerned);
  if (!holder.ok() && !absl::IsNotFound(holder.status())) return holder.status();
  if (holder.ok() && certs::Covers(managing.county_code(), holder->county_code())) {
    return absl::OkStatus();
  }
  return Denied("AREA_NOT_COVERED",
                absl::StrCat("the area of institution ", institution,
                             " does not hold that of the institution concerned, or one of them "
                             "is registered without its division code"),
                "不在该管理机构的管辖区域内，或区划代码未登记");
}

absl::Status CheckManages(const Basis& basis, const Caller& caller, absl::string_view concerned) {
  RETURN_IF_ERROR(CheckRole(caller));
  return CheckManages(basis, caller.organisation_code(), concerned);
}

}  // namespace birthseal::server
