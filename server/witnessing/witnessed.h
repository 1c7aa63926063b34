// SPDX-License-Identifier: Apache-2.0
// Checkpoints, signed and witnessed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "certs/digest.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/log_place.h"
#include "store/engine.h"

namespace birthseal::server {

// A signed root.
struct SignedRoot {
  certs::LogSize size;
  std::string checkpoint;  // signed note
};

// A checkpoint with its quorum of cosignatures, and the store as it was at exactly this size.
// Immutable; any thread.
struct Witnessed {
  certs::LogEpoch epoch{1};
  certs::TreeHead head;
  std::string note;  // signatures of the log, then cosignatures in the order of the policy
  std::shared_ptr<const store::Snapshot> snapshot;

  certs::LogPosition position() const { return {epoch, certs::LogSize(head.size)}; }
};

// What joins a receipt under another tree to a witnessed checkpoint: the note and the consistency
// path, which is empty when both trees have one size.
struct WitnessLink {
  std::string note;
  std::vector<certs::Digest> path;
};

}  // namespace birthseal::server
