// SPDX-License-Identifier: Apache-2.0
// One who holds every file of the database: writes what the ledger never would, and makes hashes,
// roots, pages and counters fit, so that the store agrees with itself again.
//
// Starts from a log of epoch 1. Belongs to one thread; a failure fails the test.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/proof/leaf.h"
#include "certs/proof/map_label.h"
#include "store/engine.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {

// A leaf and what it does to the uniqueness map: label to status index, 0 for void.
struct LogEntry {
  certs::Leaf leaf;
  std::vector<std::pair<certs::MapLabel, uint64_t>> changes;
};

// Everything of one database into another, empty one: yesterday's backup, a second history.
void CopyStore(const store::Engine& from, store::Engine* to);

class Attacker {
 public:
  explicit Attacker(store::Engine* engine) : engine_(engine) {}

  std::vector<LogEntry> Log() const;
  // The log becomes this one, with its tree, map and counters.
  void SetLog(const std::vector<LogEntry>& entries);
  // Only the map and its root: no leaf says so.
  void SetMap(const certs::MapLabel& label, uint64_t value);
  // Ends the epoch as a restore would: everything beyond what is here is declared lost.
  void BeginEpoch(uint64_t lost_size, const certs::Digest& lost_root);
  void Erase(store::Family family, const std::string& key);
  template <typename Record>
  void Change(store::Family family, const std::string& key,
              const std::function<void(Record*)>& change) {
    const absl::StatusOr<std::string> bytes = engine_->NewSnapshot()->Get(family, key);
    ASSERT_OK(bytes);
    Record record;
    ASSERT_TRUE(record.ParseFromString(*bytes));
    change(&record);
    Put(family, key, record.SerializeAsString());
  }
  void Put(store::Family family, const std::string& key, const std::string& value);

 private:
  void Commit(const store::WriteBatch& batch);

  store::Engine* const engine_;
};

}  // namespace birthseal::tests
