// SPDX-License-Identifier: Apache-2.0
// What R2 and R3 stand on: for each certificate, the first witnessed checkpoint that covers its
// ISSUED leaf, and the map proof of its newborn's label at that checkpoint.
//
// Thread-safe: pure over the snapshot of the checkpoint.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/witnessing/witnessed.h"
#include "store/commands.h"

namespace birthseal::server {

// Makes the commands for all certificates whose ISSUED leaf lies in [from, now.head.size) and gives
// them to `store`, some hundred certificates each, at least one command. A newborn without a label
// has none. The ledger keeps the checkpoint when a receipt of it is new. Stops early when
// `stopping` says so (kCancelled). Errors: those of `store`; kDataLoss.
absl::Status MakeReceipts(const Witnessed& now, certs::LeafIndex from,
                          const std::function<absl::Status(store::StoreReceipts)>& store,
                          const std::function<bool()>& stopping);

// From where receipts may be missing: the size of the last but one witnessed checkpoint that the
// store holds, since a crash may have come between the checkpoint of the last and its receipts.
absl::StatusOr<certs::LeafIndex> ReceiptsFrom(const store::Snapshot& snapshot,
                                              certs::LogEpoch epoch);

}  // namespace birthseal::server
