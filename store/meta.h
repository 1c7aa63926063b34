// SPDX-License-Identifier: Apache-2.0
// The ledger's counters and positions, one record. Thread-safe: pure over the snapshot.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "certs/proof/log_place.h"
#include "certs/version.h"
#include "store/commands.h"
#include "store/engine.h"

namespace birthseal::store {

// FORMAT.md §7.
using certs::kStoreFormat;

// Of a store without anything: log epoch 1, empty log, empty map.
storage::v1::Meta FirstMeta();
// FirstMeta when nothing is stored. Errors: kDataLoss "RECORD_UNREADABLE" damaged, or of a format
// that this program does not know.
absl::StatusOr<storage::v1::Meta> MetaOf(const Snapshot& snapshot);
// Where the reservation is kept.
IntentKey IntentKeyOf(const storage::v1::Reservation& reservation);
// Where that of the case is or was kept; nothing: none was made.
[[nodiscard]] std::optional<IntentKey> IntentKeyOf(const storage::v1::CaseHead& head);
// 0: not yet.
certs::StatusIndex StatusIndexOf(const storage::v1::Reservation& reservation);
certs::StatusIndex StatusIndexOf(const storage::v1::CaseHead& head);
// The one in force; 0: none.
certs::StatusIndex ValidCertificateOf(const storage::v1::Newborn& newborn);
// Errors: kDataLoss "RECORD_UNREADABLE" damaged.
absl::StatusOr<certs::Digest> LogRootOf(const storage::v1::Meta& meta);
// Zeros: the empty map.
certs::Digest MapRootOf(const storage::v1::Meta& meta);

}  // namespace birthseal::store
