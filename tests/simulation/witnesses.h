// SPDX-License-Identifier: Apache-2.0
// Witnesses of the laboratory: the real witness core, offered every published checkpoint over the
// simulated network: late, twice, out of order or never. Signatures are left out: whatever comes
// under the log's name counts as signed.
//
// A witness that finds the log at fault, or an end that a witness does not know as it is, breaks
// the promises. Deterministic; belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/witness/witness.h"
#include "store/ledger/ledger.h"
#include "tests/simulation/disk_engine.h"
#include "tests/simulation/random.h"
#include "tests/support/memory_storage.h"

namespace birthseal::simulation {

class Witnesses {
 public:
  // Both outlive it.
  Witnesses(Random* random, const store::Engine* engine);

  // The service signs the root: from now on the checkpoint may reach a witness.
  void Published(const store::DurableRoot& root);
  // Some offer reaches some witness while the service answers. A witness may stop over it.
  void Deliver();
  // Each is offered the newest root, and knows log and map as they are.
  void End(const store::DurableRoot& newest);

  uint64_t cosigned() const { return cosigned_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Desk {
    tests::MemoryStorage storage;
    std::unique_ptr<witness::Witness> witness;
    uint64_t cosigned_size = 0;  // the largest
  };
  void Open(Desk& desk);
  absl::Status Offer(Desk& desk, const std::string& note);
  absl::StatusOr<std::vector<witness::Update>> Updates(certs::LogEpoch epoch,
                                                       certs::LeafIndex first, int count);

  Random* random_;
  const store::Engine* engine_;
  Desk desks_[2];
  std::vector<std::string> offers_;
  uint64_t cosigned_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace birthseal::simulation
