// SPDX-License-Identifier: Apache-2.0
// A checkpoint with its quorum of cosignatures, and the store as it was at exactly this size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "certs/proof/checkpoint.h"
#include "store/engine.h"

namespace birthseal::server {

// Immutable; any thread.
struct Witnessed {
  uint64_t epoch = 1;
  certs::TreeHead head;
  std::string note;  // signatures of the log, then cosignatures in the order of the policy
  std::shared_ptr<const store::Snapshot> snapshot;
};

}  // namespace birthseal::server
