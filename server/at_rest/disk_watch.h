// SPDX-License-Identifier: Apache-2.0
// Stops new work before the disk is full, so that what is under way has room to finish.
//
// It looks and says what follows; the wiring tells the ledger.
//
// With less free space than store.min_free_mib in the store's or the journal's directory the ledger
// refuses feeds, applications, approvals, issue orders, revocations and administration with
// RESOURCE_EXHAUSTED "DISK_NEARLY_FULL"; reserved issues are finished or cancelled and reads, with
// their access records, go on. It takes new work again by itself once there is a quarter more than
// that.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace birthseal::server {

struct StoreConfig;

// Bytes that an ordinary user may still write under a directory.
using FreeSpace = std::function<absl::StatusOr<uint64_t>(const std::string& directory)>;
absl::StatusOr<uint64_t> AskFileSystem(const std::string& directory);

class DiskWatch {
 public:
  // `free_space` null: asks the file system.
  DiskWatch(const StoreConfig& config, FreeSpace free_space);

  struct Found {
    absl::Status state;    // as state()
    bool changed = false;  // refused from now on, or taken again
  };
  // A directory that cannot be asked changes nothing.
  Found Look();
  // OK, or why new work is refused.
  absl::Status state() const;
  struct Reading {
    std::string field;  // "store.directory"
    int64_t free_mib;
  };
  // As last seen.
  std::vector<Reading> readings() const;

 private:
  struct Place {
    std::string field, directory;
    uint64_t free = 0;
    bool known = false;
  };
  void Measure();
  absl::Status Judge() const;

  const uint64_t min_free_;
  const FreeSpace free_space_;
  mutable std::mutex mutex_;
  std::vector<Place> places_;
  absl::Status state_;
};

}  // namespace birthseal::server
