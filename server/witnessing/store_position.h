// SPDX-License-Identifier: Apache-2.0
// Whether the store is at least what the log's keys have signed for: asked at start, before
// anything is served, and of every checkpoint that a witness shows. A restored store, or a disk
// that lost what it had acknowledged, is behind.
//
// A log epoch after that of the high-water file is accepted when its RECOVERY leaf says where the
// old epoch ended and that the file's head is among what was kept or is named as lost. Thread-safe:
// pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/proof/checkpoint.h"
#include "store/engine.h"

namespace birthseal::server {

// `mark`: the head in the high-water file; size 0: nothing was ever signed.
// Errors: kFailedPrecondition "STORE_BEHIND" the store lacks what was signed for, "STORE_FORKED" it
// holds another history, "HIGH_WATER_OTHER_LOG" the file is of another log; kDataLoss.
absl::Status CheckStorePosition(const certs::TreeHead& mark, absl::string_view log_name,
                                const store::Snapshot& snapshot);

}  // namespace birthseal::server
