// SPDX-License-Identifier: Apache-2.0
// The storage engine that the configuration names: RocksDB on disk, or memory for tests.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/host/config.h"
#include "store/engine.h"

namespace birthseal::server {

enum class EngineUse {
  kWork,
  kRepair,  // no compaction meets the unreadable table before the repair takes it away
};

// Errors: "STORE_NOT_OPENED" with code and text of the engine's; the field is `store.directory`.
absl::StatusOr<std::unique_ptr<store::Engine>> OpenEngine(const StoreConfig& config,
                                                          EngineUse use = EngineUse::kWork);

}  // namespace birthseal::server
