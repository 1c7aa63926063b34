// SPDX-License-Identifier: Apache-2.0
#include "store/meta.h"

#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "store/keys.h"

namespace birthseal::store {

storage::v1::Meta FirstMeta() {
  storage::v1::Meta meta;
  meta.set_format(kStoreFormat);
  meta.set_log_epoch(1);
  meta.set_next_status_index(1);
  meta.set_log_root(certs::Bytes(certs::EmptyRoot()));
  return meta;
}

absl::StatusOr<storage::v1::Meta> MetaOf(const Snapshot& snapshot) {
  const absl::StatusOr<std::string> stored = snapshot.Get(Family::kMeta, MetaKey());
  if (absl::IsNotFound(stored.status())) return FirstMeta();
  if (!stored.ok()) return stored.status();
  storage::v1::Meta meta;
  if (!meta.ParseFromString(*stored) || meta.format() != kStoreFormat) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                        "reading the ledger's counters");
  }
  return meta;
}

IntentKey IntentKeyOf(const storage::v1::Reservation& reservation) {
  return IntentKeyAt(certs::LogEpoch(reservation.log_epoch()),
                     certs::LeafIndex(reservation.intent_index()));
}

std::optional<IntentKey> IntentKeyOf(const storage::v1::CaseHead& head) {
  if (head.intent_index() == 0) return std::nullopt;
  const uint64_t place = head.intent_index() - 1;
  return IntentKeyAt(EpochAt(place), IndexAt(place));
}

certs::StatusIndex StatusIndexOf(const storage::v1::Reservation& reservation) {
  return certs::StatusIndex(reservation.status_index());
}

certs::StatusIndex StatusIndexOf(const storage::v1::CaseHead& head) {
  return certs::StatusIndex(head.status_index());
}

certs::StatusIndex ValidCertificateOf(const storage::v1::Newborn& newborn) {
  return certs::StatusIndex(newborn.valid_certificate());
}

absl::StatusOr<certs::Digest> LogRootOf(const storage::v1::Meta& meta) {
  const std::optional<certs::Digest> root = certs::DigestFrom(meta.log_root());
  if (!root) {
    return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                        "the root of the log cannot be one");
  }
  return *root;
}

certs::Digest MapRootOf(const storage::v1::Meta& meta) {
  // Absent until the map has its first label.
  return certs::DigestFrom(meta.map_root()).value_or(certs::Digest{});
}

}  // namespace birthseal::store
