// SPDX-License-Identifier: Apache-2.0
#include "server/access/access_policy.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "birthseal/v1/access.pb.h"
#include "birthseal/v1/admin.pb.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "birthseal/v1/sharing.pb.h"
#include "birthseal/v1/transparency.pb.h"
#include "birthseal/v1/verification.pb.h"
#include "certs/errors.h"
#include "google/protobuf/descriptor.h"

namespace birthseal::server {
namespace {

static_assert(static_cast<int>(Role::kHospital) == v1::ROLE_HOSPITAL);
static_assert(static_cast<int>(Role::kConnector) == v1::ROLE_CONNECTOR);
static_assert(static_cast<int>(Role::kIssuingInstitution) == v1::ROLE_ISSUING_INSTITUTION);
static_assert(static_cast<int>(Role::kManagingInstitution) == v1::ROLE_MANAGING_INSTITUTION);
static_assert(static_cast<int>(Role::kPlatform) == v1::ROLE_PLATFORM);
static_assert(static_cast<int>(Role::kPolice) == v1::ROLE_POLICE);
static_assert(static_cast<int>(Role::kRelyingParty) == v1::ROLE_RELYING_PARTY);
static_assert(static_cast<int>(Role::kAdministrator) == v1::ROLE_ADMINISTRATOR);
static_assert(static_cast<int>(Role::kAuditor) == v1::ROLE_AUDITOR);
static_assert(static_cast<int>(Role::kWitness) == v1::ROLE_WITNESS);

bool OpenToAllRegistered(absl::string_view path) {
  return absl::StartsWith(path, "/grpc.health.v1.Health/") ||
         absl::StartsWith(path, "/grpc.reflection.v1alpha.ServerReflection/");
}

}  // namespace

// Rule U7.
AccessPolicy::AccessPolicy() {
  for (const google::protobuf::FileDescriptor* file :
       {v1::GetSummaryRequest::descriptor()->file(), v1::Review::descriptor()->file(),
        v1::Application::descriptor()->file(), v1::CertificateKey::descriptor()->file(),
        v1::GetCheckpointRequest::descriptor()->file(), v1::LayerReport::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const google::protobuf::ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        const google::protobuf::MethodDescriptor* method = service->method(m);
        const v1::Access& declared = method->options().GetExtension(v1::access);
        MethodAccess access;
        for (int role : declared.allowed()) {
          if (role != v1::ROLE_UNSPECIFIED) access.allowed.Add(static_cast<Role>(role));
        }
        access.discloses = declared.discloses();
        methods_.emplace(absl::StrCat("/", service->full_name(), "/", method->name()), access);
      }
    }
  }
}

bool AccessPolicy::Allows(const MethodAccess& access, const Caller& caller) {
  return access.allowed.Meets(caller.roles());
}

const MethodAccess* AccessPolicy::Find(absl::string_view path) const {
  const auto found = methods_.find(std::string_view(path.data(), path.size()));
  return found == methods_.end() ? nullptr : &found->second;
}

absl::Status AccessPolicy::Check(absl::string_view path, const Caller& caller) const {
  if (OpenToAllRegistered(path)) return absl::OkStatus();
  const MethodAccess* access = Find(path);
  if (access == nullptr) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "METHOD_NOT_DECLARED",
                        "no caller may use this method");
  }
  if (!Allows(*access, caller)) {
    return certs::Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
                        "no role of the calling organisation may use this method");
  }
  return absl::OkStatus();
}

}  // namespace birthseal::server
