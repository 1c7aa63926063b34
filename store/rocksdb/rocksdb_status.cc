// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_status.h"

#include <rocksdb/status.h>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::store {

absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view doing) {
  using absl::StatusCode;
  if (status.ok()) return absl::OkStatus();
  const auto error = [&](StatusCode code, absl::string_view reason) {
    return certs::Error(code, reason, absl::StrCat(doing, ": ", status.ToString()));
  };
  if (status.IsNotFound()) return error(StatusCode::kNotFound, "");
  if (status.IsCorruption()) return error(StatusCode::kDataLoss, "STORE_DAMAGED");
  if (status.IsBusy() || status.IsTryAgain() || status.IsExpired()) {
    return error(StatusCode::kAborted, "STORE_BUSY");
  }
  if (status.IsTimedOut()) return error(StatusCode::kDeadlineExceeded, "STORE_SLOW");
  if (status.IsNoSpace()) return error(StatusCode::kResourceExhausted, "DISK_FULL");
  if (status.IsIOError() || status.IsShutdownInProgress()) {
    return error(StatusCode::kUnavailable, "STORE_IO");
  }
  return error(StatusCode::kInternal, "STORE_ERROR");
}

}  // namespace birthseal::store
