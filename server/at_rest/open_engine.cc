// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/open_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "certs/errors.h"
#include "server/host/event_log.h"
#include "store/memory_engine.h"
#include "store/rocksdb/rocksdb_engine.h"

namespace birthseal::server {

absl::StatusOr<std::unique_ptr<store::Engine>> OpenEngine(const StoreConfig& config,
                                                          EngineUse use) {
  if (config.in_memory) return std::unique_ptr<store::Engine>(new store::MemoryEngine);
  store::RocksDbOptions options;
  options.compact = use != EngineUse::kRepair;
  options.tell = [](absl::string_view line) {
    LogEvent(LogLevel::kWarning, "rocksdb", {{"text", line}});
  };
  absl::StatusOr<std::unique_ptr<store::RocksDbEngine>> engine =
      store::RocksDbEngine::Open(config.directory, options);
  if (!engine.ok()) {
    return certs::Error(engine.status().code(), "STORE_NOT_OPENED",
                        absl::StrCat("store.directory: ", engine.status().message()),
                        "store.directory");
  }
  return std::unique_ptr<store::Engine>(*std::move(engine));
}

}  // namespace birthseal::server
