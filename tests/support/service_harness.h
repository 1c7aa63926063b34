// SPDX-License-Identifier: Apache-2.0
// A real birthseald in a process of its own: its files, its registrations, its life and death.
// For tests that kill it and for measuring it.
//
// Failures of the harness itself end the program. Thread-safety: one owner thread; what `Options`
// gives may be used anywhere.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "clients/cpp/client.h"
#include "signer/sealing/sm2_sign.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {

// Invented; codes have right check characters.
struct SiteInstitution {
  const char *code, *name, *county_code, *county;
  bool managing;
  const char* suffix;         // of its operators ("issuer-a", "sealer-a") and its TLS roles
  const char* number_prefix;  // of its certificate numbers
};
inline constexpr SiteInstitution kSiteA = {
    "12529901MB0A12342F", "云岭县人民医院", "529901", "云岭县", false, "a", "Z520"};
inline constexpr SiteInstitution kSiteB = {
    "12529902MB0B56784D", "青禾县妇幼保健院", "529902", "青禾县", false, "b", "Z521"};
inline constexpr SiteInstitution kSiteManaging = {
    "11529901009900179R", "云岭县卫生健康局", "529901", "云岭县", true, "m", "Z522"};

// Development PKI, keys and configuration of one service, in a directory of its own.
class ServiceSite {
 public:
  struct Options {
    bool journal = false;    // ack: JOURNALED, on the same disk
    bool witnesses = false;  // the three of the development PKI, two a quorum
    bool allow_crash_points = false;
    int worker_threads = 0;  // 0: the service's own choice
    signer::KeyAlgorithm operator_keys = signer::KeyAlgorithm::kSm2;
    int numbers = 20'000;  // certificate numbers of each institution
  };
  ServiceSite() : ServiceSite(Options()) {}
  explicit ServiceSite(Options options);

  const std::string& directory() const { return directory_.path(); }
  std::string config_path() const { return directory_.Join("birthseald.textproto"); }
  std::string port_file() const { return directory_.Join("port"); }
  std::string log_path() const { return directory_.Join("birthseald.log"); }
  const Options& options() const { return options_; }

  // For the client with this TLS identity: "admin", "hospital-a", "hospital-b", "issuer-a",
  // "issuer-b", "managing", "platform", "police", "auditor", and with witnesses "witness-police",
  // "witness-health", "witness-audit".
  client::ClientOptions ClientFor(const std::string& role, int port) const;
  // "issuer-a", "sealer-a" and so on; "m" is the managing institution.
  std::shared_ptr<const signer::PrivateKey> OperatorKey(const std::string& id) const;

  // Registers institutions, clients, operators, seals and stock through the API; once for a store.
  void Register(int port) const;

 private:
  void RegisterInstitution(client::Client* admin, const SiteInstitution& institution) const;
  void RegisterClient(client::Client* admin, const std::string& role, const char* organisation,
                      const std::vector<int>& roles) const;

  Options options_;
  TempDir directory_;
};

// birthseald running on a site. It dies with its owner, also when the owner is killed.
class ServiceProcess {
 public:
  // Starts it; `environment` is added to ours ("NAME=value"). Call from a thread that outlives it.
  explicit ServiceProcess(const ServiceSite& site, std::vector<std::string> environment = {});
  ~ServiceProcess();  // Kill
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  // False: it ended, or does not serve in time.
  bool WaitUntilServing(absl::Duration patience = absl::Seconds(60));
  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  bool Running();
  // False: still there.
  bool WaitUntilEnded(absl::Duration patience);
  void Kill();  // SIGKILL, and waits
  void Stop();  // SIGTERM, and waits
  // As waitpid gives it; valid once ended.
  int wait_status() const { return wait_status_; }

 private:
  const ServiceSite& site_;
  pid_t pid_ = -1;
  int port_ = 0;
  bool ended_ = false;
  int wait_status_ = 0;
};

}  // namespace birthseal::tests
