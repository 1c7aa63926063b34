// SPDX-License-Identifier: Apache-2.0
// The high-water file (高水位标记): a head that the log's keys never signed beyond, outside the
// database. A store that is restored, or a disk that forgets, cannot take it back.
//
// The file has two halves of 4,096 bytes, written in turn, each with a sum: a write that a power
// loss tears leaves the other one. Half: magic (8), sequence (8), length (4), body of the
// checkpoint (certs/proof/checkpoint.h), SM3 of all before it (32), zeros; big-endian. An empty
// body: nothing was signed yet.
// Thread-safety: one owner thread. Durability: Raise answers OK only after a sync.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "certs/proof/checkpoint.h"

namespace birthseal::server {

class HighWater {
 public:
  // Of an existing file. Errors: kNotFound "HIGH_WATER_MISSING"; kDataLoss "HIGH_WATER_DAMAGED" no
  // half is whole, or the file is shorter than two; kUnavailable "HIGH_WATER_IO". Of everything
  // that writes: also kResourceExhausted "DISK_FULL".
  static absl::StatusOr<std::unique_ptr<HighWater>> Open(const std::string& path);
  // A new file with this head, in one step: whole or not there. Replaces an older file.
  static absl::StatusOr<std::unique_ptr<HighWater>> Create(const std::string& path,
                                                           const certs::TreeHead& head = {});
  ~HighWater();
  HighWater(const HighWater&) = delete;
  HighWater& operator=(const HighWater&) = delete;

  // Size 0: nothing was signed yet.
  const certs::TreeHead& head() const { return head_; }
  // The caller has checked that `head` follows. After an error nobody knows what the file holds:
  // every later call fails too.
  absl::Status Raise(const certs::TreeHead& head);

 private:
  HighWater(int descriptor, uint64_t sequence, certs::TreeHead head);

  const int descriptor_;
  uint64_t sequence_;
  certs::TreeHead head_;
  bool failed_ = false;
};

}  // namespace birthseal::server
