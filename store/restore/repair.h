// SPDX-License-Identifier: Apache-2.0
// Rebuilds the indexes of a store at rest from the records they are derived from; nothing else.
//
// Derivable: licences (from certificates and reservations), reviews (from deliveries), nodes of the
// log (from leaves) and the claims of certificate numbers (from certificates). Each gets back the
// very bytes that replaying the journal would give, so nothing goes to the journal and
// Meta.batch_sequence stays: store and journal agree as before. A family with a block that cannot
// be read is emptied first and written anew as a whole. Whatever else is damaged must be restored,
// and as long as there is any of it nothing is changed.
// Stopped half-way, it is simply run again. Memory does not grow with the store.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "store/fsck/fsck.h"

namespace birthseal::store {

class Engine;

struct RepairReport {
  FsckReport before, after;  // `after` is clean
  uint64_t written = 0, erased = 0;
};

// `options` as for the check; without an index key, claims are not derivable. Errors:
// kFailedPrecondition "NOT_DERIVABLE" names the first record that must be restored; kDataLoss
// "REPAIR_INCOMPLETE"; those of commits. No other user may have the store open, and no compaction
// may run in it (RocksDbOptions::compact): one that meets a bad table ends all commits.
absl::StatusOr<RepairReport> RepairIndexes(Engine* engine, FsckOptions options);

}  // namespace birthseal::store
