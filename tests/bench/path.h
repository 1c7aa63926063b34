// SPDX-License-Identifier: Apache-2.0
// The whole path as its users walk it: accepted delivery, application, approval, issue. Load comes
// from threads of this process over mutual TLS, through the project's own C++ client.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/feed_client.h"
#include "tests/bench/births.h"
#include "tests/bench/installation.h"

namespace birthseal::bench {

struct PathOptions {
  std::string operators = "sm2";  // or "p256": keys of issuer and sealer
  int batch = 1;                  // certificates for each approve and issue call
  int threads = 64;
  double warm_up_seconds = 1, seconds = 15;
  uint64_t limit = 0;  // end after so many certificates; 0: by time
};

struct PathResult {
  uint64_t certificates = 0;
  double seconds = 0;
  double server_cpu = 0, generator_cpu = 0;  // µs in all
  std::vector<double> issue_ms;              // of each issue call, from sending to answer
  uint64_t failures = 0;
  std::string first_failure;
};

// Thread-safe.
class Path {
 public:
  static absl::StatusOr<std::unique_ptr<Path>> Open(const Installation& installation,
                                                    const Service& service,
                                                    const PathOptions& options);
  // Closed loop: every thread begins the next birth when it has finished one.
  PathResult Sustain();
  // Open loop: births come at random (exponential) intervals, `rate` a second on average, whether
  // or not the service keeps up. `seconds` long.
  PathResult Arrive(double rate, double seconds);
  uint64_t issued() const { return issued_; }  // by all runs so far, warm-up included

 private:
  struct Filed {
    std::string case_id, content_digest;
  };
  using Batch = std::vector<Filed>;

  Path(const Service& service, PathOptions options);
  void One(uint64_t index);
  absl::StatusOr<Filed> File(uint64_t index);
  // The batch that `filed` completes; empty while it is not full.
  Batch Collect(Filed filed);
  absl::Status Finish(const Batch& batch);
  void Failed(const absl::Status& status);
  PathResult Snapshot() const;
  static PathResult Between(const PathResult& begin, PathResult end);

  const PathOptions options_;
  const pid_t server_;
  const Births births_;
  std::shared_ptr<const signer::PrivateKey> issuer_, sealer_;
  std::vector<std::unique_ptr<client::FeedClient>> feeds_;
  std::unique_ptr<client::Client> issuing_;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> issued_{0};
  mutable std::mutex mutex_;  // all below
  Batch waiting_;
  std::vector<double> issue_ms_;
  uint64_t failures_ = 0;
  std::string first_failure_;
};

}  // namespace birthseal::bench
