// SPDX-License-Identifier: Apache-2.0
#include "server/door/auth_processor.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>

#include <utility>
#include <vector>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/door/grpc_status.h"

namespace birthseal::server {
namespace {

class AuthProcessor : public grpc::AuthMetadataProcessor {
 public:
  AuthProcessor(const AccessPolicy* policy, ClientDirectory* directory)
      : policy_(policy), directory_(directory) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context,
                       OutputMetadata* /*consumed*/, OutputMetadata* /*response*/) override {
    return ToGrpcStatus(Check(metadata, *context));
  }

 private:
  absl::Status Check(const InputMetadata& metadata, const grpc::AuthContext& context) const {
    ASSIGN_OR_RETURN(const std::shared_ptr<const Caller> caller, CallerOf(context, directory_));
    const auto path = metadata.find(":path");  // without one no method is named: none is declared
    const grpc::string_ref method = path == metadata.end() ? grpc::string_ref() : path->second;
    return policy_->Check({method.data(), method.size()}, *caller);
  }

  const AccessPolicy* policy_;
  ClientDirectory* directory_;
};

}  // namespace

std::shared_ptr<grpc::AuthMetadataProcessor> NewAuthProcessor(const AccessPolicy* policy,
                                                              ClientDirectory* directory) {
  return std::make_shared<AuthProcessor>(policy, directory);
}

absl::StatusOr<std::shared_ptr<const Caller>> CallerOf(const grpc::AuthContext& context,
                                                       ClientDirectory* directory) {
  const std::vector<grpc::string_ref> pem =
      context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.size() != 1) {
    return certs::Error(absl::StatusCode::kUnauthenticated, "CLIENT_UNKNOWN",
                        "the connection carries no client certificate");
  }
  return directory->Find({pem[0].data(), pem[0].size()});
}

}  // namespace birthseal::server
