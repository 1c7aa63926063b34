// SPDX-License-Identifier: Apache-2.0
// The storage engine: snapshot reads and one atomic, synced commit. Nothing else.
//
// RocksDB and memory implement it; one contract suite runs on both. Keys are ordered as bytes.
// Thread-safe: any method, any thread; commits are serialised by the ledger.
// Durability: Commit answers OK only after a sync. kAborted: another writer took over, nothing was
// written. After any other answer the outcome is unknown: the engine then refuses further commits
// (kUnavailable) until it is opened again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/proof/log_place.h"
#include "store/families.h"

namespace birthseal::store {

// Whose turn it is to write (写入围栏): of two writers the one with the higher epoch is the newest.
using FenceEpoch = certs::Number<struct FenceEpochTag>;

// Changes to apply together, in order; the last change of a key wins.
struct WriteBatch {
  struct Change {
    Family family;
    std::string key;
    std::string value;
    bool erase = false;
  };
  std::vector<Change> changes;

  void Put(Family family, std::string key, std::string value) {
    changes.push_back({family, std::move(key), std::move(value), false});
  }
  void Erase(Family family, std::string key) {
    changes.push_back({family, std::move(key), {}, true});
  }
};

// A consistent state of the engine. Cheap; keep it for one call, not for long.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  // Errors: kNotFound; kDataLoss a stored block fails its checksum; kUnavailable.
  virtual absl::StatusOr<std::string> Get(Family family, absl::string_view key) const = 0;
  // Calls `visit` for keys >= `from` that start with `prefix`, ascending, until it returns false.
  virtual absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view key, absl::string_view value)>& visit) const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::unique_ptr<Snapshot> NewSnapshot() const = 0;
  // Refused with kAborted when `fencing_epoch` is not the one stored: another writer took over.
  virtual absl::Status Commit(const WriteBatch& batch, FenceEpoch fencing_epoch) = 0;
  // Takes the writer's place: raises the epoch above the stored one and above `above`, stores it
  // durably and gives it. `above` is for a restored store whose journal knows a higher one.
  virtual absl::StatusOr<FenceEpoch> AcquireFence(FenceEpoch above = FenceEpoch()) = 0;
  // Removes every record of a family, also those that cannot be read. For the repair of a store
  // that nobody else has open. Errors: those of Commit.
  virtual absl::Status Clear(Family family, FenceEpoch fencing_epoch);
  // A consistent copy of the running store in `directory`, which must not exist; for backups.
  // Gives the record of MetaKey() in the copy; empty: none. Errors: kUnimplemented
  // "STORE_NOT_ON_DISK"; those of the disk.
  virtual absl::StatusOr<std::string> Checkpoint(const std::string& directory) const;
};

}  // namespace birthseal::store
