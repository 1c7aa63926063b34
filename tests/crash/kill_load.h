// SPDX-License-Identifier: Apache-2.0
// The load: callers that push, apply, approve, issue, download and exchange, each at its own pace,
// until the service dies; afterwards they ask again for what they have no answer to.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/feed_client.h"
#include "tests/crash/kill_book.h"

namespace birthseal::tests {

// Connections to one life of the service. No retries: an answer that does not come is unknown.
struct Connections {
  Connections(const ServiceSite& site, int port);
  struct Institution {
    Institution(const ServiceSite& site, const SiteInstitution& which, int port);
    client::FeedClient feed;
    client::Client issuer;
  };
  Institution a, b;
  client::Client platform, auditor, managing;
  Institution& Of(const SiteInstitution& which) { return &which == &kSiteA ? a : b; }
};

// One caller with up to four births under way. One thread at a time.
class Caller {
 public:
  Caller(const ServiceSite& site, const SiteInstitution& institution, Faults* faults,
         int first_birth, int birth_step, uint64_t seed);

  // One call of the service for those births that are furthest behind; new births when all are
  // done. Errors: kUnavailable, kCancelled, kDeadlineExceeded the service died; others are faults.
  absl::Status Step(Connections* connections);
  // Asks for whatever has no answer: after OK nothing of this caller is unknown.
  absl::Status Settle(Connections* connections);

  std::deque<BirthEntry>& births() { return births_; }
  const SiteInstitution& institution() const { return institution_; }

 private:
  enum class Stage { kPush, kFile, kApprove, kIssue, kDownload, kDone };
  static Stage StageOf(const BirthEntry& birth);
  void Begin();
  std::vector<BirthEntry*> Behind(Stage* stage);
  absl::Status Push(Connections* connections, const std::vector<BirthEntry*>& births);
  absl::Status File(Connections* connections, BirthEntry* birth);
  absl::Status Approve(Connections* connections, const std::vector<BirthEntry*>& births);
  absl::Status Issue(Connections* connections, const std::vector<BirthEntry*>& births);
  absl::Status Download(Connections* connections, BirthEntry* birth);
  void Exchange(BirthEntry* birth);
  uint64_t Random();

  const SiteInstitution& institution_;
  Faults* const faults_;
  const std::string issuer_id_, sealer_id_;
  const std::shared_ptr<const signer::PrivateKey> issuer_key_, sealer_key_;
  int next_birth_;
  const int birth_step_;
  uint64_t random_;
  std::deque<BirthEntry> births_;  // all of them
  std::vector<BirthEntry*> under_way_;
};

// The service went away under the call: nothing is wrong, the outcome is unknown.
bool IsDeath(const absl::Status& status);

}  // namespace birthseal::tests
