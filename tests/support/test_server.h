// SPDX-License-Identifier: Apache-2.0
// The whole service in this process: memory engine, development PKI, loopback port 0, mutual TLS.
//
// Failures end the test program. Not thread-safe; channels it gives may be used from any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "certs/clock.h"
#include "certs/digest.h"
#include "server/access/caller.h"
#include "server/server_app.h"
#include "signer/devpki/dev_pki.h"
#include "tests/support/temp_dir.h"

namespace grpc {
class Channel;
}

namespace birthseal::tests {

// Invented organisations with seals; codes have right check characters.
inline constexpr char kHospital[] = "12529901MB0A12342F";       // 云岭县人民医院, issues
inline constexpr char kOtherHospital[] = "12529902MB0B56784D";  // 青禾县妇幼保健院, issues
inline constexpr char kManaging[] = "11529901009900179R";  // 云岭县卫生健康局, managing
inline constexpr char kOutsider[] = "11529900MB0C90123E";  // a platform, police, auditors

// A TLS client.
struct Peer {
  std::string certificate_pem, key_pem;
  certs::Digest certificate_sm3{};
};

class TestServer {
 public:
  struct Options {
    int worker_threads = 4;
    int queue_length = 256;
    int verification_threads = 2;
    int verification_queue = 64;
    int max_message_bytes = 0;  // 0: the default
    int drain_seconds = 5;
    bool run_finisher = true;
    const certs::Clock* clock = nullptr;  // outlives the server; null: the system clock
    server::StepHook step_hook;
  };
  TestServer() : TestServer(Options()) {}
  explicit TestServer(Options options);
  ~TestServer();

  server::ServerApp& app() { return *app_; }
  int port() const { return app_->port(); }
  const std::string& directory() const { return directory_.path(); }
  const std::string& ca_pem() const { return ca_pem_; }
  const Peer& administrator() const { return administrator_; }

  // A certificate of our authority that is not registered, or of another authority.
  Peer MakePeer(const std::string& name);
  Peer MakeForeignPeer(const std::string& name);
  // A registered one, through PutClient.
  Peer Register(const std::string& organisation, std::initializer_list<server::Role> roles,
                const std::vector<std::string>& facilities = {});
  void Put(const Peer& peer, const std::string& organisation,
           const std::vector<server::Role>& roles, const std::vector<std::string>& facilities,
           bool active);

  // A connection of its own. Null peer: TLS without client certificate.
  std::shared_ptr<grpc::Channel> Connect(const Peer* peer) const;
  std::shared_ptr<grpc::Channel> Connect(const Peer& peer) const { return Connect(&peer); }

  // Private key of an operator made with the PKI: "issuer-1", "sealer-1", "issuer-2", "sealer-2",
  // "issuer-m", "sealer-m" (the last digit is the institution, m the managing one).
  std::shared_ptr<const signer::PrivateKey> OperatorKey(const std::string& id) const;
  // Registers institutions, operators, seals and 1,000 numbers each, through the API.
  void RegisterInstitutions();

 private:
  void RegisterInstitution(const std::string& code, const std::string& name, bool managing,
                           const std::string& suffix, const std::string& first_number,
                           const std::string& last_number);

  TempDir directory_;
  signer::devpki::Identity authority_;
  std::string ca_pem_;
  Peer administrator_;
  std::unique_ptr<server::ServerApp> app_;
};

}  // namespace birthseal::tests
