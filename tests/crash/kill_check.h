// SPDX-License-Identifier: Apache-2.0
// Holds a service that was killed and started again to what it had acknowledged.
//
// Only the public API is asked. One thread at a time; it uses threads of its own.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/crash/kill_load.h"

namespace birthseal::tests {

class KillChecker {
 public:
  // `numbers`: certificate numbers that the service received. All outlive the checker.
  KillChecker(std::vector<std::unique_ptr<Caller>>* callers, uint64_t numbers, Faults* faults);

  // After a restart: the finisher has finished everything that was reserved; then callers ask for
  // what they have no answer to; then what is new since the last check is there, byte for byte,
  // and so is a sample of the older. Errors: the service died meanwhile (IsDeath).
  absl::Status Check(Connections* connections);
  // Everything, from the beginning.
  absl::Status CheckAll(Connections* connections);

  uint64_t certificates() const { return certificates_; }
  // Intents that no caller's call had finished when the service came back.
  uint64_t left_to_finisher() const { return left_to_finisher_; }

 private:
  absl::Status ReadLog(Connections* connections);
  absl::Status AwaitFinisher(Connections* connections);
  absl::Status Settle(Connections* connections);
  absl::Status CheckBirth(Connections* connections, const BirthEntry& birth);
  absl::Status CheckCertificate(Connections* connections, const BirthEntry& birth, size_t index);
  absl::Status CheckAskedAgain(Connections* connections, const BirthEntry& birth,
                               const CaseEntry& entry);
  absl::Status CheckCounts(Connections* connections);
  absl::Status CheckBirths(Connections* connections, const std::vector<const BirthEntry*>& births);

  std::vector<std::unique_ptr<Caller>>* const callers_;
  const uint64_t numbers_;
  Faults* const faults_;
  std::vector<std::string> leaves_;          // the log as far as read
  std::map<uint64_t, int> intents_;          // by status index: ISSUED leaves
  std::set<uint64_t> unfinished_;            // status indexes
  std::map<const Caller*, size_t> checked_;  // births of each caller that need no full check
  uint64_t certificates_ = 0, left_to_finisher_ = 0, sample_ = 0;
};

}  // namespace birthseal::tests
