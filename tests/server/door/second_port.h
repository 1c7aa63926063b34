// SPDX-License-Identifier: Apache-2.0
// Beside the whole service, on its store: a second port where one of the guards is missing.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/access/access_policy.h"
#include "server/access/client_directory.h"
#include "server/host/config.h"
#include "server/house.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_server.h"

namespace birthseal::server {

// Lets everyone pass.
class OpenDoor : public grpc::AuthMetadataProcessor {
 public:
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata&, grpc::AuthContext*, OutputMetadata*,
                       OutputMetadata*) override {
    return grpc::Status::OK;
  }
};

class EachGuardTest : public testing::Test {
 protected:
  EachGuardTest() : directory_(&whole_.app().house().issuing.registry, {}) {}

  TlsConfig Tls() const {
    const auto read = [this](const char* name) {
      return tests::ReadFile(whole_.directory() + "/" + name);
    };
    return {read("server.pem"), read("server.key"), read("tls-ca.pem")};
  }
  std::shared_ptr<grpc::Channel> Connect(const tests::Peer& peer, int port) const {
    grpc::SslCredentialsOptions options{whole_.ca_pem(), peer.key_pem, peer.certificate_pem};
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                     grpc::SslCredentials(options), arguments);
  }

  tests::TestServer whole_;
  const AccessPolicy policy_;
  ClientDirectory directory_;
};

}  // namespace birthseal::server
