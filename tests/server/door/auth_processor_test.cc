// SPDX-License-Identifier: Apache-2.0
// The processor on the credentials, asked with what no client of ours sends: it lets nobody in
// whose certificate or method is not told exactly.
#include "server/door/auth_processor.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"
#include "server/host/config.h"
#include "store/memory_engine.h"
#include "store/reads/registry.h"
#include "tests/support/call.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

using grpc::StatusCode;
using tests::ReasonOf;

constexpr char kPath[] = "/birthseal.v1.Verification/GetStatus";

// A connection that carries these certificates.
class Connection : public grpc::AuthContext {
 public:
  explicit Connection(std::vector<std::string> pems) : pems_(std::move(pems)) {}
  bool IsPeerAuthenticated() const override { return true; }
  std::vector<grpc::string_ref> GetPeerIdentity() const override { return {}; }
  std::string GetPeerIdentityPropertyName() const override { return ""; }
  std::vector<grpc::string_ref> FindPropertyValues(const std::string& name) const override {
    if (name != GRPC_X509_PEM_CERT_PROPERTY_NAME) return {};
    return {pems_.begin(), pems_.end()};
  }
  grpc::AuthPropertyIterator begin() const override { return None(); }
  grpc::AuthPropertyIterator end() const override { return None(); }
  void AddProperty(const std::string&, const grpc::string_ref&) override {}
  bool SetPeerIdentityPropertyName(const std::string&) override { return false; }

 private:
  struct None : grpc::AuthPropertyIterator {};
  const std::vector<std::string> pems_;
};

class AuthProcessorTest : public testing::Test {
 protected:
  static std::vector<BootstrapClient> Clients() {
    BootstrapClient client;
    client.certificate_sm3 = certs::Sm3Of("a certificate");
    client.organisation_code = "12529901MB0A12342F";
    client.roles = {static_cast<int>(Role::kPolice)};
    return {client};
  }
  static std::string Pem(const std::string& der) {
    return absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(der),
                        "\n-----END CERTIFICATE-----\n");
  }
  grpc::Status Process(const std::vector<std::string>& pems,
                       const std::multimap<std::string, std::string>& sent) {
    Connection connection(pems);
    grpc::AuthMetadataProcessor::InputMetadata metadata;
    for (const auto& [name, value] : sent) metadata.emplace(name, value);
    grpc::AuthMetadataProcessor::OutputMetadata consumed, response;
    return processor_->Process(metadata, &connection, &consumed, &response);
  }

  const AccessPolicy policy_;
  store::MemoryEngine engine_;  // nobody is registered
  const store::Registry registry_{&engine_, nullptr};
  ClientDirectory directory_{&registry_, Clients()};
  const std::shared_ptr<grpc::AuthMetadataProcessor> processor_ =
      NewAuthProcessor(&policy_, &directory_);
  const std::string good_ = Pem("a certificate");
};

TEST_F(AuthProcessorTest, OneCertificateAndItsMethodPass) {
  EXPECT_TRUE(Process({good_}, {{":path", kPath}}).ok());
}

TEST_F(AuthProcessorTest, NoneOrMoreThanOneCertificateIsNobody) {
  for (const auto& pems : {std::vector<std::string>{}, {good_, good_}}) {
    const grpc::Status status = Process(pems, {{":path", kPath}});
    EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED) << pems.size();
    EXPECT_EQ(ReasonOf(status).reason(), "CLIENT_UNKNOWN") << pems.size();
  }
}

TEST_F(AuthProcessorTest, ACallThatNamesNoMethodIsDenied) {
  for (const std::multimap<std::string, std::string>& sent :
       {std::multimap<std::string, std::string>{}, {{"path", kPath}}, {{":path", ""}}}) {
    const grpc::Status status = Process({good_}, sent);
    EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status).reason(), "METHOD_NOT_DECLARED");
  }
}

TEST_F(AuthProcessorTest, AMethodOfAnotherRoleIsDenied) {
  const grpc::Status status = Process({good_}, {{":path", "/birthseal.v1.Issuing/ApproveCases"}});
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ReasonOf(status).reason(), "ROLE_NOT_ALLOWED");
}

}  // namespace
}  // namespace birthseal::server
