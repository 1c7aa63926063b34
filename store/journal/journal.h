// SPDX-License-Identifier: Apache-2.0
// The journal: every committed batch once more, in append-only segment files that can be shipped to
// a second place. Backup plus journal is a restore. Format: FORMAT.md §5.
//
// Thread-safety: one caller at a time; it belongs to the ledger thread.
// Durability: Append answers OK after a sync of the file. After any error but that of order the
// journal refuses further appends (kUnavailable) until it is opened again: the record may or may
// not be there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/engine.h"

namespace birthseal::store {

class FileSystem;

struct JournalRecord {
  uint64_t sequence = 0;     // Meta.batch_sequence after the batch
  FenceEpoch fencing_epoch;  // of the writer
  WriteBatch batch;
};

class Journal {
 public:
  virtual ~Journal() = default;
  // Opens or makes the journal in `directory` and locks it against a second process. A record cut
  // short by a crash at the very end is removed. Errors: kDataLoss damage anywhere else;
  // kAborted another process has it open; kUnavailable, kResourceExhausted of the disk.
  // `files` outlives the journal; null: those of this machine.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& directory,
                                                       FileSystem* files = nullptr);

  // `sequence` follows the last one, or repeats it under a higher epoch (the batch of a writer that
  // was fenced). Errors: kFailedPrecondition out of order; others as above.
  virtual absl::Status Append(uint64_t sequence, FenceEpoch fencing_epoch,
                              const WriteBatch& batch) = 0;
  // Visits the records with a sequence above `after`, in order, each sequence once (the highest
  // epoch), until `visit` fails. Errors: kDataLoss; those of `visit`.
  virtual absl::Status Read(
      uint64_t after,
      const std::function<absl::Status(const JournalRecord& record)>& visit) const = 0;
  // Of the newest record; 0: none.
  virtual uint64_t last_sequence() const = 0;
  // Its fence. A new writer needs a higher one: a restored engine may have an older one.
  virtual FenceEpoch last_epoch() const = 0;
};

// Commits to the engine what the journal has and the engine (Meta.batch_sequence) lacks, under the
// caller's fence. Gives the number of batches. Errors: kDataLoss a gap between both, or a journal
// with records that ends before the engine does; those of Commit.
absl::StatusOr<uint64_t> ReplayInto(const Journal& journal, Engine* engine,
                                    FenceEpoch fencing_epoch);

// One batch as bytes (FORMAT.md §5) and back. Decode refuses what Encode cannot make: kDataLoss.
std::string EncodeBatch(const WriteBatch& batch);
absl::StatusOr<WriteBatch> DecodeBatch(absl::string_view bytes);

}  // namespace birthseal::store
