// SPDX-License-Identifier: Apache-2.0
// What a RocksDB status means here, in one place. CONTRIBUTING.md, "Errors".
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace rocksdb {
class Status;
}

namespace birthseal::store {

// kNotFound; Corruption kDataLoss; Busy, TryAgain, Expired kAborted; TimedOut kDeadlineExceeded;
// NoSpace kResourceExhausted; IOError, ShutdownInProgress kUnavailable; the rest kInternal.
// `doing` says what failed. Thread-safe: pure.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing);

}  // namespace birthseal::store
