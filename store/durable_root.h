// SPDX-License-Identifier: Apache-2.0
// The state of the log after a durable batch: what checkpoints are made of.
#pragma once

#include "absl/time/time.h"
#include "certs/digest.h"
#include "certs/proof/log_place.h"

namespace birthseal::store {

struct DurableRoot {
  certs::LogSize size;
  certs::Digest root{};
  certs::Digest map_root{};
  certs::LogEpoch epoch{1};
  absl::Time time;          // ledger time of the batch, whole seconds
  bool has_intent = false;  // a reservation waits for a checkpoint of this root
};

}  // namespace birthseal::store
