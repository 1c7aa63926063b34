// SPDX-License-Identifier: Apache-2.0
// A development PKI and real birthseald processes on it: own process, loopback, RocksDB in a
// temporary directory, mutual TLS. All people and places are invented.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "signer/sealing/sm2_sign.h"
#include "tests/bench/child_process.h"
#include "tests/support/temp_dir.h"

namespace birthseal::bench {

inline constexpr char kHospital[] = "12529901MB0A12342F";
inline constexpr char kHospitalName[] = "云岭县人民医院";
inline constexpr char kLogName[] = "birthseal.bench/log";

struct InstallationOptions {
  std::string birthseald;  // path of the program
  int workers = 0;         // threads of the service; 0: its own choice
  bool journal = false;    // every batch also synced to a journal on the same disk
};

// Keys and certificates, made once for the run. Thread-safe once made.
class Installation {
 public:
  static absl::StatusOr<std::unique_ptr<Installation>> Make(const InstallationOptions& options);

  const InstallationOptions& options() const { return options_; }
  std::string Path(const std::string& name) const { return directory_.Join(name); }
  // `role` is a file of tls/: "admin", "hospital-a", "issuer-a", "police", "platform".
  absl::StatusOr<client::ClientOptions> Identity(const std::string& role) const;
  absl::StatusOr<std::shared_ptr<const signer::PrivateKey>> OperatorKey(
      const std::string& id) const;

 private:
  explicit Installation(InstallationOptions options) : options_(std::move(options)) {}
  tests::TempDir directory_;
  InstallationOptions options_;
};

// One service on an empty store, everything registered.
class Service {
 public:
  // `name` is the directory of its store; `birthseald` another program than the options say. With
  // `birthseal`, the path of the command line, three witnesses (quorum two) are at work.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const Installation& installation,
                                                        const std::string& name,
                                                        const std::string& birthseald = "",
                                                        const std::string& birthseal = "");
  pid_t pid() const { return process_.pid(); }
  absl::StatusOr<client::ClientOptions> As(const std::string& role, int channels) const;
  // Stops it and checks its store from the bytes: records a second. Errors: kDataLoss findings.
  absl::StatusOr<double> StopAndCheckStore(uint64_t* records);
  // Stops it and reads from its store how many batches were committed, each with one sync.
  absl::StatusOr<uint64_t> StopAndCountCommits();

 private:
  Service(const Installation& installation, std::string name, ChildProcess process)
      : installation_(installation), name_(std::move(name)), process_(std::move(process)) {}
  absl::Status Register();
  absl::Status StartWitnesses(const std::string& birthseal);

  const Installation& installation_;
  const std::string name_;
  ChildProcess process_;
  std::vector<ChildProcess> witnesses_;
};

}  // namespace birthseal::bench
