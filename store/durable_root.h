// SPDX-License-Identifier: Apache-2.0
// The state of the log after a durable batch: what checkpoints are made of.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "certs/digest.h"

namespace birthseal::store {

struct DurableRoot {
  uint64_t size = 0;
  certs::Digest root{};
  certs::Digest map_root{};
  uint64_t epoch = 1;       // of the log
  absl::Time time;          // ledger time of the batch, whole seconds
  bool has_intent = false;  // a reservation waits for a checkpoint of this root
};

}  // namespace birthseal::store
