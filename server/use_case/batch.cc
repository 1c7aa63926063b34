// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/batch.h"

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/limits.h"

namespace birthseal::server {

absl::Status CheckBatchSize(size_t items) {
  if (items >= 1 && items <= certs::kMaxBatchItems) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "BATCH_SIZE",
                      absl::StrCat("a batch holds 1 to ", certs::kMaxBatchItems, " items"),
                      "items");
}

}  // namespace birthseal::server
